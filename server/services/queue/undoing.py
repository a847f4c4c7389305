"""A step is taken back within seconds: a slip of the finger must not cost a visitor their place (rule 23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.services.queue.clerk import IN_HAND, Clerk, wait_again
from server.services.queue.views import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import FactType, TicketStatus


def undo(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """Take back what this clerk did last with the ticket at this counter: state, times and place are as before.

    Raises RuleBroken 409 `not_allowed` when nothing of theirs can be taken back or something happened since,
    `undo_too_late` ⚙ undo_seconds after it, and `counter_busy` when another visitor is in hand meanwhile.
    """
    kept = row.undo
    if kept is None or (kept["clerk"], kept["counter"]) != (clerk.id, clerk.counter.id):
        raise RuleBroken(409, "not_allowed", state=row.status)
    policy = context.branch(clerk.branch_id).policy
    if context.now - datetime.fromisoformat(kept["at"]) > timedelta(seconds=policy.undo_seconds):
        raise RuleBroken(409, "undo_too_late", state=row.status)
    before = kept["before"]
    current = tickets.in_hand(session, clerk.counter.id)
    if before["status"] in IN_HAND and current is not None and current.id != row.id:
        raise RuleBroken(409, "counter_busy", ticket=current.id, number=current.number)
    _restore(row, before)
    data = clerk.data(row) | {"action": kept["action"], "becomes": row.status}
    note(session, NewFact(FactType.TICKET_UNDONE, context.now, clerk.branch_id, data))
    return shown.for_clerk(session, context, row)


def _restore(row: Ticket, before: dict[str, Any]) -> None:
    for name, value in before.items():
        is_instant = name.endswith("_at") and value is not None
        setattr(row, name, datetime.fromisoformat(value) if is_instant else value)
    row.undo = row.note = None
    if row.status == TicketStatus.WAITING:
        wait_again(row)
