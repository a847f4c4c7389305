"""The waiting line: its heads and its counts by index, however many wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Select,
    Subquery,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from server.domain.queue.order import Before, Lane, LineTicket
from server.domain.queue.tickets import TicketId
from server.store.hot_rows import HotRows
from server.store.prepared import Prepared
from server.store.tables import Call, Ticket, fixed
from server.store.types import EPOCH, Instant
from wire.vocabulary import TicketStatus, Withdrawal

MOST_COUNTED = 500

WAITING_COLUMNS = (
    Ticket.id,
    Ticket.service_id,
    Ticket.queued_at,
    Ticket.appointment_at,
    Ticket.priority,
    Ticket.urgent_since,
    Ticket.language,
)
WAITS = Ticket.status == fixed(TicketStatus.WAITING)
_NOBODY = Before(EPOCH, TicketId(0))
# The priority lane has three heads: by right, and by hour or arrival while its share is used up.
_HEADS: tuple[tuple[Lane, tuple[Any, ...], Any], ...] = (
    (Lane.URGENT, (), Ticket.lane_at),
    (Lane.PRIORITY, (), Ticket.lane_at),
    (Lane.PRIORITY, (Ticket.appointment_at.is_not(None),), Ticket.appointment_at),
    (Lane.PRIORITY, (Ticket.appointment_at.is_(None),), Ticket.lane_at),
    (Lane.BOOKED, (), Ticket.lane_at),
    (Lane.WALK_IN, (), Ticket.lane_at),
)


# Where languages give a head start, who is first among those who speak one of them.
_SPEAKING = (Lane.BOOKED, Lane.WALK_IN)


@lru_cache(maxsize=64)
def _heads(services: int, languages: int) -> Prepared:
    """Build the one statement that reads the heads of all lanes of so many services, for so many languages."""
    parts: list[Any] = []
    spoken = Ticket.language.in_([bindparam(f"language_{place}") for place in range(languages)])
    speaking = [(lane, (spoken,), Ticket.lane_at) for lane in _SPEAKING] if languages else []
    for place in range(services):
        for lane, only, order in (*_HEADS, *speaking):
            part = (
                select(*WAITING_COLUMNS)
                .where(WAITS, Ticket.service_id == bindparam(f"service_{place}"))
                .where(Ticket.lane == fixed(lane), Ticket.for_counter_id.is_(None), *only)
                .order_by(order, Ticket.id)
                .limit(bindparam("most"))
            )
            parts.append(select(part.subquery()))
    parts.append(select(*WAITING_COLUMNS).where(WAITS, Ticket.for_counter_id == bindparam("counter")))
    return Prepared(union_all(*parts))


def heads(
    session: Session,
    service_ids: Sequence[int],
    counter_id: int | None,
    most: int = 1,
    languages: Collection[str] = (),
) -> list[LineTicket]:
    """Read the tickets of which one is next at this counter: the first `most` of each head of each service,
    and everybody who was transferred to this very counter. `languages` are those that give a head start.
    """
    values: dict[str, Any] = {f"language_{place}": each for place, each in enumerate(sorted(languages))}
    values |= {f"service_{place}": service_id for place, service_id in enumerate(service_ids)}
    limits = {"most": most, "counter": counter_id or 0}
    rows = _heads(len(service_ids), len(languages)).all(session, values | limits)
    found = (line_ticket(row) for row in rows)
    return list({ticket.id: ticket for ticket in found}.values())


MOST_PREVIEWED = 400


def waiting_line(session: Session, service_ids: Sequence[int]) -> list[LineTicket]:
    """Read who waits for some services, in the order in which they were queued; 400 at most."""
    return [line_ticket(row) for row in session.execute(who_waits(service_ids).limit(MOST_PREVIEWED))]


def who_waits(service_ids: Sequence[int]) -> Select[Any]:
    """Select who waits for some services, as they were queued, and to which counter each was sent."""
    waits = those_who_wait(service_ids)
    return select(waits).order_by(waits.c.queued_at, waits.c.id)


def those_who_wait(service_ids: Sequence[int]) -> Subquery:
    """Select who waits for some services, in no order.

    Those in line and those who were sent to one counter stand in indexes of their own: no ticket of the past is
    looked at.
    """
    asked = select(*WAITING_COLUMNS, Ticket.for_counter_id).where(WAITS, Ticket.service_id.in_(service_ids))
    sent = Ticket.for_counter_id
    return union_all(asked.where(sent.is_(None)), asked.where(sent.is_not(None))).subquery()


class CalledBefore(NamedTuple):
    """Somebody who was called: number, when, as the calling order saw them, and what else decided it."""

    number: str
    called_at: datetime
    ticket: LineTicket
    out_of_order: bool
    sent_to_counter: bool


def called_since(session: Session, mine: Ticket, until: datetime, most: int) -> list[CalledBefore]:
    """Read who of a ticket's service and day was called since it joined the line, the latest first."""
    decided = select(Call.id).where(Call.ticket_id == Ticket.id, Call.reason.is_not(None)).exists()
    query = (
        select(*WAITING_COLUMNS, Ticket.number, Ticket.called_at, decided, Ticket.for_counter_id)
        .where(Ticket.branch_id == mine.branch_id, Ticket.day == mine.day, Ticket.id != mine.id)
        .where(Ticket.service_id == mine.service_id)
        .where(Ticket.called_at >= mine.queued_at, Ticket.called_at <= until)
        .order_by(Ticket.called_at.desc(), Ticket.id.desc())
        .limit(most)
    )
    return [
        CalledBefore(number, called_at, line_ticket(row), bool(is_decided), counter is not None)
        for *row, number, called_at, is_decided, counter in session.execute(query)
    ]


