"""A visitor's own steps from the phone: leave the line, take a pause once, come back from it, say *I am here*."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.domain.queue.tickets import NotAllowed
from server.domain.queue.visitor_steps import Own, VisitorStep, next_status
from server.services.context import Context, RuleBroken, not_found
from server.services.queue.clerk import wait_again
from server.services.queue.views.ticket import own_of
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import FactType, TicketStatus, Withdrawal

_FACTS = {
    VisitorStep.LEAVE: FactType.TICKET_WITHDRAWN,
    VisitorStep.PAUSE: FactType.TICKET_PAUSED,
    VisitorStep.COME_BACK: FactType.TICKET_RESUMED,
    VisitorStep.ANNOUNCE: FactType.TICKET_ANNOUNCED,
}
_PAUSE_OVER = "pause_over"


def take(session: Session, context: Context, token: str, step: VisitorStep) -> None:
    """Take a step with the ticket of a genuine token; one that is taken already stays as it is.

    Raises RuleBroken 404, and 409 `not_allowed`.
    """
    ticket_id = context.keys.tracked_ticket(token)
    row = None if ticket_id is None else tickets.ticket(session, ticket_id, locked=True)
    if row is None:
        raise not_found("ticket")
    own, policy = own_of(row), context.branch(row.branch_id).policy.for_visitors
    if _is_taken(own, step):
        return
    try:
        row.status = next_status(own, step, policy)
    except NotAllowed:
        raise RuleBroken(409, "not_allowed", state=row.status) from None
    more: dict[str, Any] = {}
    if step is VisitorStep.LEAVE:
        row.finished_at, row.outcome = context.now, Withdrawal.VISITOR_LEFT
        more["reason"] = str(Withdrawal.VISITOR_LEFT)
    elif step is VisitorStep.PAUSE:
        row.paused_at, row.paused_until = context.now, context.now + policy.pause
        more["until"] = row.paused_until.isoformat()
    elif step is VisitorStep.COME_BACK:
        row.paused_until = context.now
        wait_again(row)
    else:
        row.announced_at = context.now
    _note(session, context, row, _FACTS[step], more)


def end_pauses(session: Session, context: Context) -> int:
    """Put those whose pause is over back at their places in the line; return how many."""
    rows = tickets.pauses_over(session, list(context.office.branches), context.now)
    for row in rows:
        row.status = TicketStatus.WAITING
        wait_again(row)
        _note(session, context, row, FactType.TICKET_RESUMED, {"reason": _PAUSE_OVER})
    return len(rows)


def pauses_are_over(session: Session, context: Context) -> bool:
    """Say whether a pause is over, without a lock."""
    return tickets.has_pause_over(session, list(context.office.branches), context.now)


def _is_taken(own: Own, step: VisitorStep) -> bool:
    """Say whether a second touch asks for what the first one has done."""
    return {
        VisitorStep.LEAVE: own.status is TicketStatus.WITHDRAWN,
        VisitorStep.PAUSE: own.is_paused,
        VisitorStep.COME_BACK: own.status is TicketStatus.WAITING and own.paused_until is not None,
        VisitorStep.ANNOUNCE: own.is_announced,
    }[step]


def _note(session: Session, context: Context, row: Ticket, fact: FactType, more: dict[str, Any]) -> None:
    row.undo = None
    service = context.office.services[row.service_id].letter
    data = {"ticket": row.id, "number": row.number, "service": service}
    data["hall"] = context.office.halls[row.hall_id].code
    if row.counter_id is not None:
        data["counter"] = context.office.counters[row.counter_id].number
    note(session, NewFact(fact, context.now, row.branch_id, data | more))
