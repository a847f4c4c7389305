"""What a visitor's phone shows of their own ticket: no name, no service's matter beyond its name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.context import Context, not_found
from server.services.office.settings import HallView
from server.services.queue.views import ticket as shown
from server.store.queries import tickets


def phone(session: Session, context: Context, token: str) -> tuple[shown.TicketView, HallView]:
    """Show the ticket of a genuine token, with its hall. Raises RuleBroken 404."""
    ticket_id = context.keys.tracked_ticket(token)
    row = None if ticket_id is None else tickets.ticket(session, ticket_id)
    if row is None:
        raise not_found("ticket")
    return shown.view(session, context, row), context.office.halls[row.hall_id]
