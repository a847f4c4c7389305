"""A supervisor moves a waiting visitor to another line, or lets them go before all others (rule 25)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.services.context import Context, RuleBroken, not_found
from server.services.queue.steering import Supervisor
from server.services.queue.views.ticket import line_ticket
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import FactType, TicketStatus, Urgency


def move(
    session: Session,
    context: Context,
    by: Supervisor,
    ticket_id: int,
    *,
    service: str | None = None,
    counter: int | None = None,
) -> str:
    """Send a waiting visitor to another service or to one counter, and return the number, which stays.

    Their place in the new line is by when they began to wait: it was not they who chose. A visitor is no longer
    booked in a line that their reservation was not for. Raises RuleBroken 404, 409 `not_waiting`, 422.
    """
    row = _waiting(session, by, ticket_id)
    to_service = by.service(service) if service is not None else None
    to_counter = by.counter(counter) if counter is not None else None
    if (to_service is None) == (to_counter is None):
        raise RuleBroken(422, "transfer_target")
    if to_service is not None and to_service.id != row.service_id:
        row.service_id, row.appointment_at = to_service.id, None
    row.for_counter_id = to_counter.id if to_counter else None
    _line_up(row)
    more = {"service": service} if service is not None else {"to_counter": counter}
    _note(session, context, by, row, FactType.TICKET_TRANSFERRED, **more)
    return row.number


def make_urgent(session: Session, context: Context, by: Supervisor, ticket_id: int, reason: Urgency) -> str:
    """Let a waiting visitor be called before all others, for a reason that is kept; return the number."""
    row = _waiting(session, by, ticket_id)
    row.urgent_since = context.now
    _line_up(row)
    _note(session, context, by, row, FactType.TICKET_MADE_URGENT, reason=str(reason))
    return row.number


def make_ordinary(session: Session, context: Context, by: Supervisor, ticket_id: int) -> str:
    """Take back that a visitor is urgent: they wait where they did before; return the number."""
    row = _waiting(session, by, ticket_id)
    row.urgent_since = None
    _line_up(row)
    _note(session, context, by, row, FactType.TICKET_MADE_ORDINARY)
    return row.number


def _waiting(session: Session, by: Supervisor, ticket_id: int) -> Ticket:
    row = tickets.ticket(session, ticket_id, locked=True)
    if row is None or row.branch_id != by.branch.id:
        raise not_found("ticket")
    if row.status != TicketStatus.WAITING:
        raise RuleBroken(409, "not_waiting", state=row.status)
    return row


def _line_up(row: Ticket) -> None:
    placed = line_ticket(row)
    row.lane, row.lane_at, row.undo = order.lane_of(placed), order.lane_at(placed), None


def _note(
    session: Session, context: Context, by: Supervisor, row: Ticket, fact: FactType, **more: object
) -> None:
    hall = context.office.halls[row.hall_id].code
    data = {"ticket": row.id, "number": row.number, "hall": hall, "user": by.id} | more
    note(session, NewFact(fact, context.now, by.branch.id, data))
