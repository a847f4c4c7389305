"""Clerks at their counters: who may sign in, which sessions end, who sits where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.store.tables import Clerk, ClerkSession, Counter
from wire.vocabulary import CounterState


def clerk_to_verify(session: Session, branch_id: int, login: str) -> tuple[int, str] | None:
    """Find a clerk of the branch who may sign in: id and password hash."""
    row = session.execute(
        select(Clerk.id, Clerk.password_hash).where(
            Clerk.login == login, Clerk.branch_id == branch_id, Clerk.disabled_at.is_(None)
        )
    ).first()
    return (row[0], row[1]) if row else None


def end(session: Session, now: datetime, **which: int) -> None:
    """End the open sessions with these ids: `counter_id`, `clerk_id`, `device_id`, or a session's own `id`."""
    session.execute(
        update(ClerkSession)
        .filter_by(**which)
        .where(ClerkSession.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def sit_down(session: Session, clerk_id: int, counter_id: int) -> None:
    """Put a clerk at a counter and at no other."""
    session.execute(update(Counter).where(Counter.clerk_id == clerk_id).values(clerk_id=None))
    session.execute(update(Counter).where(Counter.id == counter_id).values(clerk_id=clerk_id))


def get_up(session: Session, counter_id: int) -> None:
    """Leave a counter empty and closed."""
    session.execute(
        update(Counter).where(Counter.id == counter_id).values(clerk_id=None, state=CounterState.CLOSED)
    )