def line_ticket(row: Any) -> LineTicket:
    """See a row of `WAITING_COLUMNS` as the calling order does."""
    return LineTicket(TicketId(row[0]), row[1], row[2], row[3], row[4] is not None, row[5], row[6])


def first_booked(session: Session, service_id: int, day: date) -> tuple[datetime, datetime] | None:
    """Read the booked visitor of a day who waits first in a service's line: hour of the visit, queued."""
    query = select(Ticket.appointment_at, Ticket.queued_at).where(
        *(WAITS, Ticket.service_id == service_id, Ticket.lane == fixed(Lane.BOOKED)),
        *(Ticket.for_counter_id.is_(None), Ticket.day == day),
    )
    row: Any = session.execute(query.order_by(Ticket.lane_at, Ticket.id).limit(1)).first()
    return None if row is None else (row[0], row[1])


_HOLD = HotRows(
    select(Ticket).where(WAITS, Ticket.id == bindparam("ticket")).with_for_update(skip_locked=True)
)


def hold(session: Session, ticket_id: int) -> Ticket | None:
    """Read and lock the chosen ticket if it still waits and nobody else holds it (PostgreSQL: SKIP LOCKED)."""
    return _HOLD.first(session, {"ticket": ticket_id})


def _count_before(lane: Lane, line: str) -> Any:
    before = tuple_(Ticket.lane_at, Ticket.id) < tuple_(
        bindparam(f"{line}_{lane}_at", type_=Instant()), bindparam(f"{line}_{lane}_id")
    )
    rows = (
        select(Ticket.id)
        .where(WAITS, Ticket.service_id == bindparam("service"), Ticket.lane == fixed(lane))
        .where(Ticket.for_counter_id.is_(None), before)
        .limit(literal_column(str(MOST_COUNTED)))
        .subquery()
    )
    return select(func.count()).select_from(rows).scalar_subquery()


def _counting(*lines: str) -> Prepared:
    return Prepared(
        select(*(_count_before(lane, line).label(f"{line}_{lane}") for line in lines for lane in Lane))
    )


_AHEAD, _AHEAD_TWICE = _counting("first"), _counting("first", "second")
Ranges = Mapping[Lane, Before | None]
"""What stands before a ticket: a range of each lane, None for nobody."""


