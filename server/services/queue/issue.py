"""Issues a ticket: a number without gaps, a row, a fact; for check-ins and walk-ins alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.domain.queue.tickets import ticket_number
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView
from server.services.queue.views import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.access.principals import DeviceRow
from wire.vocabulary import FactType, TicketStatus


@dataclass(frozen=True, slots=True)
class Given:
    """A number that a kiosk gave while it was alone, and when (ADR 0026)."""

    at: datetime
    series: str
    ordinal: int
    number: str


@dataclass(frozen=True, slots=True)
class NewTicket:
    """Who joins the line: for which service, in which language, booked or not, with priority, by which clerk.

    `paperless_by` is the keyed hash of the phone that has the ticket instead of a slip; `given` a number that the
    visitor has had since an earlier instant, which is then the ticket's.
    """

    service_id: int
    language: str
    reservation_id: int | None = None
    appointment_at: datetime | None = None
    priority: str | None = None
    clerk_id: int | None = None
    paperless_by: bytes | None = None
    given: Given | None = None


def check_language(branch: BranchView, language: str | None) -> None:
    """Let a ticket be only in a language that the branch speaks. Raises RuleBroken 422 `unknown_language`."""
    if language is not None and language not in branch.policy.languages:
        languages = list(branch.policy.languages)
        raise RuleBroken(422, "unknown_language", language=language, languages=languages)


def issue(session: Session, context: Context, device: DeviceRow, newcomer: NewTicket) -> shown.TicketView:
    """Give the next number of the service's series for the branch's day and put the ticket in line.

    Where a number was given before, it is the ticket's, and its place in line is that of the time of it.
    """
    given = newcomer.given
    at = context.now if given is None else given.at
    branch = context.branch(device.branch_id)
    service = context.office.services[newcomer.service_id]
    day = branch.policy.business_day(at)
    waiting = order.LineTicket(
        order.LAST, service.id, at, newcomer.appointment_at, newcomer.priority is not None
    )
    lane = order.lane_of(waiting)
    place, shown_before = shown.joined_place(session, context, branch.id, waiting)
    number = given or _next_number(session, branch.id, day, service.letter, at)
    values = {
        "branch_id": branch.id,
        "hall_id": device.hall_id,
        "service_id": service.id,
        "reservation_id": newcomer.reservation_id,
        "day": day,
        "series": number.series,
        "ordinal": number.ordinal,
        "number": number.number,
        "status": str(TicketStatus.WAITING),
        "lane": str(lane),
        "lane_at": order.lane_at(waiting),
        "priority": newcomer.priority,
        "language": newcomer.language,
        "appointment_at": newcomer.appointment_at,
        "issued_at": at,
        "queued_at": at,
        # Paper of a kiosk that was alone promises nothing.
        "promised_from": None if given else place.expected_from,
        "promised_until": None if given else place.expected_until,
        "call_count": 0,
        "paperless_by": newcomer.paperless_by,
    }
    row = tickets.add_ticket(session, values)
    issued = shown.view(session, context, row, its_place=place)
    data = {
        "ticket": row.id,
        "number": number.number,
        "service": service.letter,
        "hall": device.hall,
        "device": device.id,
        "lane": str(lane),
        "ahead": shown_before,
    }
    if newcomer.appointment_at is not None:
        data["appointment_at"] = newcomer.appointment_at.isoformat()
    if newcomer.clerk_id is not None:
        data["clerk"] = newcomer.clerk_id
    if newcomer.paperless_by is not None:
        data["paperless"] = True
    if given is not None:
        data["offline"] = at.isoformat()
    note(session, NewFact(FactType.TICKET_ISSUED, context.now, branch.id, data))
    return issued


def _next_number(session: Session, branch_id: int, day: date, letter: str, at: datetime) -> Given:
    """Take the next number of a series that does not still live from the days before (rule 17a)."""
    ordinal = tickets.next_ordinal(session, branch_id, day, letter)
    return Given(at, letter, ordinal, ticket_number(letter, ordinal))
