"""A finished ticket is opened again by a supervisor, with a reason, until its day ends (rule 23)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.services.queue.clerk import Clerk, wait_again
from server.services.queue.views import ticket as shown
from server.store.facts import NewFact, note
from server.store.tables import Ticket
from wire.vocabulary import FactType, Reopening, TicketStatus


def reopen(
    session: Session, context: Context, clerk: Clerk, row: Ticket, reason: Reopening
) -> shown.TicketView:
    """Let the visitor of a finished ticket wait again, under the same number: they are called next.

    Being next is a supervisor's decision (rules.md, Who is next, class 0). Raises RuleBroken 409 `not_allowed`
    for a ticket that is not finished, and `day_over` for one of an earlier business day.
    """
    if row.status != TicketStatus.FINISHED:
        raise RuleBroken(409, "not_allowed", state=row.status)
    if row.day != context.branch(clerk.branch_id).policy.business_day(context.now):
        raise RuleBroken(409, "day_over", state=row.status)
    row.status, row.urgent_since = TicketStatus.WAITING, context.now
    row.call_count, row.outcome, row.undo, row.note = 0, None, None, None
    wait_again(row)
    data = clerk.data(row) | {"reason": str(reason)}
    note(session, NewFact(FactType.TICKET_REOPENED, context.now, clerk.branch_id, data))
    return shown.view(session, context, row)
