"""What an operator's monitoring reads: how many wait, how many counters are open."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.store.tables import Counter, Fact, Ticket, Webhook, fixed
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


def facts(session: Session) -> tuple[int, int, datetime | None]:
    """Return the last number of the feed, how many facts have none yet, and of when the oldest of those is."""
    sealed = select(func.max(Fact.feed_number)).scalar_subquery()
    unsealed = Fact.feed_number.is_(None)
    count = select(func.count()).where(unsealed).scalar_subquery()
    oldest = select(func.min(Fact.at)).where(unsealed).scalar_subquery()
    row = session.execute(select(sealed, count, oldest)).one()
    return row[0] or 0, row[1], row[2]


def webhooks(session: Session) -> tuple[int, int]:
    """Count the webhooks that fail now, and those that were switched off since they failed for long."""
    there = Webhook.removed_at.is_(None)
    failing = there & Webhook.failing_since.is_not(None) & Webhook.off_at.is_(None)
    found = select(
        func.count().filter(failing), func.count().filter(there & Webhook.gave_up.is_(True))
    ).select_from(Webhook)
    row = session.execute(found).one()
    return row[0], row[1]
