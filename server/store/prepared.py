"""Hot statements: written as SQLAlchemy constructs, compiled once, then handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler

_Convert = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in one dialect: its text, its parameters in order, and what turns values over."""

    sql: str
    names: tuple[str, ...]
    positional: bool
    fixed: Mapping[str, Any]
    binders: Mapping[str, _Convert]
    readers: tuple[_Convert, ...]


class Prepared:
    """A statement that the hot path runs thousands of times a second.

    SQLAlchemy's execute spends more time on finding its cached statement than SQLite on the statement itself;
    this keeps the compiled text by dialect and does the types' conversions, no more.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        """Take a statement; an INSERT needs the names of the columns that its rows will have."""
        self._statement = statement
        self._columns = columns
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, session: Session, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute with these values, for the effect."""
        return self.on(session.connection(), values)

    def on(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Execute on a connection, for the effect."""
        compiled = self._compiled(connection.dialect)
        return connection.exec_driver_sql(compiled.sql, _bound(compiled, values))

    def many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once a row."""
        compiled = self._compiled(connection.dialect)
        connection.exec_driver_sql(compiled.sql, [_bound(compiled, row) for row in rows])

    def first(self, session: Session, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Execute and return the first row, None when there is none."""
        connection = session.connection()
        row = self.on(connection, values).first()
        return None if row is None else _read(self._compiled(connection.dialect), row)

    def all(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute and return all rows."""
        connection = session.connection()
        rows = self.on(connection, values).all()
        return [_read(self._compiled(connection.dialect), row) for row in rows]

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(dialect.name)
        if found is None:
            found = self._by_dialect[dialect.name] = _compile(self._statement, self._columns, dialect)
        return found


def _compile(statement: Any, columns: Sequence[str] | None, dialect: Dialect) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
    names = tuple(compiled.positiontup or compiled.binds)
    binders = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
    }
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    columns = getattr(statement, "exported_columns", ())
    readers = tuple(each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns)
    return _Compiled(str(compiled), names, bool(compiled.positional), fixed, binders, readers)


def _bound(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
    """Return the parameters as the driver wants them: a tuple in order, or a mapping by name."""
    fixed, binders = compiled.fixed, compiled.binders
    ready = []
    for name in compiled.names:
        value = values[name] if name in values else fixed.get(name)
        binder = binders[name]
        ready.append(value if binder is None else binder(value))
    return tuple(ready) if compiled.positional else dict(zip(compiled.names, ready, strict=True))


def _read(compiled: _Compiled, row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(
        value if reader is None else reader(value)
        for value, reader in zip(row, compiled.readers, strict=True)
    )
