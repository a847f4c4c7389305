"""Clerks at their counters: who may sign in, which sessions end, who sits where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from server.domain.access.roles import Permission, roles_with
from server.store.tables import ClerkSession, Counter, Device, User, UserRole
from wire.vocabulary import CounterState

_SERVE = roles_with(Permission.SERVE)


def clerk_to_verify(session: Session, branch_id: int, login: str) -> tuple[int, str | None] | None:
    """Find somebody who may serve at the branch: id and password hash."""
    serves = exists().where(
        UserRole.user_id == User.id,
        UserRole.role.in_(_SERVE),
        or_(UserRole.branch_id == branch_id, UserRole.branch_id.is_(None)),
    )
    row = session.execute(
        select(User.id, User.password_hash).where(
            User.login == login, User.password_hash.is_not(None), User.disabled_at.is_(None), serves
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


def at_another_device(
    session: Session, now: datetime, counter_id: int, device_id: int
) -> tuple[str, str] | None:
    """Find who works at a counter at another device than this one: the clerk's name and the program."""
    row = session.execute(
        select(User.name, ClerkSession.program)
        .join(User, User.id == ClerkSession.clerk_id)
        .join(Device, Device.id == ClerkSession.device_id)
        .where(
            ClerkSession.counter_id == counter_id,
            ClerkSession.device_id != device_id,
            ClerkSession.ended_at.is_(None),
            ClerkSession.expires_at > now,
            User.disabled_at.is_(None),
            Device.revoked_at.is_(None),
        )
    ).first()
    return (row[0], row[1]) if row else None


def sit_down(session: Session, clerk_id: int, counter_id: int) -> None:
    """Put a clerk at a counter and at no other."""
    session.execute(update(Counter).where(Counter.clerk_id == clerk_id).values(clerk_id=None))
    session.execute(update(Counter).where(Counter.id == counter_id).values(clerk_id=clerk_id))


def sits_at(session: Session, clerk_id: int) -> list[Counter]:
    """List the counters (one, or none) where somebody sits."""
    return list(session.execute(select(Counter).where(Counter.clerk_id == clerk_id)).scalars())


def deserted(session: Session, now: datetime) -> list[Counter]:
    """List the counters that have a clerk whose session is over, or who may not serve any more."""
    session_goes_on = exists().where(
        ClerkSession.counter_id == Counter.id,
        ClerkSession.clerk_id == Counter.clerk_id,
        ClerkSession.ended_at.is_(None),
        ClerkSession.expires_at > now,
        ClerkSession.clerk_id == User.id,
        User.disabled_at.is_(None),
        ClerkSession.device_id == Device.id,
        Device.revoked_at.is_(None),
        UserRole.user_id == User.id,
        UserRole.role.in_(_SERVE),
        or_(UserRole.branch_id == Device.branch_id, UserRole.branch_id.is_(None)),
    )
    rows = session.execute(select(Counter).where(Counter.clerk_id.is_not(None), ~session_goes_on))
    return list(rows.scalars())


def get_up(session: Session, counter_id: int, now: datetime) -> None:
    """Leave a counter empty and closed."""
    session.execute(
        update(Counter)
        .where(Counter.id == counter_id)
        .values(clerk_id=None, state=CounterState.CLOSED, state_since=now)
    )
