"""What an operator's monitoring reads: how many wait, how many counters are open."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.store.tables import Counter, Ticket, fixed
from wire.vocabulary import CounterState, TicketStatus


def waiting(session: Session) -> dict[int, int]:
    """Count who waits, by service."""
    waits = Ticket.status == fixed(TicketStatus.WAITING)
    found = select(Ticket.service_id, func.count()).where(waits).group_by(Ticket.service_id)
    return {row[0]: row[1] for row in session.execute(found)}


def open_counters(session: Session) -> dict[int, int]:
    """Count the open counters, by branch."""
    found = select(Counter.branch_id, func.count()).where(Counter.state == CounterState.OPEN)
    return {row[0]: row[1] for row in session.execute(found.group_by(Counter.branch_id))}
