"""The phone log: who called about a reservation, when, with what result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.store.tables import PhoneCall, User


def add(session: Session, **values: Any) -> None:
    """Write a call."""
    session.add(PhoneCall(**values))
    session.flush()


def of(session: Session, reservation_ids: Sequence[int]) -> list[tuple[PhoneCall, str]]:
    """List the calls about reservations with the colleagues' names, the last first."""
    query = (
        select(PhoneCall, User.name)
        .join(User, User.id == PhoneCall.user_id)
        .where(PhoneCall.reservation_id.in_(reservation_ids))
        .order_by(PhoneCall.id.desc())
    )
    return [(row[0], row[1]) for row in session.execute(query)]
