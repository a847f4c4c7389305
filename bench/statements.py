"""Hears every statement that this process sends to its database, at the driver, below SQLAlchemy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

_OF_A_TRANSACTION = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)\b", re.IGNORECASE)
_OF_A_TRIGGER = "--"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the driver was given. SQLite's text has its values in it, PostgreSQL's comes with them beside it."""

    text: str
    values: Any = None

    @property
    def is_of_a_transaction(self) -> bool:
        """Say whether it only begins or ends something."""
        return _OF_A_TRANSACTION.match(self.text) is not None


class Listener:
    """What was heard since `heard` was cleared last, from all threads."""

    def __init__(self) -> None:
        self.heard: list[Statement] = []
        self._connections: list[Any] = []
        self._hears = False

    def count(self) -> tuple[int, int]:
        """Forget what was heard; return how many statements, and how many that only begin or end something."""
        heard, self.heard = self.heard, []
        control = sum(each.is_of_a_transaction for each in heard)
        return len(heard) - control, control

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen for the length of a with statement: what is timed meanwhile is worth nothing."""
        self._hears = True
        for each in self._connections:
            each.set_trace_callback(self._hear)
        try:
            yield
        finally:
            self._hears = False
            for each in self._connections:
                each.set_trace_callback(None)

    def lost(self, connection: Any, _record: Any) -> None:
        """Forget a connection that is closed."""
        if connection in self._connections:
            self._connections.remove(connection)

    def _hear(self, text: str) -> None:
        if not text.startswith(_OF_A_TRIGGER):
            self.heard.append(Statement(text))

    def met(self, connection: Any, _record: Any) -> None:
        """Know a new connection: SQLite's is told whom to call, PostgreSQL's makes cursors that tell."""
        if hasattr(connection, "set_trace_callback"):
            self._connections.append(connection)
            connection.set_trace_callback(self._hear if self._hears else None)
        else:
            connection.cursor_factory = self.told_by(psycopg.Cursor)
            connection.commit = self._ending(connection, connection.commit, "COMMIT")
            connection.rollback = self._ending(connection, connection.rollback, "ROLLBACK")

    def told_by(self, kind: type[Any]) -> type[Any]:
        """Make a kind of cursor of PostgreSQL's that tells this listener."""
        return type("Cursor", (_Telling, kind), {"listener": self})

    def _ending(self, connection: Any, end: Callable[[], None], word: str) -> Callable[[], None]:
        """Tell of the end of a transaction, and of its beginning, which the driver sends by itself."""

        def told() -> None:
            if connection.info.transaction_status != TransactionStatus.IDLE:
                self.told("BEGIN")
                self.told(word)
            end()

        return told

    def told(self, text: str, values: Any = None) -> None:
        """Take note of a statement of PostgreSQL's."""
        if self._hears:
            self.heard.append(Statement(text, values))


class _Telling:
    """What a cursor of PostgreSQL's does before it sends something: SQLAlchemy's, or that of hot statements."""

    listener: Listener

    def execute(self, query: Any, params: Any = None, **named: Any) -> Any:
        self.listener.told(str(query), params)
        return super().execute(query, params, **named)  # type: ignore[misc]

    def executemany(self, query: Any, params_seq: Any, **named: Any) -> None:
        rows = list(params_seq)
        for params in rows:
            self.listener.told(str(query), params)
        super().executemany(query, rows, **named)  # type: ignore[misc]


@contextmanager
def listener() -> Iterator[Listener]:
    """Give a listener that knows every connection which is opened inside the with statement."""
    hearing = Listener()
    heard_of = (("connect", hearing.met), ("close", hearing.lost))
    for name, call in heard_of:
        event.listen(Engine, name, call)
    raw = psycopg.RawCursor
    psycopg.RawCursor = hearing.told_by(raw)  # type: ignore[misc]
    try:
        yield hearing
    finally:
        psycopg.RawCursor = raw  # type: ignore[misc]
        for name, call in heard_of:
            event.remove(Engine, name, call)
