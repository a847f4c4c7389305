"""The counts of the line in front of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.tables import ArrivalCount

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add(session: Session, name: str, more: int) -> int:
    """Add to a count, which begins with nothing; return what it has come to."""
    new = _insert(session).values(name=name, count=more)
    added = {"count": ArrivalCount.count + new.excluded.count}
    grown = new.on_conflict_do_update(index_elements=["name"], set_=added).returning(ArrivalCount.count)
    count: int = session.execute(grown).scalar_one()
    return count


def set_once(session: Session, name: str, count: int) -> None:
    """Set a count that nobody has set yet; what is set stays."""
    new = _insert(session).values(name=name, count=count)
    session.execute(new.on_conflict_do_nothing(index_elements=["name"]))


def counts(session: Session) -> dict[str, int]:
    """Return all counts by their names."""
    return {row[0]: row[1] for row in session.execute(select(ArrivalCount.name, ArrivalCount.count))}


def forget(session: Session, names: Iterable[str]) -> None:
    """Take out counts."""
    session.execute(delete(ArrivalCount).where(ArrivalCount.name.in_([*names])))


def _insert(session: Session) -> Any:
    return _INSERTS[session.get_bind().dialect.name](ArrivalCount)
