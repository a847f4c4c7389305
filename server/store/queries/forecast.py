"""What a forecast reads: who waits, who is booked and has not come, and how visits of the last weeks went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.domain.queue.accuracy import Promise
from server.domain.queue.order import LineTicket
from server.domain.statistics.sums import Origin
from server.store.queries.booking.reservations import STANDS
from server.store.queries.queue import line_ticket, who_waits
from server.store.queries.tickets import CLOSED_BY_PEOPLE
from server.store.tables import DAY_SUM, Fact, Reservation, Ticket, fixed
from wire.vocabulary import ReservationStatus, TicketStatus

MOST_WAITING = 1_000
MOST_VISITS = 1_000
MOST_FACTS = 1_000
# So long after its hour the latest reservation lapses: the longest time to check in, and the office's own delay.
_LONGEST_WAITED_FOR = timedelta(days=1)
_MISSED = (ReservationStatus.LAPSED, ReservationStatus.CHECKED_IN)


class Expected(NamedTuple):
    """A booked visitor who has not come: service, hour, since when it is booked, until when one may come."""

    service_id: int
    appointment_at: datetime
    booked_at: datetime
    lapses_at: datetime


class Arrival(NamedTuple):
    """A visit of the last weeks: its service, its hour, since when it was booked, when it came (None: never)."""

    service_id: int
    appointment_at: datetime
    booked_at: datetime
    came_at: datetime | None


def newest_fact(session: Session) -> int:
    """Return the id of the newest fact, whether it is sealed or not: while it stays, nothing happens."""
    return session.execute(select(func.coalesce(func.max(Fact.id), 0))).scalar_one()


def branches_of_facts(session: Session, after: int, until: int) -> set[int | None]:
    """Return the branches of the facts with these ids; None is the whole office, also of very many facts."""
    if until - after > MOST_FACTS:
        return {None}
    query = select(Fact.branch_id).where(Fact.id > after, Fact.id <= until).distinct()
    return set(session.execute(query).scalars())


def waiting(session: Session, service_ids: Sequence[int]) -> list[tuple[LineTicket, int | None]]:
    """Read who waits for some services, and to which counter alone somebody was sent; 1 000 at most."""
    rows = session.execute(who_waits(service_ids).limit(MOST_WAITING))
    return [(line_ticket(row), row[-1]) for row in rows]


def to_come(session: Session, service_ids: Sequence[int], now: datetime, until: datetime) -> list[Expected]:
    """Read the booked visitors who can still take their ticket, up to an hour of the day."""
    what = (Reservation.service_id, Reservation.appointment_at, Reservation.booked_at, Reservation.lapses_at)
    query = select(*what).where(
        # The first and the third are for the index: of those that stand it walks through this day's alone.
        STANDS,
        Reservation.lapses_at >= now,
        Reservation.lapses_at < until + _LONGEST_WAITED_FOR,
        Reservation.status == fixed(ReservationStatus.BOOKED),
        Reservation.service_id.in_(service_ids),
        Reservation.appointment_at < until,
    )
    rows: Any = session.execute(query.order_by(Reservation.appointment_at, Reservation.id))
    return [Expected(*row) for row in rows]


def visits(session: Session, service_id: int, since: datetime) -> list[tuple[datetime, float]]:
    """Read the latest ended visits of a service: when each was called, and for how many seconds it lasted."""
    query = (
        select(Ticket.called_at, Ticket.finished_at)
        .where(Ticket.service_id == service_id, Ticket.finished_at >= since, Ticket.called_at.is_not(None))
        .where(Ticket.status != fixed(TicketStatus.WITHDRAWN), CLOSED_BY_PEOPLE)
        .order_by(Ticket.finished_at.desc())
        .limit(MOST_VISITS)
    )
    rows: Any = session.execute(query)
    return [(called, (finished - called).total_seconds()) for called, finished in rows]


def arrivals(session: Session, branch_id: int, since: datetime, until: datetime) -> list[Arrival]:
    """Read which booked visitors of some weeks came to their visit and when; cancelled ones say nothing."""
    query = (
        select(Reservation.service_id, Reservation.appointment_at, Reservation.booked_at, Ticket.issued_at)
        .outerjoin(Ticket, Ticket.reservation_id == Reservation.id)
        .where(Reservation.branch_id == branch_id, Reservation.status.in_([fixed(each) for each in _MISSED]))
        .where(Reservation.appointment_at >= since, Reservation.appointment_at < until)
        .order_by(Reservation.appointment_at.desc())
        .limit(4 * MOST_VISITS)
    )
    return [Arrival(*row) for row in session.execute(query)]


def walk_ins(
    session: Session, branch_id: int, first: date, last: date
) -> dict[date, dict[tuple[int, int], int]]:
    """Read how many walk-in tickets each summed day had, by service and hour; a day may have had none."""
    sums, issued = DAY_SUM.c, case((DAY_SUM.c.origin == Origin.WALK_IN, DAY_SUM.c.issued), else_=0)
    query = select(sums.day, sums.service_id, sums.hour, func.sum(issued))
    query = query.where(sums.branch_id == branch_id, sums.day >= first, sums.day <= last)
    found: dict[date, dict[tuple[int, int], int]] = {}
    for day, service_id, hour, tickets in session.execute(
        query.group_by(sums.day, sums.service_id, sums.hour)
    ):
        of_day = found.setdefault(day, {})
        if tickets:
            of_day[service_id, hour] = int(tickets)
    return found


def walk_ins_of_day(session: Session, branch_id: int, day: date) -> dict[int, int]:
    """Count the tickets without a reservation of a day by service."""
    query = select(Ticket.service_id, func.count()).where(
        Ticket.branch_id == branch_id, Ticket.day == day, Ticket.reservation_id.is_(None)
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(Ticket.service_id))}


def promises(session: Session, service_ids: Sequence[int], since: datetime) -> list[tuple[int, Promise]]:
    """Read what slips promised and when the call came, by service, of tickets that were finished since."""
    query = (
        select(Ticket.service_id, Ticket.promised_from, Ticket.promised_until, Ticket.called_at)
        .where(Ticket.service_id.in_(service_ids), Ticket.finished_at >= since)
        .where(Ticket.promised_from.is_not(None), Ticket.called_at.is_not(None))
    )
    rows: Any = session.execute(query)
    return [(service, Promise(earliest, latest, called)) for service, earliest, latest, called in rows]
