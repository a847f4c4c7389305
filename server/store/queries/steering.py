"""What supervisors rule for a while: what goes on, what is to begin or to end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server.store.tables import Steering
from wire.vocabulary import SteeringKind

_GOES_ON = Steering.ended_at.is_(None)


def going_on(session: Session, *kinds: SteeringKind, **which: int) -> list[Steering]:
    """List what goes on, in the order of its beginning: of these kinds (all without any) and these ids."""
    found = select(Steering).filter_by(**which).where(_GOES_ON)
    if kinds:
        found = found.where(Steering.kind.in_(kinds))
    return list(session.execute(found.order_by(Steering.id)).scalars())


def of_branches(session: Session, branch_ids: Sequence[int]) -> list[Steering]:
    """List what goes on in some branches, in the order of its beginning."""
    found = select(Steering).where(_GOES_ON, Steering.branch_id.in_(branch_ids))
    return list(session.execute(found.order_by(Steering.id)).scalars())


def one(session: Session, steering_id: int, kind: SteeringKind, branch_id: int) -> Steering | None:
    """Read one of a branch that goes on, for a change with its row locked."""
    found = select(Steering).where(
        _GOES_ON, Steering.id == steering_id, Steering.kind == kind, Steering.branch_id == branch_id
    )
    return session.execute(found.with_for_update()).scalar_one_or_none()


def due(session: Session, now: datetime) -> list[Steering]:
    """List what is over, and the notices whose hour has come."""
    begins = and_(
        Steering.kind == SteeringKind.NOTICE, Steering.answered_at.is_(None), Steering.begins_at <= now
    )
    found = select(Steering).where(_GOES_ON, or_(Steering.ends_at <= now, begins))
    return list(session.execute(found.order_by(Steering.id)).scalars())