def count_ahead(session: Session, service_id: int, ranges: Ranges) -> int:
    """Count the waiting tickets of a service inside the lanes' ranges, each lane up to MOST_COUNTED."""
    values = {"service": service_id} | _range_values("first", ranges)
    return sum(_AHEAD.first(session, values) or ())


def count_ahead_twice(session: Session, service_id: int, first: Ranges, second: Ranges) -> tuple[int, int]:
    """Count as `count_ahead` does inside the ranges of two views of the same line; what they share but once."""
    if second == first:
        return (count_ahead(session, service_id, first),) * 2
    differ = {lane: before if before != first[lane] else None for lane, before in second.items()}
    values = {"service": service_id} | _range_values("first", first) | _range_values("second", differ)
    counts = _AHEAD_TWICE.first(session, values) or ()
    once, again = counts[: len(Lane)], counts[len(Lane) :]
    shared = sum(count for lane, count in zip(Lane, once, strict=True) if second[lane] == first[lane])
    return sum(once), shared + sum(again)


def _range_values(line: str, ranges: Ranges) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for lane, before in ranges.items():
        values[f"{line}_{lane}_at"] = (before or _NOBODY).at
        values[f"{line}_{lane}_id"] = (before or _NOBODY).id
    return values


@lru_cache(maxsize=64)
def _counts(services: int) -> Prepared:
    # A count for each: GROUP BY over the same index takes twice as long.
    parts = [
        select(bindparam(f"service_{place}", type_=Integer()), func.count())
        .select_from(Ticket)
        .where(WAITS, Ticket.for_counter_id.is_(None), Ticket.service_id == bindparam(f"service_{place}"))
        for place in range(services)
    ]
    return Prepared(union_all(*parts))


def waiting_by_service(session: Session, service_ids: Collection[int]) -> dict[int, int]:
    """Count who waits in each service's line, if anybody; those sent to one counter wait for that one alone."""
    if not service_ids:
        return {}
    values = {f"service_{place}": service_id for place, service_id in enumerate(service_ids)}
    return {row[0]: row[1] for row in _counts(len(service_ids)).all(session, values) if row[1]}


class LeftOver(NamedTuple):
    """A ticket that left the line because its day is over."""

    id: int
    branch_id: int
    hall_id: int
    number: str


def left_over(
    session: Session, service_ids: Sequence[int], counter_ids: Sequence[int], today: date, before: datetime
) -> list[int]:
    """List waiting tickets of days before `today` whose place in the line is by an instant before `before`."""
    # Each part is a look into an index of those who wait: history does not make it longer.
    in_lanes = [
        select(Ticket.id)
        .where(WAITS, Ticket.service_id.in_(service_ids), Ticket.for_counter_id.is_(None))
        .where(Ticket.lane == fixed(lane), Ticket.lane_at < before)
        for lane in Lane
    ]
    sent = select(Ticket.id).where(WAITS, Ticket.for_counter_id.in_(counter_ids), Ticket.lane_at < before)
    old = union_all(*in_lanes, sent)
    return list(session.execute(select(Ticket.id).where(Ticket.id.in_(old), Ticket.day < today)).scalars())


def waiting_on(session: Session, service_ids: Sequence[int], day: date, most: int) -> list[int]:
    """List tickets of a day that wait for some services, or were sent to a counter: the longest first."""
    query = select(Ticket.id).where(WAITS, Ticket.service_id.in_(service_ids), Ticket.day == day)
    return list(session.execute(query.order_by(Ticket.queued_at, Ticket.id).limit(most)).scalars())


def withdraw(session: Session, ticket_ids: Iterable[int], now: datetime) -> list[LeftOver]:
    """Take those who still wait out of the line because their day is over, and return them."""
    rows = session.execute(
        update(Ticket)
        .where(WAITS, Ticket.id.in_(list(ticket_ids)))
        .values(status=TicketStatus.WITHDRAWN, finished_at=now, outcome=Withdrawal.DAY_OVER)
        .returning(Ticket.id, Ticket.branch_id, Ticket.hall_id, Ticket.number)
        .execution_options(synchronize_session=False)
    )
    return [LeftOver(*row) for row in rows]
