"""What a visitor's phone shows of their own ticket: no name, no service's matter beyond its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.queue.reasons import Reason, why
from server.services.context import Context, not_found
from server.services.office.settings import HallView
from server.services.queue.views import ticket as shown
from server.store.queries import tickets
from server.store.queries.queue import CalledBefore, called_since
from server.store.tables import Ticket

MOST_TOLD = 12
"""So many calls are explained, the latest ones."""


def phone(session: Session, context: Context, token: str) -> tuple[shown.TicketView, HallView]:
    """Show the ticket of a genuine token, with its hall. Raises RuleBroken 404."""
    row = _ticket(session, context, token)
    return shown.view(session, context, row), context.office.halls[row.hall_id]


def _ticket(session: Session, context: Context, token: str) -> Ticket:
    ticket_id = context.keys.tracked_ticket(token)
    row = None if ticket_id is None else tickets.ticket(session, ticket_id)
    if row is None:
        raise not_found("ticket")
    return row


@dataclass(frozen=True, slots=True)
class CalledEarlier:
    """Somebody of the same service who was called before the reader: number, when, why, and a booked hour."""

    number: str
    called_at: datetime
    reason: Reason
    appointment_at: datetime | None


def called_before(session: Session, context: Context, token: str) -> tuple[Ticket, tuple[CalledEarlier, ...]]:
    """Tell why others were called while a genuine token's ticket waited. Raises RuleBroken 404."""
    row = _ticket(session, context, token)
    begun, over = row.paused_at, row.paused_until
    calling, own = context.office.calling(row.service_id), shown.line_ticket(row)

    def told(call: CalledBefore) -> CalledEarlier:
        was_paused = begun is not None and over is not None and begun <= call.called_at < over
        decided = {
            "paused": was_paused,
            "out_of_order": call.out_of_order,
            "sent_to_counter": call.sent_to_counter,
        }
        reason = why(own, call.ticket, call.called_at, calling, **decided)
        hour = call.ticket.appointment_at if reason is Reason.BOOKED else None
        return CalledEarlier(call.number, call.called_at, reason, hour)

    return row, tuple(map(told, called_since(session, row, row.called_at or context.now, MOST_TOLD)))
