"""The orders of waiting rooms: read by release, by public id, and the latest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.store.tables import Shuffle


def shuffle_at(session: Session, service_id: int, opens_at: datetime) -> Shuffle | None:
    """Read the order of a release."""
    found = select(Shuffle).filter_by(service_id=service_id, opens_at=opens_at)
    return session.execute(found).scalar_one_or_none()


def shuffle_of(session: Session, public_id: str) -> Shuffle | None:
    """Read an order by its public id."""
    return session.execute(select(Shuffle).filter_by(public_id=public_id)).scalar_one_or_none()


def shuffle_of_line(session: Session, opens_at: datetime) -> Shuffle | None:
    """Read by which order the line in front of the pages is drawn at an hour; None while it is held for none."""
    found = select(Shuffle).where(Shuffle.opens_at == opens_at, Shuffle.line_first.is_not(None))
    return session.execute(found.order_by(Shuffle.id).limit(1)).scalar_one_or_none()


def latest(session: Session, most: int) -> list[Shuffle]:
    """List the last orders of all services, that of the latest hour first."""
    return list(
        session.execute(
            select(Shuffle).order_by(Shuffle.opens_at.desc(), Shuffle.id.desc()).limit(most)
        ).scalars()
    )
