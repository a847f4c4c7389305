"""Limits per person, account or device that hold on every server: attempts are rows (rule 9)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.ports import Outside
from server.store.keyring import Keyring
from server.store.queries import guard as rows
from server.store.store import Store

KEPT = timedelta(days=2)
"""How long attempts are kept: no limit looks further back."""
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts of a kind somebody may make within a time."""

    kind: str
    most: int
    within: timedelta


def count_attempt(session: Session, context: Context, kind: str, who: str) -> None:
    """Count an attempt of somebody; `who` is kept as a keyed hash only."""
    rows.add_attempt(session, kind, _key(context, kind, who), context.now)


def attempts_of_either(
    session: Session, context: Context, kind: str, who: tuple[str, str], within: timedelta
) -> Collection[tuple[int, datetime | None]]:
    """Return how many attempts each of two made within the time, and when the last one was; none: left out."""
    one, other = (_key(context, kind, each) for each in who)
    return rows.attempts_of_either(session, kind, one, other, context.now - within).values()


def admit(session: Session, context: Context, limit: Limit, who: str) -> int | None:
    """Count an attempt if the limit allows it; else return in how many seconds one is allowed again."""
    key = _key(context, limit.kind, who)
    rows.one_at_a_time(session, key)
    count, first = rows.attempts(session, limit.kind, key, context.now - limit.within)
    if count >= limit.most:
        return max(1, ceil(((first or context.now) + limit.within - context.now).total_seconds()))
    rows.add_attempt(session, limit.kind, key, context.now)
    return None


def spend(session: Session, context: Context, kind: str, what: str) -> bool:
    """Spend something that counts once, such as a solved puzzle; False when it was spent before."""
    return _spent(session, context.keys, f"attempt {kind}", what, context.now)


def forget_attempts(store: Store, context: Context, _outside: Outside | None = None) -> int:
    """Forget attempts that no limit looks at any more: a job; return how many."""
    before = context.now - KEPT
    forgotten = 0
    while store.read(lambda session: rows.has_attempts(session, before)):
        forgotten += store.write(lambda session: rows.forget_attempts(session, before, _AT_ONCE))
    return forgotten


def spender(store: Store, keys: Keyring) -> Callable[[str, datetime], bool]:
    """Make what keeps that a puzzle was solved: once, on whichever server, each in a transaction of its own."""

    def spend(what: str, now: datetime) -> bool:
        return store.write(lambda session: _spent(session, keys, "attempt challenge", what, now))

    return spend


def _spent(session: Session, keys: Keyring, kind: str, what: str, now: datetime) -> bool:
    """Spend it under each key: a server that makes with another one finds it spent."""
    return all(rows.spend(session, each, now) for each in sorted(keys.lookups(kind, what)))


def _key(context: Context, kind: str, who: str) -> bytes:
    return context.keys.lookup(f"attempt {kind}", who)
