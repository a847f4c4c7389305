"""What a write path is, and PostgreSQL's: ordinary transactions (SQLite's is group_commit)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.store.errors import OutcomeUnknown, as_unavailable, may_run_again
from server.store.facts import append_unsealed, seal_pending, taken
from server.store.prepared import works_on

T = TypeVar("T")
Work = Callable[[Session], T]

_SEAL_EVERY_SECONDS = 0.25
# Of many commits at once the sealer takes some together: to seal costs as much for ten facts as for one.
_SEAL_PAUSE_SECONDS = 0.01


class Writer(Protocol):
    """Runs work in a transaction of its own: all of it and its facts are durable on return, or nothing is."""

    def write(self, work: Work[T]) -> T: ...

    def close(self) -> None: ...


def again(call: Callable[[], T]) -> T:
    """Call, again while a try collided with others or its connection was cut, six times at most.

    Raises StoreUnavailable, and what the call raises.
    """
    tries = 6
    while True:
        tries -= 1
        try:
            return call()
        except Exception as error:
            if tries and isinstance(error, DBAPIError) and may_run_again(error):
                continue
            raise as_unavailable(error) or error from error


class PostgresWriter:
    """Ordinary transactions, one a caller; facts are sealed behind them by whoever holds the lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._unsealed = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._seal, name="fact-sealer", daemon=True)
        self._thread.start()

    def write(self, work: Work[T]) -> T:
        """Run the work in a transaction, again when it collided or its connection was cut.

        Raises StoreUnavailable; OutcomeUnknown where the commit was under way.
        """
        return again(lambda: self._once(work))

    def close(self) -> None:
        """Seal what is left, then stop."""
        self._closing = True
        self._unsealed.set()
        self._thread.join(10)

    def _once(self, work: Work[T]) -> T:
        with Session(self._engine, expire_on_commit=False) as session:
            connection = session.connection()
            result = work(works_on(session, connection))
            session.flush()
            facts = taken(session)
            append_unsealed(connection, facts)
            try:
                session.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise OutcomeUnknown("database_gone") from error
                raise
        if facts:
            self._unsealed.set()
        return result

    def _seal(self) -> None:
        sealed_at = 0.0
        while True:
            if self._unsealed.wait(_SEAL_EVERY_SECONDS):
                time.sleep(max(0.0, sealed_at + _SEAL_PAUSE_SECONDS - time.monotonic()))
            self._unsealed.clear()
            # Asked before the round: what was committed while it ran is sealed by one more.
            is_last = self._closing
            try:
                with self._engine.begin() as connection:
                    while seal_pending(connection) == 500:
                        pass
                sealed_at = time.monotonic()
            except SQLAlchemyError:
                # The database is away, or all connections are in use: the next round seals what waits in it.
                threading.Event().wait(_SEAL_EVERY_SECONDS)
            if is_last:
                return
