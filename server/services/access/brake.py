"""Guessing passwords and codes slows down, on every server at once, without locking the owner out elsewhere."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain.guard.tries import TryPolicy, wait_until
from server.services.context import Context, RuleBroken
from server.store.queries import guard as rows

_POLICY = TryPolicy(free=5, longest=timedelta(seconds=60))
_KIND = "staff_try"


def counted_source(address: str) -> str:
    """Return what tries from an address are counted by: an IPv6 network (/64), else the address itself.

    Whoever has one address of IPv6 has the 2^64 of its network, and could try under another each time.
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv4Address):
        return str(read)
    return str(read.ipv4_mapped or ipaddress.ip_network((read, 64), strict=False))


def admit(session: Session, context: Context, who: str) -> RuleBroken | None:
    """Count a try before it is looked at, so that many at once gain nothing; 429 `slow_down` when too soon.

    `who` names who tries what, such as a device and a login; it is kept as a keyed hash only.
    """
    key = _key(context, who)
    rows.one_at_a_time(session, key)
    count, last = rows.attempts_and_last(session, _KIND, key, context.now - _POLICY.within)
    until = wait_until(count, last, _POLICY)
    if until is not None and until > context.now:
        return RuleBroken(429, "slow_down", retry_after=int((until - context.now).total_seconds()) + 1)
    rows.add_attempt(session, _KIND, key, context.now)
    return None


def forgive(session: Session, context: Context, who: str) -> None:
    """Forget the tries of somebody: the last one was right."""
    rows.forget_attempts_of(session, _KIND, _key(context, who))


def _key(context: Context, who: str) -> bytes:
    return context.keys.lookup("staff try", who)
