"""The one write path: every change of the truth is a piece of work handed to `Writer.write`."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.store.errors import COLLISIONS, StoreUnavailable, as_unavailable, sqlstate
from server.store.facts import NewFact, append_sealed, append_unsealed, seal_pending, taken, tip
from server.store.prepared import works_on

T = TypeVar("T")
Work = Callable[[Session], T]

BATCH = 64
ANSWER_SECONDS = 3.0
_SEAL_EVERY_SECONDS = 0.25


class Writer(Protocol):
    """Runs work in a transaction of its own: all of it and its facts are durable on return, or nothing is."""

    def write(self, work: Work[T]) -> T: ...

    def close(self) -> None: ...


class SqliteWriter:
    """One thread with a FIFO queue and group commit: a savepoint each, one fsync for the batch.

    Every caller gets its own answer after the commit; an error of the disk fails the whole batch.
    """

    def __init__(
        self,
        engine: Engine,
        rang: Callable[[], None],
        queue_length: int,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._engine = engine
        self._rang = rang
        self._answer_seconds = answer_seconds
        self._jobs: queue.Queue[tuple[Work[Any], Future[Any]] | None] = queue.Queue(queue_length)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, work: Work[T]) -> T:
        """Queue the work and wait for its commit. Raises StoreUnavailable (full queue, held, disk)."""
        answer: Future[T] = Future()
        try:
            self._jobs.put_nowait((work, answer))
        except queue.Full:
            raise StoreUnavailable("overloaded") from None
        try:
            return answer.result(self._answer_seconds)
        except TimeoutError:
            # Not begun: it never will. Begun: it is committed or not, and the retry's key will tell.
            answer.cancel()
            raise StoreUnavailable("database_busy") from None

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._jobs.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while (job := self._jobs.get()) is not None:
                batch = [job]
                while len(batch) < BATCH:
                    try:
                        more = self._jobs.get_nowait()
                    except queue.Empty:
                        break
                    if more is None:
                        self._jobs.put(None)
                        break
                    batch.append(more)
                self._commit(connection, batch)

    def _commit(self, connection: Connection, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        refused: list[tuple[Future[Any], BaseException]] = []
        facts: list[NewFact] = []
        try:
            with connection.begin(), _Savepoints(connection) as savepoints:
                # Only now: who was sent away while the database was held must find nothing done.
                for work, answer in filter(_is_wanted, batch):
                    try:
                        result, its_facts = savepoints.run(work)
                    except _AllUndone:
                        raise
                    except Exception as error:
                        if (unavailable := as_unavailable(error)) is not None:
                            raise unavailable from error
                        refused.append((answer, error))
                    else:
                        done.append((answer, result))
                        facts += its_facts
                if facts:
                    append_sealed(connection, facts, tip(connection))
        except _AllUndone as undone:
            if len(batch) == 1:
                batch[0][1].set_exception(undone.why)
            else:
                for alone in batch:
                    self._commit(connection, [alone])
            return
        except Exception as error:
            _settle_driver(connection)
            failure = as_unavailable(error) or error
            for _, answer in filter(_is_wanted, batch):
                answer.set_exception(failure)
            return
        for answer, result in done:
            answer.set_result(result)
        for answer, raised in refused:
            answer.set_exception(raised)
        if facts:
            self._rang()


def _is_wanted(job: tuple[Work[Any], Future[Any]]) -> bool:
    """Say whether the caller has not been sent away; from then on the work is begun and stands."""
    answer = job[1]
    return answer.running() or (not answer.cancelled() and answer.set_running_or_notify_cancel())


class _AllUndone(Exception):
    """A failed flush made the session roll back the whole batch: each piece must be run again, alone."""

    def __init__(self, why: BaseException) -> None:
        super().__init__(str(why))
        self.why = as_unavailable(why) or why


class _Savepoints:
    """Runs pieces of work in one transaction so that the failure of one undoes it alone.

    The statements around each piece go straight to the driver: they are the hottest of all.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._session = self._fresh()

    def __enter__(self) -> _Savepoints:
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        return self

    def __exit__(self, *_: object) -> None:
        self._session.expunge_all()

    def run(self, work: Work[T]) -> tuple[T, list[NewFact]]:
        """Run one piece; return its value and its facts, or undo it and raise what it raised."""
        self._driver.execute("SAVEPOINT work")
        try:
            result = work(self._session)
            self._session.flush()
        except BaseException as error:
            self._session = self._fresh()
            if not self._driver.in_transaction:
                raise _AllUndone(error) from error
            self._driver.execute("ROLLBACK TO work")
            self._driver.execute("RELEASE work")
            raise
        facts = taken(self._session)
        self._session.expunge_all()
        self._driver.execute("RELEASE work")
        return result, facts

    def _fresh(self) -> Session:
        session = Session(self._connection, join_transaction_mode="rollback_only", expire_on_commit=False)
        return works_on(session, self._connection)


def _settle_driver(connection: Connection) -> None:
    """Leave no half-open transaction on the driver's connection after a failed batch."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
        driver.rollback()


class PostgresWriter:
    """Ordinary transactions, one a caller; facts are sealed behind them by whoever holds the lock."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._unsealed = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._seal, name="fact-sealer", daemon=True)
        self._thread.start()

    def write(self, work: Work[T]) -> T:
        """Run the work in a transaction, again when it collided. Raises StoreUnavailable."""
        tries = 6
        while True:
            tries -= 1
            try:
                return self._once(work)
            except DBAPIError as error:
                if sqlstate(error) in COLLISIONS and tries:
                    continue
                raise as_unavailable(error) or error from error
            except Exception as error:
                raise as_unavailable(error) or error from error

    def close(self) -> None:
        """Seal what is left, then stop."""
        self._closing = True
        self._unsealed.set()
        self._thread.join(10)

    def _once(self, work: Work[T]) -> T:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            result = work(session)
            session.flush()
            facts = taken(session)
            append_unsealed(session.connection(), facts)
        if facts:
            self._unsealed.set()
        return result

    def _seal(self) -> None:
        while True:
            self._unsealed.wait(_SEAL_EVERY_SECONDS)
            self._unsealed.clear()
            try:
                with self._engine.begin() as connection:
                    while seal_pending(connection) == 500:
                        pass
            except SQLAlchemyError:
                # The database is away, or all connections are in use: the next round seals what waits in it.
                threading.Event().wait(_SEAL_EVERY_SECONDS)
            if self._closing:
                return
