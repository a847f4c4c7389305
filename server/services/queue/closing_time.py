"""Who still waits when the branch has closed (⚙ left_at_closing): served all the same, or until an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import BranchView
from server.store.facts import NewFact, note
from server.store.queries import queue
from wire.vocabulary import FactType, Withdrawal

_AT_ONCE = 200


def ends_at(branch: BranchView, now: datetime) -> datetime | None:
    """Tell when nobody of the business day's line is called any more; None where everybody is."""
    closes_at = branch.policy.closes_at(now)
    if branch.policy.left_at_closing == "serve" or closes_at is None:
        return None
    return closes_at + timedelta(minutes=branch.policy.left_at_closing_minutes)


def left(session: Session, context: Context) -> list[int]:
    """Find the tickets that wait although the hour until which their branch serves is over."""
    found: list[int] = []
    for branch in context.office.branches.values():
        until = ends_at(branch, context.now)
        if until is not None and context.now >= until:
            services = [service.id for service in branch.services.values()]
            day = branch.policy.business_day(context.now)
            found += queue.waiting_on(session, services, day, _AT_ONCE)
    return found


def send_home(session: Session, context: Context, ticket_ids: list[int]) -> int:
    """Take those of the tickets that still wait out of the line, each on record; return how many."""
    rows = queue.withdraw(session, ticket_ids, context.now)
    for row in rows:
        data = {"ticket": row.id, "number": row.number, "reason": Withdrawal.DAY_OVER}
        data["hall"] = context.office.halls[row.hall_id].code
        note(session, NewFact(FactType.TICKET_WITHDRAWN, context.now, row.branch_id, data))
    return len(rows)
