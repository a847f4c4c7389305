"""What the overview of a hall reads: lines by lane, counters, who has yet to come, the day's waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.store.queries.booking.reservations import STANDS
from server.store.queries.queue import those_who_wait
from server.store.queries.tickets import IN_HAND
from server.store.tables import Counter, Reservation, Ticket, User, fixed
from wire.vocabulary import ReservationStatus, TicketStatus

# A call that was taken back is none.
NOT_CALLED = frozenset({TicketStatus.WAITING, TicketStatus.WITHDRAWN})
_WAITS = Ticket.status == fixed(TicketStatus.WAITING)
# Who came before the hour of the visit has waited since that hour.
_SINCE = case((Ticket.appointment_at > Ticket.queued_at, Ticket.appointment_at), else_=Ticket.queued_at)


class Waiting(NamedTuple):
    """How many of a service wait in a lane, and the earliest instant since when."""

    service_id: int
    lane: str
    tickets: int
    since: datetime


class Place(NamedTuple):
    """A counter as it is now, and who sits there."""

    id: int
    state: str
    state_since: datetime | None
    clerk: str | None
    clerk_id: int | None


class ToCome(NamedTuple):
    """How many booked visitors of a service have yet to come today, and the hour of the first."""

    service_id: int
    visitors: int
    first_at: datetime


def waiting(session: Session, service_ids: Sequence[int], counter_ids: Sequence[int]) -> list[Waiting]:
    """Count who waits for some services, by lane; those who were sent to one of the counters too."""
    what = select(Ticket.service_id, Ticket.lane, func.count(), func.min(_SINCE)).where(_WAITS)
    # Two statements: each is a look into an index of those who wait.
    in_line = what.where(Ticket.service_id.in_(service_ids), Ticket.for_counter_id.is_(None))
    sent = what.where(Ticket.for_counter_id.in_(counter_ids), Ticket.service_id.in_(service_ids))
    return [
        Waiting(*row)
        for each in (in_line, sent)
        for row in session.execute(each.group_by(Ticket.service_id, Ticket.lane))
    ]


def waiting_by_origin(session: Session, service_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Count who waits for some services: with a reservation, and without."""
    waits = those_who_wait(service_ids).c
    booked = func.count(waits.appointment_at)
    query = select(waits.service_id, booked, func.count() - booked)
    found = session.execute(query.group_by(waits.service_id))
    return {service_id: (with_one, without) for service_id, with_one, without in found}


def last_called(session: Session, branch_id: int, day: date) -> dict[int, tuple[str, datetime]]:
    """Read the number of each service that was called last on a day, and when; a call taken back is none."""
    place = func.row_number().over(
        partition_by=Ticket.service_id, order_by=(Ticket.called_at.desc(), Ticket.id.desc())
    )
    calls = (
        select(Ticket.service_id, Ticket.number, Ticket.called_at, place.label("place"))
        .where(Ticket.branch_id == branch_id, Ticket.day == day, Ticket.called_at.is_not(None))
        .where(Ticket.status.not_in([fixed(each) for each in NOT_CALLED]))
        .subquery()
    )
    found = session.execute(select(calls).where(calls.c.place == 1))
    return {row.service_id: (row.number, row.called_at) for row in found}


def places(session: Session, counter_ids: Sequence[int]) -> dict[int, Place]:
    """Read the state of counters and the names of their clerks."""
    rows = session.execute(
        select(Counter.id, Counter.state, Counter.state_since, User.name, User.id)
        .outerjoin(User, User.id == Counter.clerk_id)
        .where(Counter.id.in_(counter_ids))
    )
    return {row[0]: Place(*row) for row in rows}


def in_hand(session: Session, counter_ids: Sequence[int]) -> dict[int, Ticket]:
    """Read the ticket that each counter has called or serves."""
    rows = session.execute(
        select(Ticket).where(
            Ticket.counter_id.in_(counter_ids), Ticket.status.in_([fixed(each) for each in IN_HAND])
        )
    ).scalars()
    return {row.counter_id: row for row in rows if row.counter_id is not None}


def last_ended(session: Session, counter_ids: Sequence[int], day: date) -> dict[int, datetime]:
    """Read when each counter ended its last ticket of a day."""
    rows = session.execute(
        select(Ticket.counter_id, func.max(Ticket.finished_at))
        .where(Ticket.counter_id.in_(counter_ids), Ticket.day == day, Ticket.finished_at.is_not(None))
        .group_by(Ticket.counter_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None and row[1] is not None}


def to_come(
    session: Session, service_ids: Sequence[int], now: datetime, until: datetime
) -> dict[int, ToCome]:
    """Count the booked visitors of each service who can still take their ticket before an instant."""
    rows = session.execute(
        select(Reservation.service_id, func.count(), func.min(Reservation.appointment_at))
        .where(STANDS, Reservation.lapses_at >= now, Reservation.lapses_at < until)
        .where(Reservation.status == ReservationStatus.BOOKED, Reservation.service_id.in_(service_ids))
        .group_by(Reservation.service_id)
    )
    return {row[0]: ToCome(*row) for row in rows}


def waits_of_day(
    session: Session, branch_id: int, service_ids: Sequence[int], day: date
) -> list[tuple[datetime, datetime | None]]:
    """Read from when until when each ticket of a day waited; None for who waits still."""
    rows: Any = session.execute(
        select(Ticket.queued_at, Ticket.called_at, Ticket.finished_at).where(
            Ticket.branch_id == branch_id, Ticket.day == day, Ticket.service_id.in_(service_ids)
        )
    )
    return [(queued, called or finished) for queued, called, finished in rows]


def in_line(session: Session, service_id: int, most: int = 500) -> list[Ticket]:
    """Read the tickets that wait for a service, those sent to one counter too."""
    mine = select(Ticket).where(_WAITS, Ticket.service_id == service_id)
    in_lane = mine.where(Ticket.for_counter_id.is_(None)).limit(most)
    sent = mine.where(Ticket.for_counter_id.is_not(None)).limit(most)
    return [row for each in (in_lane, sent) for row in session.execute(each).scalars()]
