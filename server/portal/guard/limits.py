"""How often an address block may ask: counted in memory, or where several servers can count together ⚙."""

from __future__ import annotations

import ipaddress
import logging
import time
from functools import cache
from math import ceil
from typing import NoReturn

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from server.portal.guard.request_counts import Counts
from wire.settings import PortalSettings

# It would write the address block.
logging.getLogger("flask-limiter").setLevel(logging.WARNING)


def join(app: Flask, settings: PortalSettings) -> None:
    """Count all requests but those for files."""
    most = f"{settings.requests_per_minute} per minute"
    limiter = Limiter(
        address_block,
        storage_uri=settings.limits_store or f"{Counts.STORAGE_SCHEME[0]}://",
        application_limits=[most],
        request_identifier=lambda: request.endpoint or "nothing",
        in_memory_fallback_enabled=True,
    )
    limiter.request_filter(lambda: request.endpoint == "asset")
    app.extensions["numerek_limiter"] = limiter
    if settings.limits_store:
        limiter.init_app(app)
        return
    # The library's own check sees to a common store that is away. In memory none can be: there each request is
    # counted at once, and the search for limits of pages, which costs as much as two reads of the database, is
    # left to an application that nobody asks.
    limiter.init_app(Flask("limits", static_folder=None))
    app.before_request(lambda: _count(limiter, most))


def address_block() -> str:
    """Return the block of addresses that the request comes from: /24 of IPv4, /56 of IPv6.

    Behind a trusted proxy it is the visitor's, not the proxy's (uvicorn sees to that).
    """
    return block_of(request.remote_addr or "")


def block_of(address: str) -> str:
    """Return the block that an address lies in; an address that is none is its own block."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address or "unknown"
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is not None:
        read = read.ipv4_mapped
    return str(ipaddress.ip_network((read, 24 if read.version == 4 else 56), strict=False))


def stop_too_often(what: str, most: str) -> None:
    """Count `what` once more for this address block; raise TooManyRequests (429) beyond `most`, as "5/hour"."""
    limiter: Limiter = current_app.extensions["numerek_limiter"]
    item, names = _limit(most), (address_block(), what)
    if not limiter.limiter.hit(item, *names):
        _stop(limiter.limiter.get_window_stats(item, *names).reset_time)


def seconds_to_wait() -> int:
    """Return how long a request that was stopped by the common limit should wait."""
    limiter: Limiter = current_app.extensions["numerek_limiter"]
    limit = limiter.current_limit
    # The library rounds up to the next full second already.
    return max(1, int(limit.reset_at - time.time())) if limit else 60


def _count(limiter: Limiter, most: str) -> None:
    if limiter.enabled and request.endpoint != "asset":
        stop_too_often("request", most)


@cache
def _limit(most: str) -> RateLimitItem:
    return parse(most)


def _stop(until: float) -> NoReturn:
    wait = max(1, ceil(until - time.time()))
    raise TooManyRequests(retry_after=wait)
