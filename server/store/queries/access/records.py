"""What the log says of people of the staff: their sign-ins and what was changed of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from server.store.tables import Fact, UserRole, fixed
from wire.vocabulary import FactType

_TYPES = (FactType.USER_CHANGED, FactType.STAFF_SIGNED_IN, FactType.SIGN_IN_REFUSED)


@dataclass(frozen=True, slots=True)
class PeopleFact:
    """A fact about somebody of the staff."""

    at: datetime
    type: str
    branch_id: int | None
    data: dict[str, Any]


def of_people(session: Session, branch_ids: Collection[int] | None, most: int) -> list[PeopleFact]:
    """Read the latest facts about people, newest first; only of these branches and of who is somebody there."""
    query = select(Fact.at, Fact.type, Fact.branch_id, Fact.data).where(
        Fact.type.in_([fixed(each) for each in _TYPES])
    )
    if branch_ids is not None:
        here = select(UserRole.user_id).where(UserRole.branch_id.in_(branch_ids))
        query = query.where(
            or_(
                Fact.branch_id.in_(branch_ids),
                and_(Fact.branch_id.is_(None), Fact.data["user"].as_integer().in_(here)),
            )
        )
    found = session.execute(query.order_by(Fact.id.desc()).limit(most))
    return [PeopleFact(*row) for row in found]
