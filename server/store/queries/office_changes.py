"""What changed in the office, and what uses a thing of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.store.tables import Counter, CounterService, OfficeChange, User
from server.store.tables.root import Table

# These belong to a thing rather than use it, or are its history.
_NOT_USES = {OfficeChange.__tablename__}


def uses(session: Session, row: Any) -> dict[str, int]:
    """Count what points at a row, by the names of tables; what a counter serves is its own."""
    target = type(row).__table__.c.id
    found: dict[str, int] = {}
    for table in Table.metadata.sorted_tables:
        own = isinstance(row, Counter) and table.name == CounterService.__tablename__
        if own or table.name in _NOT_USES:
            continue
        for column in table.c:
            if any(key.column is target for key in column.foreign_keys):
                count = session.execute(
                    select(func.count()).select_from(table).where(column == row.id)
                ).scalar_one()
                if count:
                    found[table.name] = found.get(table.name, 0) + count
    return found


def delete_row(session: Session, row: Any) -> None:
    """Delete a row that nothing uses, with what a counter serves."""
    if isinstance(row, Counter):
        session.execute(delete(CounterService).where(CounterService.counter_id == row.id))
    session.delete(row)
    session.flush()


def changes(
    session: Session, branch_id: int | None, *, before_id: int | None = None, limit: int = 50
) -> Sequence[tuple[OfficeChange, str | None]]:
    """List changes with the names of those who made them, the newest first; None: those of no branch."""
    wanted = (
        select(OfficeChange, User.name)
        .outerjoin(User, User.id == OfficeChange.user_id)
        .where(OfficeChange.branch_id.is_(None) if branch_id is None else OfficeChange.branch_id == branch_id)
        .order_by(OfficeChange.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        wanted = wanted.where(OfficeChange.id < before_id)
    return [(row[0], row[1]) for row in session.execute(wanted)]


def history(
    session: Session, branch_id: int | None, subject: str, name: str
) -> Sequence[tuple[OfficeChange, str | None]]:
    """List the changes of one thing with the names of those who made them, the oldest first."""
    found = session.execute(
        select(OfficeChange, User.name)
        .outerjoin(User, User.id == OfficeChange.user_id)
        .where(
            OfficeChange.branch_id.is_(None) if branch_id is None else OfficeChange.branch_id == branch_id,
            OfficeChange.subject == subject,
            OfficeChange.name == name,
        )
        .order_by(OfficeChange.id)
    )
    return [(row[0], row[1]) for row in found]
