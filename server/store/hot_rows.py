"""Rows of the hot path: read and written by hot statements, as objects of the session's one identity map."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Select, bindparam, event, inspect, update
from sqlalchemy.orm import Mapper, Session
from sqlalchemy.orm.exc import StaleDataError

from server.store.prepared import Prepared, connection_of
from server.store.tables import Table

Row = TypeVar("Row", bound=Table)
_HOT: set[type[Table]] = set()


class HotRows(Generic[Row]):
    """A statement that selects whole rows of a table, which SQLAlchemy's own way takes ten times as long for.

    A row is the same object however a transaction found it, here or by SQLAlchemy's way: what one step changed of
    it, the next one sees and does not undo. Changes are written when the session flushes.
    """

    def __init__(self, statement: Select[Row]) -> None:
        self._table: type[Row] = statement.column_descriptions[0]["entity"]
        self._names = statement.exported_columns.keys()
        self._statement = Prepared(statement)
        _HOT.add(self._table)

    def first(self, session: Session, values: Mapping[str, Any]) -> Row | None:
        """Execute and return the first row as it is now; None when there is none."""
        read = self._statement.first(session, values)
        if read is None:
            return None
        return _the_row(session, self._table, dict(zip(self._names, read, strict=True)))


def _the_row(session: Session, table: type[Row], values: Mapping[str, Any]) -> Row:
    """Return the session's one object of a row, of which all columns were just read."""
    mapper = inspect(table)
    key = mapper.identity_key_from_primary_key((values["id"],))
    row = cast(Row | None, session.identity_map.get(key))
    if row is None:
        row = cast(Row, mapper.class_manager.new_instance())
        row.__dict__.update(values)
        # What SQLAlchemy does with each row that it loads; `add` looks through the whole row for others besides.
        state = inspect(row)
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
    elif not inspect(row).modified:
        row.__dict__.update(values)
    return row


@lru_cache(maxsize=256)
def _update(table: Mapper[Any], names: tuple[str, ...]) -> Prepared:
    return Prepared(update(table).where(table.c.id == bindparam("row")), names)


def _write_changes(session: Session, _context: object, _objects: object) -> None:
    """Write what changed of hot rows, before SQLAlchemy writes the rest of a flush.

    Raises StaleDataError for a row that is gone.
    """
    changed = [row for row in session.dirty if type(row) in _HOT]
    for row in sorted(changed, key=lambda row: (row.__tablename__, row.id)):
        state = inspect(row)
        before = sorted(state.committed_state.items())
        values = {name: state.dict[name] for name, was in before if state.dict[name] != was}
        statement = _update(state.mapper, tuple(values))
        if values and statement.run(connection_of(session), values | {"row": row.id}) != 1:
            raise StaleDataError(f"{row.__tablename__} {row.id} is gone")
    # What SQLAlchemy does itself after a flush: they are as in the database, and a savepoint knows of them.
    session._register_persistent({inspect(row) for row in changed})


event.listen(Session, "before_flush", _write_changes)
