"""A clerk calls: the next in line, or one ticket out of order with a reason (rules 22, 23 and 25)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.domain.queue.tickets import calls_after, next_status
from server.services.context import Context, RuleBroken
from server.services.queue.clerk import Clerk, hand_over
from server.services.queue.views import ticket as shown
from server.services.queue.views.counter import may_call_out_of_order
from server.store.facts import NewFact, note
from server.store.queries import queue as line_rows
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import CallReason, CounterState, FactType, TicketAction, TicketStatus


def call_next(
    session: Session, context: Context, clerk: Clerk, finish: str | None, ticket: int | None = None
) -> shown.TicketView | None:
    """Call whoever is next for this counter's services; None when nobody waits.

    `finish` first finishes the ticket that is being served, with that outcome; with `ticket`, that one and no
    other. Raises RuleBroken 409 `counter_busy` when one is in hand all the same (called and not started, too),
    `not_allowed` when it is another than `ticket`, and `counter_not_open`.
    """
    current = tickets.in_hand(session, clerk.counter.id, locked=True)
    if ticket is not None and (current is None or current.id != ticket):
        raise RuleBroken(409, "not_allowed")
    if current is not None and finish is not None and current.status == TicketStatus.SERVING:
        hand_over(session, context, clerk, current, TicketAction.FINISH, outcome=finish)
    elif current is not None:
        raise _busy(current)
    state, since = tickets.counter_and_share(session, clerk.counter.id)
    if state != CounterState.OPEN:
        raise RuleBroken(409, "counter_not_open")
    chosen = _next(session, context, clerk, since)
    return None if chosen is None else _call(session, context, clerk, chosen, None)


def call(
    session: Session, context: Context, clerk: Clerk, row: Ticket, reason: CallReason | None
) -> shown.TicketView:
    """Call one ticket: a parked one, or one that waits out of its order, for which a reason is kept (rule 25).

    Raises NotAllowed before RuleBroken 409 `counter_busy`: a free counter could not call such a ticket either;
    403 `service_not_yours`, and `out_of_order_refused` where only supervisors may (⚙ out_of_order).
    """
    policy = context.branch(clerk.branch_id).policy
    next_status(TicketStatus(row.status), TicketAction.CALL, row.call_count, policy.no_show_after_calls)
    current = tickets.in_hand(session, clerk.counter.id)
    if current is not None:
        raise _busy(current)
    if not _may_serve(context, clerk, row):
        raise RuleBroken(403, "service_not_yours")
    if row.status == TicketStatus.WAITING:
        if not may_call_out_of_order(policy, is_supervisor=clerk.is_supervisor):
            raise RuleBroken(403, "out_of_order_refused")
        if reason is None:
            raise RuleBroken(422, "reason_missing")
    elif reason is None:
        reason = CallReason.WAS_PARKED
    return _call(session, context, clerk, row, reason)


def _may_serve(context: Context, clerk: Clerk, row: Ticket) -> bool:
    """Say whether the clerk may serve the ticket's service, whichever the counter usually serves."""
    served = context.office.services_of_clerk(clerk.id, clerk.branch_id)
    return not served or row.service_id in served or row.for_counter_id == clerk.counter.id


def _busy(current: Ticket) -> RuleBroken:
    return RuleBroken(409, "counter_busy", ticket=current.id, number=current.number)


def recall(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """Call the ticket in hand again."""
    return _call(session, context, clerk, row, None, TicketAction.RECALL)


def _next(
    session: Session, context: Context, clerk: Clerk, calls_since_priority: int | None
) -> Ticket | None:
    """Choose among the heads of the lanes; a head that another clerk holds is passed over."""
    rules = context.branch(clerk.branch_id).rules_at(clerk.counter)
    passed: set[int] = set()
    while True:
        languages = rules.languages if rules.prefers_languages else ()
        waiting = line_rows.heads(
            session, clerk.counter.service_ids, clerk.counter.id, 1 + len(passed), languages
        )
        free = [ticket for ticket in waiting if ticket.id not in passed]
        chosen = order.choose(free, context.now, rules, calls_since_priority)
        if chosen is None:
            return None
        held = line_rows.hold(session, chosen.id)
        if held is not None and _is_for(clerk, held):
            return held
        passed.add(chosen.id)


def _is_for(clerk: Clerk, row: Ticket) -> bool:
    """Say whether a ticket still is for this counter: it may have been transferred since the heads were read."""
    if row.for_counter_id is not None:
        return row.for_counter_id == clerk.counter.id
    return row.service_id in clerk.counter.service_ids


def _call(
    session: Session,
    context: Context,
    clerk: Clerk,
    row: Ticket,
    reason: CallReason | None,
    action: TicketAction = TicketAction.CALL,
) -> shown.TicketView:
    policy = context.branch(clerk.branch_id).policy
    was = TicketStatus(row.status)
    row.status = next_status(was, action, row.call_count, policy.no_show_after_calls)
    row.call_count = calls_after(action, row.call_count)
    row.counter_id, row.for_counter_id, row.undo = clerk.counter.id, None, None
    if action is TicketAction.CALL:
        row.called_at, row.started_at = context.now, None
        if was is TicketStatus.WAITING:
            tickets.count_call(session, clerk.counter.hall_id, priority=row.priority is not None)
    call_id = tickets.add_call(
        session,
        {
            "ticket_id": row.id,
            "hall_id": clerk.counter.hall_id,
            "counter_id": clerk.counter.id,
            "clerk_id": clerk.id,
            "called_at": context.now,
            "reason": reason,
        },
    )
    fact = FactType.TICKET_CALLED if action is TicketAction.CALL else FactType.TICKET_RECALLED
    data = clerk.data(row) | {"call": call_id, "language": row.language}
    if reason is not None:
        data |= {"out_of_order": was is TicketStatus.WAITING, "reason": str(reason)}
    note(session, NewFact(fact, context.now, clerk.branch_id, data))
    return shown.for_clerk(session, context, row)
