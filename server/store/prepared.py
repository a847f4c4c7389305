"""Hot statements: written as SQLAlchemy constructs, compiled once, then handed to the driver as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement, Executable
from sqlalchemy.sql.compiler import SQLCompiler

Place = Session | Connection
"""Where a hot statement runs."""
_Convert = tuple[int, Callable[[Any], Any]]
_CONNECTION = "connection of hot statements"
# Its parameters are numbered as it does itself: psycopg takes long statements apart each time to find named ones.
_NUMBERING = "postgresql"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in one dialect: its text, its parameters in order, and what turns which values over."""

    sql: str
    names: tuple[str, ...]
    binders: tuple[_Convert, ...]
    positional: bool
    fixed: Mapping[str, Any]
    readers: tuple[_Convert, ...]


AT_ONCE = 8
"""So many rows are looked for by one statement."""


def any_of(column: InstrumentedAttribute[bytes]) -> ColumnElement[bool]:
    """Make the condition that a column has one of the values that `each_of` gives."""
    return column.in_([bindparam(f"any{place}", type_=column.type) for place in range(AT_ONCE)])


def each_of(wanted: Sequence[bytes]) -> Iterator[dict[str, bytes]]:
    """Give the values of a statement with `any_of`, AT_ONCE of those wanted at a time."""
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        yield {f"any{place}": some[min(place, len(some) - 1)] for place in range(AT_ONCE)}


class Prepared:
    """A statement that the hot path runs thousands of times a second.

    SQLAlchemy's execute spends more time on finding its cached statement than SQLite on the statement itself;
    this keeps the compiled text by dialect and does the types' conversions, no more.
    """

    def __init__(
        self, statement: Executable | Mapping[str, Executable], columns: Sequence[str] | None = None
    ) -> None:
        """Take a statement, or one for each dialect; an INSERT needs the names of its rows' columns."""
        self._statement = statement
        self._columns = columns
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, place: Place, values: Mapping[str, Any]) -> int:
        """Execute for the effect; return how many rows it touched."""
        connection, compiled = self._here(place)
        cursor = _execute(connection, compiled.sql, _bound(compiled, values))
        touched = int(cursor.rowcount)
        cursor.close()
        return touched

    def first(self, place: Place, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Execute and return the first row, None when there is none."""
        connection, compiled = self._here(place)
        cursor = _execute(connection, compiled.sql, _bound(compiled, values))
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else _read(compiled, row)

    def value(self, place: Place, values: Mapping[str, Any]) -> Any:
        """Execute and return the one value that there is."""
        row = self.first(place, values)
        if row is None:
            raise RuntimeError("a statement that must return a value returned none")
        return row[0]

    def all(self, place: Place, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute and return all rows."""
        connection, compiled = self._here(place)
        cursor = _execute(connection, compiled.sql, _bound(compiled, values))
        rows = cursor.fetchall()
        cursor.close()
        return [_read(compiled, row) for row in rows]

    def many(self, place: Place, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once a row."""
        connection, compiled = self._here(place)
        _execute(connection, compiled.sql, [_bound(compiled, row) for row in rows], many=True).close()

    def _here(self, place: Place) -> tuple[Connection, _Compiled]:
        """Return the connection to work on, and the statement as its database wants it.

        It must see what the session has changed so far: that is written first.
        """
        if isinstance(place, Session):
            if place.autoflush:
                place.flush()
            place = connection_of(place)
        return place, self._compiled(place.dialect)

    def _compiled(self, dialect: Dialect) -> _Compiled:
        found = self._by_dialect.get(dialect.name)
        if found is None:
            each = self._statement
            statement = each[dialect.name] if isinstance(each, Mapping) else each
            if dialect.name == _NUMBERING:
                kind: Any = type(dialect)
                dialect = kind(paramstyle="numeric_dollar")
            found = self._by_dialect[dialect.name] = _compile(statement, self._columns, dialect)
        return found


def connection_of(session: Session) -> Connection:
    """Return the connection that a session works on."""
    connection: Connection = session.info.get(_CONNECTION) or session.connection()
    return connection


def works_on(session: Session, connection: Connection) -> Session:
    """Tell hot statements which connection a session works on: to ask the session costs as much as they do."""
    session.info[_CONNECTION] = connection
    return session


def _execute(connection: Connection, sql: str, values: Any, *, many: bool = False) -> Any:
    """Hand a statement to the driver; its errors come out as SQLAlchemy's. Return the driver's cursor."""
    driver: Any = connection.dialect.dbapi
    if connection.dialect.name == _NUMBERING:
        cursor = driver.RawCursor(connection.connection.driver_connection)
    else:
        cursor = connection.connection.cursor()
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except driver.Error as error:
        lost = connection.dialect.is_disconnect(error, connection.connection, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, driver.Error, connection_invalidated=lost, dialect=connection.dialect
        ) from error
    return cursor


def _compile(statement: Any, columns: Sequence[str] | None, dialect: Dialect) -> _Compiled:
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
    names = tuple(compiled.positiontup or compiled.binds)
    binders = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    given = {name for name, bind in compiled.binds.items() if not bind.required}
    fixed = {name: value for name, value in compiled.params.items() if name in given and value is not None}
    columns = getattr(statement, "exported_columns", ())
    readers = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
    return _Compiled(
        str(compiled), names, _converts(binders), bool(compiled.positional), fixed, _converts(readers)
    )


def _converts(each: Sequence[Callable[[Any], Any] | None]) -> tuple[_Convert, ...]:
    return tuple((place, convert) for place, convert in enumerate(each) if convert is not None)


def _bound(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
    """Return the parameters as the driver wants them: a tuple in order, or a mapping by name."""
    if compiled.fixed:
        values = {**compiled.fixed, **values}
    ready = list(map(values.get, compiled.names))
    for place, convert in compiled.binders:
        ready[place] = convert(ready[place])
    if compiled.positional:
        return tuple(ready)
    return dict(zip(compiled.names, ready, strict=True))


def _read(compiled: _Compiled, row: tuple[Any, ...]) -> tuple[Any, ...]:
    if not compiled.readers:
        return row
    read = list(row)
    for place, convert in compiled.readers:
        if read[place] is not None:
            read[place] = convert(read[place])
    return tuple(read)
