"""A ticket as people and programs see it: its place in line, its expected call and what may be done with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain import line
from server.domain.estimate import expected_call
from server.domain.tickets import TicketId, permitted
from server.services.moment import Moment
from server.services.opened import codes_of, person_of
from server.store.queries import line as line_rows
from server.store.queries import tickets
from server.store.tables import Reservation, Ticket
from wire.vocabulary import TicketAction, TicketStatus


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting ticket stands: how many are called before it, and when it may be called."""

    people_ahead: int
    expected_from: datetime | None = None
    expected_until: datetime | None = None


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
    checklist: tuple[str, ...]
    reservation: ReservationView | None = None


def line_ticket(row: Ticket) -> line.LineTicket:
    """See a row as the calling order does."""
    return line.LineTicket(
        TicketId(row.id),
        row.service_id,
        row.queued_at,
        row.appointment_at,
        row.priority is not None,
        row.urgent_since,
    )


def place(session: Session, moment: Moment, branch_id: int, ticket: line.LineTicket) -> Place:
    """Work out the place of a waiting ticket (rules 20 and 21) from index counts and the kept pace."""
    calling = moment.branch(branch_id).policy.calling
    ahead = line_rows.count_ahead(session, ticket.service_id, line.ahead(ticket, moment.now, calling))
    pace = moment.paces.get(ticket.service_id)
    booked = line.lane_of(ticket) is line.Lane.BOOKED
    expected = (
        expected_call(ahead, moment.now, pace, not_before=ticket.appointment_at if booked else None)
        if pace
        else None
    )
    return Place(ahead, *(expected or ()))


def view(session: Session, moment: Moment, row: Ticket, *, in_line: bool = True) -> TicketView:
    """Show a ticket; `in_line` works out the place of one that waits."""
    branch = moment.branch(row.branch_id)
    service = moment.office.services[row.service_id]
    status = TicketStatus(row.status)
    waits = in_line and status is TicketStatus.WAITING
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
        counter=moment.office.counters[row.counter_id].number if row.counter_id else None,
        call_count=row.call_count,
        place=place(session, moment, row.branch_id, line_ticket(row)) if waits else None,
        track_url=track_url(moment, row.id),
        actions=permitted(status, row.call_count, branch.policy.no_show_after_calls),
        note=row.note,
        verified=row.verified_at is not None,
        checklist=service.policy.checklist,
    )


def track_url(moment: Moment, ticket_id: int) -> str:
    """Return the address under which the visitor's phone follows the ticket."""
    return f"{moment.public_url}/t/{moment.keys.track_token(ticket_id)}"


def for_clerk(session: Session, moment: Moment, row: Ticket) -> TicketView:
    """Show a ticket with its reservation beside it, for the clerk who has it in hand."""
    reservation = tickets.reservation_of(session, row)
    shown = view(session, moment, row)
    if reservation is None:
        return shown
    return replace(shown, reservation=open_reservation(session, moment, reservation))


def open_reservation(session: Session, moment: Moment, row: Reservation) -> ReservationView:
    """Open what is sealed of a reservation; what was erased stays None."""
    person, codes = person_of(session, moment, row), codes_of(session, moment, row)
    return ReservationView(
        row.id,
        codes.code.shown if codes else None,
        person.get("name"),
        tuple((child["name"], child["birth_year"]) for child in person.get("children", ())),
    )
