"""A ticket as people and programs see it: its place in line, its expected call and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.domain.queue.estimate import in_minutes, within_hours
from server.domain.queue.tickets import TicketId, permitted
from server.domain.queue.visitor_steps import Own, VisitorStep, offered
from server.services.booking.unsealed import codes_of, person_of
from server.services.context import Context
from server.store.queries import queue as line_rows
from server.store.queries import tickets
from server.store.queries.shown import Listed
from server.store.tables import Reservation, Ticket
from wire.vocabulary import TicketAction, TicketStatus


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting ticket stands: how many are called before it, and when it may be called.

    `not_today`: it will probably not be called before closing, so no time is told.
    """

    people_ahead: int
    expected_from: datetime | None = None
    expected_until: datetime | None = None
    not_today: bool = False


@dataclass(frozen=True, slots=True)
class ReservationView:
    """What the clerk sees of the reservation; opened from its seal for this answer only."""

    id: int
    code: str | None
    applicant: str | None
    children: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything that any screen shows of it."""

    id: int
    number: str
    status: TicketStatus
    service: str
    service_name: str
    prepare: str | None
    language: str
    priority: str | None
    issued_at: datetime
    queued_at: datetime
    appointment_at: datetime | None
    called_at: datetime | None
    started_at: datetime | None
    counter: int | None
    call_count: int
    place: Place | None
    track_url: str
    actions: tuple[TicketAction, ...]
    note: str | None
    verified: bool
    checklist: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    not_handed_over: bool = False
    paused_until: datetime | None = None
    announced: bool = False
    steps: tuple[VisitorStep, ...] = ()
    urgent_since: datetime | None = None
    reservation: ReservationView | None = None


class ListedTicket(NamedTuple):
    """A ticket as a line of a list shows it."""

    id: int
    number: str
    service: str
    appointment_at: datetime | None
    queued_at: datetime
    priority: str | None
    note: str | None
    not_handed_over: bool
    paused_until: datetime | None
    announced: bool
    urgent_since: datetime | None
    actions: tuple[TicketAction, ...]


def line_ticket(row: Ticket) -> order.LineTicket:
    """See a row as the calling order does."""
    return order.LineTicket(
        TicketId(row.id),
        row.service_id,
        row.queued_at,
        row.appointment_at,
        row.priority is not None,
        row.urgent_since,
        row.language,
    )


def own_of(row: Ticket | Listed) -> Own:
    """See a row as the rules of its visitor's own steps do."""
    return Own(TicketStatus(row.status), row.called_at, row.came_back_at, row.paused_until, row.announced_at)


def place(session: Session, context: Context, branch_id: int, ticket: order.LineTicket) -> Place:
    """Work out the place of a waiting ticket (rules 20 and 21); no expected time lies beyond closing."""
    return _place(context, branch_id, *expected_in_line(session, context, branch_id, ticket))


def joined_place(
    session: Session, context: Context, branch_id: int, ticket: order.LineTicket
) -> tuple[Place, int]:
    """Work out the place of a ticket that joins the line, and count whose numbers a board shows before it now.

    For who is not yet due the second is more than `people_ahead`.
    """
    calling = context.office.calling(ticket.service_id)
    ahead, shown_before = line_rows.count_ahead_twice(
        session,
        ticket.service_id,
        order.ahead(ticket, context.now, calling),
        order.ahead_now(ticket, context.now, calling),
    )
    return _place(context, branch_id, ahead, _expected(session, context, branch_id, ticket)), shown_before


def _place(context: Context, branch_id: int, ahead: int, expected: tuple[datetime, datetime] | None) -> Place:
    closes_at = context.branch(branch_id).policy.closes_at(context.now)
    told, not_today = within_hours(expected, context.now, closes_at)
    expected_from, expected_until = told or (None, None)
    return Place(ahead, expected_from, expected_until, not_today)


def expected_in_line(
    session: Session, context: Context, branch_id: int, ticket: order.LineTicket
) -> tuple[int, tuple[datetime, datetime] | None]:
    """Count who is called before a ticket, by index, and give its expected call by the forecast of the line."""
    calling = context.office.calling(ticket.service_id)
    ahead = line_rows.count_ahead(session, ticket.service_id, order.ahead(ticket, context.now, calling))
    return ahead, _expected(session, context, branch_id, ticket)


