"""The line in front of the pages as all servers count it, and the hours that draw its order (rule 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from server.domain.release.arrivals import (
    DRAWN_LATER,
    Drawn,
    coming_hour,
    holds,
    next_pace,
    step_of,
    turn_of,
)
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.services.release import shuffles
from server.store.queries.release import arrivals as rows
from server.store.store import Store
from wire.vocabulary import ReleaseMode

__all__ = [
    "DRAWN_LATER",
    "GIVEN",
    "LET_IN",
    "Counting",
    "Line",
    "Seen",
    "StoreCounts",
    "next_pace",
    "step_of",
    "turn_of",
]
GIVEN, LET_IN = "given", "let in"
_FIRST, _LAST = "first ", "last "
_KEPT = timedelta(days=1)
_HOURS_KEPT = 50


class Counting(Protocol):
    """Where all servers count together; every call may raise StoreUnavailable."""

    def add(self, name: str, more: int) -> int:
        """Add to GIVEN or LET_IN; return what it has come to."""

    def read(self, stored: Mapping[str, int]) -> tuple[int, int]:
        """Return what GIVEN and LET_IN have come to; `stored` is what the database holds, read just now."""


class StoreCounts:
    """Counts in the database, where no common store is set."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, more: int) -> int:
        """Add to a count; return what it has come to."""
        return self._store.write(lambda session: rows.add(session, name, more))

    def read(self, stored: Mapping[str, int]) -> tuple[int, int]:
        """Return what the counts have come to."""
        return stored.get(GIVEN, 0), stored.get(LET_IN, 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """The line at one moment: numbers given, people let in, orders drawn, the hour that draws the next one."""

    given: int
    let_in: int
    drawn: tuple[Drawn, ...] = ()
    held_until: datetime | None = None


class Line:
    """The line in front of the pages, the same at every server."""

    def __init__(self, store: Store, counting: Counting) -> None:
        self._store = store
        self._counting = counting
        self._drawn: dict[tuple[str, int], Drawn | None] = {}

    def take(self, many: int) -> int:
        """Give so many numbers; return the last of them. Raises StoreUnavailable."""
        return self._counting.add(GIVEN, many)

    def let_in(self, more: int) -> int:
        """Let so many more in; return how many that makes. Raises StoreUnavailable."""
        return self._counting.add(LET_IN, more)

    def look(self, context: Context, pace: float) -> Seen:
        """See how the line stands; `pace` is how many a second are let in. Raises StoreUnavailable.

        If more stand in it than can be let in until an hour of release, nobody is let in until then, and the hour
        draws the order of all who came before it: once, whichever server comes to it first.
        """
        counts = self._store.read(rows.counts)
        given, let_in = self._counting.read(counts)
        coming, lost = _hour_that_comes(context), _lost(counts, given)
        if lost or _to_bind(counts, coming, context.now, (given, let_in), pace):
            self._store.write(lambda session: _bind(session, context, coming, (given, let_in), pace, lost))
            counts = self._store.read(rows.counts)
        drawn, held_until = [], None
        for name in sorted(counts, reverse=True):
            if not name.startswith(_FIRST):
                continue
            hour = name.removeprefix(_FIRST)
            last = counts.get(_LAST + hour)
            if last is None:
                held_until = datetime.fromisoformat(hour)
            elif (order := self._order_of(context, hour, last)) is not None:
                drawn.append(order)
        return Seen(given, let_in, tuple(drawn), held_until)

    def _order_of(self, context: Context, hour: str, last: int) -> Drawn | None:
        """Return the order that an hour drew; it is read once."""
        if (hour, last) not in self._drawn:
            at = datetime.fromisoformat(hour)
            order = self._store.read(lambda session: shuffles.line_at(session, context, at))
            self._drawn = {(hour, last): order} | dict(list(self._drawn.items())[:_HOURS_KEPT])
        return self._drawn[hour, last]


def _to_bind(
    counts: dict[str, int], coming: datetime | None, now: datetime, line: tuple[int, int], pace: float
) -> dict[str, int]:
    """Return what must be set: the first number that an hour draws, or the last one once it has come."""
    given, let_in = line
    firsts = [name.removeprefix(_FIRST) for name in counts if name.startswith(_FIRST)]
    missing = {
        _LAST + hour: given
        for hour in firsts
        if _LAST + hour not in counts and datetime.fromisoformat(hour) <= now
    }
    is_drawn_still = any(name.startswith(_LAST) and last > let_in for name, last in counts.items())
    is_new = coming is not None and _FIRST + coming.isoformat() not in counts and not is_drawn_still
    if coming is not None and is_new and holds(given - let_in, pace, coming - now):
        missing[_FIRST + coming.isoformat()] = let_in
    return missing


def _lost(counts: Mapping[str, int], given: int) -> list[str]:
    """Return the bounds of hours whose numbers were lost with the counts that gave them: those draw nothing.

    Else no bound is above the count, which is read after them.
    """
    beyond = (name for name, count in counts.items() if name.startswith((_FIRST, _LAST)) and count > given)
    hours = {name.partition(" ")[2] for name in beyond}
    return [begins + hour for hour in hours for begins in (_FIRST, _LAST)]


def _bind(
    session: Session,
    context: Context,
    coming: datetime | None,
    line: tuple[int, int],
    pace: float,
    lost: list[str],
) -> None:
    old = (context.now - _KEPT).isoformat()
    bounds = [name for name in rows.counts(session) if name.startswith((_FIRST, _LAST))]
    rows.forget(session, [*lost, *(name for name in bounds if name.partition(" ")[2] < old)])
    for name, count in _to_bind(rows.counts(session), coming, context.now, line, pace).items():
        rows.set_once(session, name, count)
        # Another server may have been first: what is set counts.
        bound, hour = rows.counts(session)[name], datetime.fromisoformat(name.partition(" ")[2])
        if name.startswith(_LAST):
            shuffles.bind_line(session, hour, bound)
        else:
            shuffles.hold_line(session, context, _daily(context)[hour], hour, bound)


def _daily(context: Context) -> dict[datetime, ServiceView]:
    """Return the hours of release whose rooms are open, each with the service whose secret draws the line."""
    hours: dict[datetime, ServiceView] = {}
    for _, service in sorted(context.office.services.items()):
        if service.policy.booking.release == ReleaseMode.DAILY:
            at = service.policy.booking.release_at, context.branch(service.branch_id).policy.zone
            hour = coming_hour([at], context.now)
            if hour is not None:
                hours.setdefault(hour, service)
    return hours


def _hour_that_comes(context: Context) -> datetime | None:
    return min(_daily(context), default=None)
