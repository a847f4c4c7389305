"""How often an information page was opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.tables import PageVisits

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add(session: Session, visits: Mapping[str, int]) -> None:
    """Add to the visits of pages; in one order, so that two servers do not wait for each other."""
    insert = _INSERTS[session.get_bind().dialect.name]
    for page, more in sorted(visits.items()):
        new = insert(PageVisits).values(page=page, visits=more)
        session.execute(
            new.on_conflict_do_update(
                index_elements=["page"], set_={"visits": PageVisits.visits + new.excluded.visits}
            )
        )


def of(session: Session, page: str) -> int:
    """Return the visits of a page that are written."""
    return session.execute(select(PageVisits.visits).where(PageVisits.page == page)).scalar_one_or_none() or 0