def _expected(
    session: Session, context: Context, branch_id: int, ticket: order.LineTicket
) -> tuple[datetime, datetime] | None:
    span = context.forecasts.look(session, context.office, branch_id, context.now).of(ticket)
    return in_minutes(span.earliest, span.latest, context.now) if span else None


def view(
    session: Session, context: Context, row: Ticket, *, in_line: bool = True, its_place: Place | None = None
) -> TicketView:
    """Show a ticket; `in_line` works out the place of one that waits, unless the caller knows it."""
    branch = context.branch(row.branch_id)
    service = context.office.services[row.service_id]
    status, own = TicketStatus(row.status), own_of(row)
    if its_place is None and in_line and status is TicketStatus.WAITING:
        its_place = place(session, context, row.branch_id, line_ticket(row))
    return TicketView(
        id=row.id,
        number=row.number,
        status=status,
        service=service.letter,
        service_name=service.name(row.language),
        prepare=service.prepare(row.language),
        language=row.language,
        priority=row.priority,
        issued_at=row.issued_at,
        queued_at=row.queued_at,
        appointment_at=row.appointment_at,
        called_at=row.called_at,
        started_at=row.started_at,
        counter=context.office.counters[row.counter_id].number if row.counter_id else None,
        call_count=row.call_count,
        place=its_place,
        track_url=track_url(context, row.id),
        actions=permitted(status, row.call_count, branch.policy.no_show_after_calls),
        note=row.note,
        verified=row.verified_at is not None,
        not_handed_over=row.not_handed_over_at is not None,
        paused_until=own.paused_until if own.is_paused else None,
        announced=own.is_announced,
        steps=offered(own, branch.policy.for_visitors),
        urgent_since=row.urgent_since,
    )


def listed(context: Context, branch_id: int, row: Listed) -> ListedTicket:
    """Show a ticket of a branch as a line of a list."""
    own = own_of(row)
    return ListedTicket(
        id=row.id,
        number=row.number,
        service=context.office.services[row.service_id].letter,
        appointment_at=row.appointment_at,
        queued_at=row.queued_at,
        priority=row.priority,
        note=row.note,
        not_handed_over=row.not_handed_over_at is not None,
        paused_until=own.paused_until if own.is_paused else None,
        announced=own.is_announced,
        urgent_since=row.urgent_since,
        actions=permitted(own.status, row.call_count, context.branch(branch_id).policy.no_show_after_calls),
    )


def waiting(session: Session, context: Context, branch_id: int, ticket_id: int) -> TicketView | None:
    """Show a ticket of a branch that waits; None for any other."""
    row = tickets.ticket(session, ticket_id)
    if row is None or row.branch_id != branch_id or row.status != TicketStatus.WAITING:
        return None
    return view(session, context, row)


def track_url(context: Context, ticket_id: int) -> str:
    """Return the address under which the visitor's phone follows the ticket."""
    return f"{context.public_url}/t/{context.keys.track_token(ticket_id)}"


def for_clerk(session: Session, context: Context, row: Ticket) -> TicketView:
    """Show a ticket with checklist and reservation beside it, for the clerk who has it in hand."""
    checklist = context.office.services[row.service_id].policy.checklist
    checked = tuple(word for word in checklist if word in (row.checked or ()))
    shown = replace(view(session, context, row), checklist=checklist, checked=checked)
    reservation = tickets.reservation_of(session, row)
    if reservation is None:
        return shown
    return replace(shown, reservation=open_reservation(session, context, reservation))


def open_reservation(session: Session, context: Context, row: Reservation) -> ReservationView:
    """Open what is sealed of a reservation; what was erased stays None."""
    person, codes = person_of(session, context, row), codes_of(session, context, row)
    return ReservationView(
        row.id,
        codes.code.shown if codes else None,
        person.get("name"),
        tuple((child["name"], child["birth_year"]) for child in person.get("children", ())),
    )
