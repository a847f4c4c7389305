"""How often somebody may ask (rule 9): the browser's session counts first, then the block of addresses.

A carrier puts hundreds of people behind one block, so a block alone tells nobody apart (docs/adr/0019):

- A session of ours, known by the signed cookie, may ask ⚙ requests_per_minute, whatever its neighbours do.
- A request without one (or with a forged one) is a newcomer's, and gets a session when it is let in. A block has
  ⚙ newcomers_per_ten_minutes. Beyond them nobody new is let in for ten minutes, the next time for twenty, then
  for forty; after two hours this begins anew. Sessions do not feel it.
- What is the same for everybody and may be kept (the queue for other programs) is counted for the block, apart
  from what people do there: no cookie is asked for or set, and those who book lose nothing by it.
- What was let in counts for the block's high bound ⚙ block_requests_per_minute. What was refused does not, so
  that no single browser uses up what its neighbours have.
"""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from functools import cache, lru_cache
from typing import NoReturn

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from server.domain.guard.tries import TryPolicy, wait_until
from server.portal import visitor_session
from server.portal.guard.request_counts import Tally
from server.web.request_context import request_context
from wire.settings import PortalSettings

TALLY = "numerek_limiter"
COUNTED = "numerek.counted"
"""Where a request that was counted before it came to Flask has the limit's key that it is beyond, or None."""
PASS = "numerek.pass"  # noqa: S105 - a name
"""Where a request has the name of the pass by which the line in front let it in, if one is kept."""
_BROWSERS_OF_A_PASS = 3
"""So many browsers may come in by one pass, since cookies get lost; a hundred that copied it may not."""
_MINUTE, _TEN_MINUTES, _HOUR = 60, 600, 3_600
_PAUSE = TryPolicy(
    free=1, first=timedelta(minutes=10), longest=timedelta(minutes=40), within=timedelta(hours=2)
)


def join(app: Flask, settings: PortalSettings) -> None:
    """Count all requests but those for files."""
    app.extensions[TALLY] = Tally(settings.limits_store)
    app.before_request(lambda: _let_in(settings))


def address_block() -> str:
    """Return the block of addresses that the request comes from: /24 of IPv4, /56 of IPv6.

    Behind a trusted proxy it is the visitor's, not the proxy's (uvicorn sees to that).
    """
    return block_of(request.remote_addr or "")


@lru_cache(maxsize=4_096)
def block_of(address: str) -> str:
    """Return the block that an address lies in; an address that is none is its own block."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address or "unknown"
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is not None:
        read = read.ipv4_mapped
    return str(ipaddress.ip_network((read, 24 if read.version == 4 else 56), strict=False))


def stop_too_often(what: str, *, block: str, session: str | None = None) -> None:
    """Count `what` once more for this session and its block; raise TooManyRequests (429) beyond either limit.

    Limits are written as "5 per hour"; without one for the session only the block's holds.
    """
    if session is not None:
        _count(f"{what}/{visitor_session.mark()}", _limit(session))
    _count(f"{what}/{address_block()}", _limit(block))


def _let_in(settings: PortalSettings) -> None:
    if not _tally().enabled or request.endpoint == "asset":
        return
    if visitor_session.is_everybodys():
        return _stop_beyond(settings.block_requests_per_minute, f"everybody/{address_block()}", _MINUTE)
    known, block = visitor_session.mark(), address_block()
    if known is not None:
        counted = COUNTED in request.environ
        if key := request.environ[COUNTED] if counted else count_known(_tally(), settings, known, block):
            _stop(key)
        return
    if (name := request.environ.get(PASS)) is not None:
        _stop_beyond(_BROWSERS_OF_A_PASS, f"pass/{name}", _HOUR)
    _let_in_newcomer(block, settings.newcomers_per_ten_minutes)
    _stop_beyond(settings.block_requests_per_minute, f"block/{block}", _MINUTE)
    visitor_session.make_mark()


def count_known(tally: Tally, settings: PortalSettings, mark: str, block: str) -> str | None:
    """Count a request of a browser that is known; return the key of the limit that it is beyond, if it is."""
    for key, most in (
        (f"session/{mark}", settings.requests_per_minute),
        (f"block/{block}", settings.block_requests_per_minute),
    ):
        if tally.count(key, _MINUTE) > most:
            return key
    return None


def _let_in_newcomer(block: str, most: int) -> None:
    tally, newcomers, pause = _tally(), f"newcomers/{block}", f"pause/{block}"
    if tally.counted(pause):
        _stop(pause)
    count = tally.count(newcomers, _TEN_MINUTES)
    if count <= most:
        return
    if count > most + 1:  # the one before begins the pause
        _stop(newcomers)
    times = tally.count(f"pauses/{block}", int(_PAUSE.within.total_seconds()))
    now = request_context().now
    until = wait_until(times, now, _PAUSE) or now
    tally.count(pause, int((until - now).total_seconds()))
    _stop(pause)


def _count(key: str, limit: RateLimitItem) -> None:
    _stop_beyond(limit.amount, key, limit.get_expiry())


def _stop_beyond(most: int, key: str, seconds: int) -> None:
    if _tally().count(key, seconds) > most:
        _stop(key)


def _stop(key: str) -> NoReturn:
    raise TooManyRequests(retry_after=_tally().wait(key))


def _tally() -> Tally:
    tally: Tally = current_app.extensions[TALLY]
    return tally


@cache
def _limit(most: str) -> RateLimitItem:
    return parse(most)
