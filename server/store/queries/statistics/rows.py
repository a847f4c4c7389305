"""What a day's sums are made from: its tickets with their calls, its booked visits, who was at the counters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from server.domain.statistics.open_times import Change, Presence
from server.domain.statistics.sums import Booking
from server.domain.statistics.visits import Visit
from server.store.facts import OUT_OF_TURN, first_since
from server.store.tables import Call, ClerkSession, Fact, Reservation, Ticket
from wire.vocabulary import FactType, ReservationStatus

_STOOD = (
    *(ReservationStatus.BOOKED, ReservationStatus.CHECKED_IN, ReservationStatus.LAPSED),
    ReservationStatus.CANCELLED,
)

_AT_ONCE = 500
_NOT_OPEN = (FactType.COUNTER_PAUSED, FactType.COUNTER_CLOSED, FactType.CLERK_SIGNED_OUT)


def visits(session: Session, branch_id: int, day: date) -> Iterator[Visit]:
    """Read a day's tickets in the order in which they were given, some hundreds at a time."""
    of_day = select(
        Ticket.id,
        Ticket.service_id,
        Ticket.status,
        Ticket.reservation_id,
        Ticket.language,
        Ticket.issued_at,
        Ticket.queued_at,
        Ticket.called_at,
        Ticket.started_at,
        Ticket.finished_at,
        Ticket.outcome,
        Ticket.counter_id,
        Ticket.promised_from,
        Ticket.promised_until,
    ).where(Ticket.branch_id == branch_id, Ticket.day == day)
    in_order = of_day.order_by(Ticket.issued_at, Ticket.id).execution_options(yield_per=_AT_ONCE)
    for some in session.execute(in_order).partitions():
        calls = _calls(session, [row.id for row in some])
        yield from (_visit(row, calls.get(row.id, ())) for row in some)


def _calls(session: Session, ticket_ids: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    which = Call.ticket_id.in_(ticket_ids)
    # Sorted here: PostgreSQL would walk through all calls in their order rather than sort these.
    rows = session.execute(select(Call.ticket_id, Call.called_at, Call.clerk_id, Call.id).where(which)).all()
    for row in sorted(rows, key=lambda row: row[3]):
        found.setdefault(row[0], []).append(row)
    return found


def _visit(row: Any, calls: Sequence[Any]) -> Visit:
    return Visit(
        id=row.id,
        service_id=row.service_id,
        status=row.status,
        is_booked=row.reservation_id is not None,
        language=row.language,
        issued_at=row.issued_at,
        queued_at=row.queued_at,
        calls=tuple(call.called_at for call in calls),
        called_at=row.called_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome,
        counter_id=row.counter_id,
        clerk_id=calls[-1].clerk_id if calls else None,
        promised_from=row.promised_from,
        promised_until=row.promised_until,
    )


def bookings(session: Session, branch_id: int, begins_at: datetime, ends_at: datetime) -> list[Booking]:
    """Read the booked visits whose hour lies in a day; what was never booked for good is none."""
    found = select(
        Reservation.service_id, Reservation.appointment_at, Reservation.booked_at, Reservation.status
    ).where(
        Reservation.branch_id == branch_id,
        Reservation.appointment_at >= begins_at,
        Reservation.appointment_at < ends_at,
        Reservation.status.in_(_STOOD),
    )
    return [
        Booking(
            row.service_id,
            row.appointment_at,
            row.booked_at,
            is_lapsed=row.status == ReservationStatus.LAPSED,
            is_cancelled=row.status == ReservationStatus.CANCELLED,
        )
        for row in session.execute(found)
    ]


def presences(
    session: Session, counter_ids: Collection[int], begins_at: datetime, ends_at: datetime
) -> list[Presence]:
    """Read who was signed in at counters, cut to the day; a session that goes on ends with it."""
    ended = func.coalesce(ClerkSession.ended_at, ClerkSession.expires_at)
    found = select(ClerkSession.counter_id, ClerkSession.clerk_id, ClerkSession.started_at, ended).where(
        ClerkSession.counter_id.in_(counter_ids),
        ClerkSession.started_at < ends_at,
        ClerkSession.started_at >= begins_at,
        ended > begins_at,
    )
    return [
        Presence(row[0], row[1], row[2], min(row[3], ends_at))
        for row in session.execute(found)
        if row[3] > row[2]
    ]


def counter_changes(
    session: Session, branch_id: int, ids: Mapping[int, int], begins_at: datetime, ends_at: datetime
) -> list[Change]:
    """Read when counters opened, paused, closed or were left; `ids` are the counters' by their numbers."""
    found = select(Fact.type, Fact.at, Fact.data["counter"].as_integer()).where(
        Fact.id >= first_since(session, begins_at),
        Fact.id <= first_since(session, ends_at + 2 * OUT_OF_TURN),
        Fact.branch_id == branch_id,
        Fact.type.in_((FactType.COUNTER_OPENED, *_NOT_OPEN)),
        Fact.at >= begins_at,
        Fact.at < ends_at,
    )
    return [
        Change(ids[row[2]], row[1], row[0] == FactType.COUNTER_OPENED)
        for row in session.execute(found.order_by(Fact.id))
        if row[2] in ids
    ]


def ends(session: Session, branch_id: int) -> tuple[list[date], list[datetime]]:
    """Return the first and the last day with tickets of a branch, and the first and the last booked hour."""
    tickets = Ticket.branch_id == branch_id
    hours = and_(Reservation.branch_id == branch_id, Reservation.status.in_(_STOOD))
    return _ends(session, Ticket.day, tickets), _ends(session, Reservation.appointment_at, hours)


def _ends(session: Session, column: Any, which: Any) -> list[Any]:
    """Return the least and the greatest value, each by a look at an end of an index; nothing of no row."""
    ends = (select(what(column)).where(which).scalar_subquery() for what in (func.min, func.max))
    return [each for each in session.execute(select(*ends)).one() if each is not None]


def days_of_tickets(session: Session, ticket_ids: Collection[int]) -> set[tuple[int, date]]:
    """Tell the branches and days of some tickets."""
    found = select(Ticket.branch_id, Ticket.day).where(Ticket.id.in_(ticket_ids)).distinct()
    return {(row[0], row[1]) for row in session.execute(found)}


def hours_of_reservations(session: Session, ids: Collection[int]) -> set[tuple[int, datetime]]:
    """Tell the branches and hours of some booked visits."""
    found = select(Reservation.branch_id, Reservation.appointment_at).where(Reservation.id.in_(ids))
    return {(row[0], row[1]) for row in session.execute(found)}
