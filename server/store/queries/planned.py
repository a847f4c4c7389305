"""Changes of settings that wait for their day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.store.tables import PlannedChange, User

_MOST = 100


def of_branch(session: Session, branch_id: int) -> list[tuple[PlannedChange, str]]:
    """List the planned changes of a branch with who planned them, the latest first."""
    found = (
        select(PlannedChange, User.name)
        .join(User, User.id == PlannedChange.user_id)
        .where(PlannedChange.branch_id == branch_id)
        .order_by(PlannedChange.id.desc())
        .limit(_MOST)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def due(session: Session, branch_id: int, today: date) -> Sequence[int]:
    """List the changes of a branch whose day has come, in the order in which they were planned."""
    found = select(PlannedChange.id).where(
        PlannedChange.branch_id == branch_id, PlannedChange.done_at.is_(None), PlannedChange.day <= today
    )
    return session.execute(found.order_by(PlannedChange.day, PlannedChange.id)).scalars().all()


def locked(session: Session, plan_id: int) -> PlannedChange | None:
    """Read a planned change to alter it."""
    return session.get(PlannedChange, plan_id, with_for_update=True)
