"""SQLite's write path: one thread, a FIFO queue, a savepoint for each piece of work, one fsync for a batch."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from server.store.errors import StoreUnavailable, as_unavailable
from server.store.facts import NewFact, SealedFact, append_sealed, taken
from server.store.prepared import works_on

T = TypeVar("T")
Work = Callable[[Session], T]
Rang = Callable[[Sequence[SealedFact]], None]

BATCH = 64
ANSWER_SECONDS = 3.0


class SqliteWriter:
    """Every caller gets its own answer after the commit; an error of the disk fails the whole batch."""

    def __init__(
        self, engine: Engine, rang: Rang, queue_length: int, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._engine = engine
        self._rang = rang
        self._answer_seconds = answer_seconds
        self._jobs: queue.Queue[_Job | None] = queue.Queue(queue_length)
        self._batch: _Batch | None = None
        self._log_end: tuple[int, bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, work: Work[T]) -> T:
        """Queue the work and wait for its commit. Raises StoreUnavailable (full queue, held, disk).

        Inside a call that joined, the work runs at once; it stands when the call's batch is committed.
        """
        if self._batch is not None and threading.current_thread() is self._thread:
            return self._batch.run(work)
        answer = self._put(lambda batch: batch.run(work))
        try:
            return answer.result(self._answer_seconds)
        except TimeoutError:
            # Not begun: it never will. Begun: it is committed or not, and the retry's key will tell.
            answer.cancel()
            raise StoreUnavailable("database_busy") from None

    def join(self, call: Callable[[], T]) -> Future[T]:
        """Run a call in the writer's thread: what it writes joins the batch, its value waits for the commit.

        A request that does little beside its write costs half as much here as in a thread of its own. The call
        may be run again when the batch was undone. Raises StoreUnavailable when the queue is full.
        """
        return self._put(lambda _batch: call())

    def session_at_work(self) -> Session | None:
        """Return the session of the batch for a reader inside a call that joined; None for anyone else."""
        if self._batch is None or threading.current_thread() is not self._thread:
            return None
        return self._batch.session

    @property
    def waiting(self) -> tuple[int, int]:
        """Return how many pieces of work wait, and how many may."""
        return self._jobs.qsize(), self._jobs.maxsize

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._jobs.put(None)
        self._thread.join(10)

    def _put(self, do: Callable[[_Batch], T]) -> Future[T]:
        answer: Future[T] = Future()
        try:
            self._jobs.put_nowait((do, answer))
        except queue.Full:
            raise StoreUnavailable("overloaded") from None
        return answer

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while (job := self._jobs.get()) is not None:
                jobs = [job]
                while len(jobs) < BATCH:
                    try:
                        more = self._jobs.get_nowait()
                    except queue.Empty:
                        break
                    if more is None:
                        self._jobs.put(None)
                        break
                    jobs.append(more)
                self._commit(connection, jobs)

    def _commit(self, connection: Connection, jobs: list[_Job]) -> None:
        outcomes: list[_Outcome] = []
        batch = self._batch = _Batch(connection)
        try:
            with connection.begin():
                batch.begin()
                # Only now: callers who were sent away while the database was held must find nothing done.
                for do, answer in filter(_is_wanted, jobs):
                    outcomes.append((answer, *_outcome(do, batch)))
                    if batch.broken is not None:
                        raise batch.broken
                sealed = batch.seal(self._log_end)
        except _AllUndone:
            if len(jobs) > 1:
                for alone in jobs:
                    self._commit(connection, [alone])
                return
            sealed = []
        except Exception as error:
            _settle_driver(connection)
            failure = as_unavailable(error) or error
            for _, answer in filter(_is_wanted, jobs):
                answer.set_exception(failure)
            return
        finally:
            self._batch = None
        for answer, raised, result in outcomes:
            if raised is None:
                answer.set_result(result)
            else:
                answer.set_exception(raised)
        if sealed:
            self._log_end = sealed[-1].feed_number, sealed[-1].chain_hash
            self._rang(sealed)


class _AllUndone(Exception):
    """A failed flush made the session roll back the whole batch: each piece must be run again, alone."""


class _Batch:
    """The pieces of one transaction, each undone alone when it fails, and the facts of those that stand.

    The statements around each piece go straight to the driver: they are the hottest of all.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self.session = self._fresh()
        self._facts: list[NewFact] = []
        self.broken: Exception | None = None

    def begin(self) -> None:
        """Take the database's write lock. Raises sqlite3.OperationalError when somebody else holds it."""
        self._driver.execute("BEGIN IMMEDIATE")

    def run(self, work: Work[T]) -> T:
        """Run one piece; return its value, or undo it and raise what it raised.

        An error that the batch does not survive is kept in `broken` too.
        """
        self._driver.execute("SAVEPOINT work")
        try:
            result = work(self.session)
            self.session.flush()
        except BaseException as error:
            self.session = self._fresh()
            if self._driver.in_transaction:
                self._driver.execute("ROLLBACK TO work")
                self._driver.execute("RELEASE work")
                self.broken = as_unavailable(error)
            else:
                self.broken = as_unavailable(error) or _AllUndone(str(error))
            raise
        self._facts += taken(self.session)
        self.session.expunge_all()
        self._driver.execute("RELEASE work")
        return result

    def seal(self, log_end: tuple[int, bytes] | None) -> list[SealedFact]:
        """Write the facts of the batch, in the order of its pieces, behind the log's end as last seen."""
        if not self._facts:
            return []
        return append_sealed(self._connection, self._facts, log_end)

    def _fresh(self) -> Session:
        session = Session(self._connection, join_transaction_mode="rollback_only", expire_on_commit=False)
        return works_on(session, self._connection)


_Job = tuple[Callable[[_Batch], Any], Future[Any]]
_Outcome = tuple[Future[Any], Exception | None, Any]


def _outcome(do: Callable[[_Batch], T], batch: _Batch) -> tuple[Exception | None, T | None]:
    try:
        return None, do(batch)
    except Exception as error:
        return error, None


def _is_wanted(job: _Job) -> bool:
    """Say whether the caller has not been sent away; from then on the work is begun and stands."""
    answer = job[1]
    return answer.running() or (not answer.cancelled() and answer.set_running_or_notify_cancel())


def _settle_driver(connection: Connection) -> None:
    """Leave no half-open transaction on the driver's connection after a failed batch."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection) and driver.in_transaction:
        driver.rollback()
