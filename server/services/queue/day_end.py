"""The day's end: tickets that are still in hand are ended as what they are, and their counters closed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import BranchView
from server.store.facts import NewFact, note
from server.store.queries import office as office_rows
from server.store.queries import tickets
from server.store.queries.tickets import NOT_CLOSED
from server.store.tables import Ticket
from wire.vocabulary import CounterState, FactType, TicketStatus, Withdrawal


def end_day(session: Session, context: Context) -> int:
    """End the tickets of earlier business days that are still in hand or set aside; return how many.

    A called one was not met, a served one is finished with the outcome `not_closed`: when its visitor left,
    nobody knows, so its times enter no pace and no figure. One that was set aside is withdrawn. It happens
    ⚙ left_in_hand_minutes after the day.
    """
    return sum(_close_branch(session, context, branch) for branch in context.office.branches.values())


def is_due(session: Session, context: Context) -> bool:
    """Say whether there is a ticket of an earlier business day in hand or set aside, without a lock."""
    return any(
        tickets.has_left(session, branch.id, _counters(branch), branch.policy.business_day(context.now))
        for branch in context.office.branches.values()
        if _has_ended(context, branch)
    )


def _has_ended(context: Context, branch: BranchView) -> bool:
    patience = timedelta(minutes=branch.policy.left_in_hand_minutes)
    return context.now - branch.policy.business_day_began_at(context.now) >= patience


def _counters(branch: BranchView) -> list[int]:
    return [counter.id for counter in branch.counters.values()]


def _close_branch(session: Session, context: Context, branch: BranchView) -> int:
    if not _has_ended(context, branch):
        return 0
    today = branch.policy.business_day(context.now)
    rows = tickets.left_in_hand(session, _counters(branch), today)
    parked = tickets.left_parked(session, branch.id, today)
    for row in rows:
        _close(session, context, row)
    for row in parked:
        row.status, row.finished_at = TicketStatus.WITHDRAWN, context.now
        row.outcome = Withdrawal.DAY_OVER
        data = {"ticket": row.id, "number": row.number, "reason": row.outcome}
        data["hall"] = context.office.halls[row.hall_id].code
        note(session, NewFact(FactType.TICKET_WITHDRAWN, context.now, row.branch_id, data))
    return len(rows) + len(parked)


def _close(session: Session, context: Context, row: Ticket) -> None:
    was_serving = row.status == TicketStatus.SERVING
    row.status = TicketStatus.FINISHED if was_serving else TicketStatus.NO_SHOW
    row.finished_at, row.outcome, row.undo = context.now, NOT_CLOSED, None
    counter = context.office.counters[row.counter_id or 0]
    place = office_rows.counter(session, counter.id)
    place.state, place.state_since, place.clerk_id = CounterState.CLOSED, context.now, None
    data = {
        "ticket": row.id,
        "number": row.number,
        "counter": counter.number,
        "hall": context.office.halls[row.hall_id].code,
        "reason": Withdrawal.DAY_OVER,
        "becomes": str(row.status),
    }
    note(session, NewFact(FactType.TICKET_NOT_CLOSED, context.now, row.branch_id, data))
