"""Puts a visitor in line: a number without gaps, a row, a fact; for check-ins and walk-ins alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain import line
from server.domain.hours import day_of
from server.domain.tickets import TicketId, ticket_number
from server.services.moment import Moment
from server.services.shown import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.people import DeviceRow
from wire.vocabulary import FactType, TicketStatus


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who joins the line: for which service, in which language, booked or not, with priority or not."""

    service_id: int
    language: str
    reservation_id: int | None = None
    appointment_at: datetime | None = None
    priority: str | None = None


def issue(session: Session, moment: Moment, device: DeviceRow, newcomer: Newcomer) -> shown.TicketView:
    """Give the next number of the service's series for the branch's day and put the ticket in line."""
    now = moment.now
    branch = moment.branch(device.branch_id)
    service = moment.office.services[newcomer.service_id]
    day = day_of(now, branch.policy.zone)
    waiting = line.LineTicket(
        TicketId(0), service.id, now, newcomer.appointment_at, newcomer.priority is not None
    )
    lane = line.lane_of(waiting)
    ordinal = tickets.next_ordinal(session, branch.id, day, service.letter)
    number = ticket_number(service.letter, ordinal)
    values = {
        "branch_id": branch.id,
        "hall_id": device.hall_id,
        "service_id": service.id,
        "reservation_id": newcomer.reservation_id,
        "day": day,
        "series": service.letter,
        "ordinal": ordinal,
        "number": number,
        "status": str(TicketStatus.WAITING),
        "lane": str(lane),
        "lane_at": line.lane_at(waiting),
        "priority": newcomer.priority,
        "language": newcomer.language,
        "appointment_at": newcomer.appointment_at,
        "issued_at": now,
        "queued_at": now,
        "call_count": 0,
    }
    row = tickets.add_ticket(session, values)
    data = {
        "ticket": row.id,
        "number": number,
        "service": service.letter,
        "hall": device.hall,
        "device": device.id,
        "lane": str(lane),
    }
    note(session, NewFact(FactType.TICKET_ISSUED, now, branch.id, data))
    return shown.view(session, moment, row)
