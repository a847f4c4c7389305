"""What was changed in the office, by whom and when, and the things that pages change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from server.domain.office.differences import Difference, differences
from server.services.context import not_found
from server.services.office.editing import thing_of
from server.services.office.things import Subject, Thing, value_of
from server.store.queries import office as rows
from server.store.queries import office_changes as change_rows
from server.store.tables import Counter, Hall, OfficeChange, Service

PAGE = 50
_TABLES: dict[Subject, type[Hall] | type[Service] | type[Counter]] = {
    Subject.HALL: Hall,
    Subject.SERVICE: Service,
    Subject.COUNTER: Counter,
}


@dataclass(frozen=True, slots=True)
class Record:
    """A change on record; `who` is None where a file was applied."""

    id: int
    at: datetime
    who: str | None
    thing: Thing
    is_new: bool
    is_removed: bool
    differences: Sequence[Difference]
    is_taken_back: bool


def records(session: Session, branch_id: int | None, before_id: int | None = None) -> list[Record]:
    """List the changes of a branch (None: of no branch), the newest first, PAGE at once."""
    found = change_rows.changes(session, branch_id, before_id=before_id, limit=PAGE)
    return [_record(session, row, who) for row, who in found]


def last_change(session: Session, thing: Thing) -> tuple[str | None, datetime] | None:
    """Tell who changed a thing last (None: a file), and when."""
    of = rows.branch_named(session, thing.branch) if thing.branch else None
    found = change_rows.history(session, of.id if of else None, thing.subject, thing.name)
    return (found[-1][1], found[-1][0].at) if found else None


def thing_by_id(
    session: Session, subject: Subject, branch_id: int, row_id: int
) -> tuple[Thing, dict[str, Any]]:
    """Find a hall, service or counter of a branch with its value. Raises RuleBroken 404."""
    row = cast(Hall | Service | Counter | None, session.get(_TABLES[subject], row_id))
    if row is None or row.branch_id != branch_id:
        raise not_found(str(subject))
    name = row.code if isinstance(row, Hall) else row.letter if isinstance(row, Service) else str(row.number)
    return Thing(subject, name, rows.branch_code(session, branch_id)), value_of(session, row)


def _record(session: Session, row: OfficeChange, who: str | None) -> Record:
    return Record(
        row.id,
        row.at,
        who,
        thing_of(session, row),
        row.old is None,
        row.new is None,
        differences(row.old, row.new),
        row.undone_by_id is not None,
    )
