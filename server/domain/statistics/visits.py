"""What a ticket's times say: how long its visitor waited, walked, was served, and was here at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.queue.accuracy import Promise
from wire.vocabulary import TicketStatus, Withdrawal

NOT_CLOSED = "not_closed"
"""The outcome of a ticket that the day's end took from a counter: when its visitor left, nobody knows."""
TWICE_WITHIN = timedelta(seconds=30)
"""So soon after an unused ticket the same visitor has pressed again."""
_LONGEST_SECONDS = 24 * 3600


class Kind(StrEnum):
    """What a ticket is for figures; cleaned figures leave out all but the first."""

    KEPT = "kept"
    ABANDONED = "abandoned"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Visit:
    """A ticket with its times; `calls` are the instants of its calls, repeated ones too."""

    id: int
    service_id: int
    status: str
    is_booked: bool
    language: str
    issued_at: datetime
    queued_at: datetime
    calls: tuple[datetime, ...] = ()
    called_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outcome: str | None = None
    counter_id: int | None = None
    clerk_id: int | None = None
    promised_from: datetime | None = None
    promised_until: datetime | None = None

    @property
    def promise(self) -> Promise | None:
        """Return the expected time that it told with the call that came; None where it told or came to none."""
        if self.promised_from is None or self.promised_until is None or self.called_at is None:
            return None
        is_over = self.finished_at is not None
        return Promise(self.promised_from, self.promised_until, self.called_at) if is_over else None

    @property
    def is_known_to_end(self) -> bool:
        """Say whether people ended the ticket, or will: the day's end did not."""
        return self.outcome != NOT_CLOSED

    @property
    def is_used(self) -> bool:
        """Say whether its visitor was served, or still may be."""
        return self.status not in (TicketStatus.NO_SHOW, TicketStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Times:
    """Whole seconds; None is what did not happen, or what no clock can tell."""

    wait: int | None = None
    walk: int | None = None
    service: int | None = None
    total: int | None = None
    busy: int | None = None
    ran_back: bool = False


def times_of(visit: Visit) -> Times:
    """Work out the times of a visit.

    The wait is from joining the line in which the visitor was called to the first call there, the walk from the
    last call to the counter, the service from there to its end, the total from the ticket to its end; `busy` is
    how long the visit kept a counter. A time that would be negative (a clock was set back) or longer than a day
    is not known, and the visit is marked. A ticket that the day's end closed has no times.
    """
    if not visit.is_known_to_end:
        return Times()
    is_finished = visit.status == TicketStatus.FINISHED
    is_over = is_finished or visit.status == TicketStatus.NO_SHOW
    ended = visit.finished_at if is_finished else None
    spans = {
        "wait": _span(visit.queued_at, _first_call(visit)),
        "walk": _span(visit.called_at, visit.started_at),
        "service": _span(visit.started_at, ended),
        "total": _span(visit.issued_at, ended),
        "busy": _span(visit.called_at, visit.finished_at if is_over else None),
    }
    ran_back = any(each is not None and each < 0 for each in spans.values())
    return Times(**{name: _known(each) for name, each in spans.items()}, ran_back=ran_back)


def _known(seconds: int | None) -> int | None:
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST_SECONDS else None


def _first_call(visit: Visit) -> datetime | None:
    """Return the first call since the visitor stands in this line; a visitor set aside was called before."""
    if visit.called_at is None:
        return None
    since = [each for each in visit.calls if visit.queued_at <= each <= visit.called_at]
    return min(since, default=visit.called_at)


def _span(begin: datetime | None, end: datetime | None) -> int | None:
    return None if begin is None or end is None else round((end - begin).total_seconds())


def kinds(visits: Iterable[Visit]) -> Iterator[tuple[Visit, Kind]]:
    """Tell of each ticket what it is for figures, while no more than one of each line is held.

    Tickets come in the order in which they were given; they go out a little later, in another order. One is a
    duplicate if a clerk said so; or it is a walk-in ticket that was not used, and within half a minute the one
    before or after it of the same service and language was used.
    """
    held: dict[tuple[int, str], tuple[Visit, bool]] = {}
    for visit in visits:
        if visit.is_booked or visit.outcome == Withdrawal.TICKET_TWICE:
            yield visit, _kind_of(visit, is_twice=visit.outcome == Withdrawal.TICKET_TWICE)
            continue
        line = visit.service_id, visit.language
        before, is_twice = held.get(line, (None, False))
        if before is not None:
            yield before, _kind_of(before, is_twice=is_twice or _is_twin(before, visit))
        held[line] = visit, before is not None and _is_twin(visit, before)
    for visit, is_twice in held.values():
        yield visit, _kind_of(visit, is_twice=is_twice)


def duplicates(visits: Iterable[Visit]) -> frozenset[int]:
    """Find the tickets that somebody took twice, as `kinds` tells them."""
    return frozenset(visit.id for visit, kind in kinds(in_order(visits)) if kind is Kind.DUPLICATE)


def in_order(visits: Iterable[Visit]) -> list[Visit]:
    """Return tickets in the order in which they were given."""
    return sorted(visits, key=lambda visit: (visit.issued_at, visit.id))


def _is_twin(one: Visit, other: Visit) -> bool:
    """Say whether a ticket was not used, but another one was that was given just before or after it."""
    return not one.is_used and other.is_used and abs(other.issued_at - one.issued_at) <= TWICE_WITHIN


def _kind_of(visit: Visit, *, is_twice: bool) -> Kind:
    """Tell a duplicate, then a ticket that its visitor left unused (not come, gone, or waiting at the end)."""
    if is_twice:
        return Kind.DUPLICATE
    gone = visit.status == TicketStatus.WITHDRAWN and visit.outcome not in (
        Withdrawal.WRONG_SERVICE,
        Withdrawal.OTHER,
    )
    return Kind.ABANDONED if gone or visit.status == TicketStatus.NO_SHOW else Kind.KEPT
