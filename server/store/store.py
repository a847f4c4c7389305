"""The store as the services see it: read and write, whatever database lies below."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from server.store.durations import Durations
from server.store.engine import is_sqlite, open_engine, open_looking
from server.store.errors import as_unavailable
from server.store.facts import SealedFact
from server.store.group_commit import ANSWER_SECONDS, SqliteWriter
from server.store.prepared import Place
from server.store.replica import POSITION, Replica, Unfit
from server.store.tracing import Tracer
from server.store.write import PostgresWriter, Work, Writer, again

T = TypeVar("T")
_CHECKPOINT_EVERY_SECONDS = 1.0


def _drop(_connection: Any, record: Any) -> None:
    record.invalidate()


class Store:
    """A database with its one write path; `rang` is called after every commit that wrote facts here."""

    def __init__(
        self,
        url: str,
        *,
        session_url: str = "",
        read_url: str = "",
        read_lag_seconds: float = 5.0,
        synchronous: str = "FULL",
        queue_length: int = 1_000,
        answer_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Open the database; `session_url` leads past PgBouncer, where `url` leads through one.

        `read_url` leads to a standby server for `read_recent`, while it is `read_lag_seconds` behind at most.
        """
        self.url = url
        self.session_url = session_url or url
        self.sqlite, pooled = is_sqlite(url), bool(session_url)
        self.engine: Engine = open_engine(url, synchronous=synchronous, pooled=pooled)
        # A statement alone needs no transaction around it, which PostgreSQL would be asked for, and to end.
        self._looking = self.engine if self.sqlite else open_looking(url, pooled=pooled)
        self._listeners: list[Callable[[Sequence[SealedFact]], None]] = []
        self._closed = threading.Event()
        self.write_times = Durations()
        self.tracer: Tracer | None = None
        self.replica: Replica | None = None
        self.recent_reads = {"replica": 0, "primary": 0}
        self._writer: Writer
        if self.sqlite:
            self._writer = SqliteWriter(self.engine, self._ring, queue_length, answer_seconds)
            threading.Thread(target=self._checkpoint, name="store-checkpoint", daemon=True).start()
        else:
            self._writer = PostgresWriter(self.engine)
            if read_url:
                self.replica = Replica(read_url, read_lag_seconds, self._position)

    def write(self, work: Work[T]) -> T:
        """Run `work(session)` as one durable transaction and return its value.

        Raises StoreUnavailable when the database cannot take it (nothing was changed), and whatever the work
        raises (rolled back).
        """
        began = time.perf_counter()
        try:
            if self.tracer is None:
                return self._writer.write(work)
            with self.tracer.span("store.write"):
                return self._writer.write(self.tracer.in_the_database(work))
        finally:
            self.write_times.add(time.perf_counter() - began)

    def join(self, call: Callable[[], T]) -> Future[T] | None:
        """Run a call where its writes cost least: in the writer's thread, until the commit (SQLite).

        None on PostgreSQL, where each caller writes by itself. Raises StoreUnavailable when too many wait.
        """
        return self._writer.join(call) if isinstance(self._writer, SqliteWriter) else None

    def read(self, work: Work[T]) -> T:
        """Run `work(session)` on a connection of its own that changes nothing. Raises StoreUnavailable.

        Inside a call that joined the writer, it reads what the batch has come to.
        """
        joined = self._writer.session_at_work() if isinstance(self._writer, SqliteWriter) else None
        if joined is not None:
            return work(joined)

        def once() -> T:
            with Session(self.engine) as session:
                return work(session)

        return again(once)

    def hand_out(self, work: Work[T]) -> T:
        """Run a long read that writes out what it finds on its way: once, though its connection be cut.

        It may take as long as it takes. Raises StoreUnavailable.
        """
        try:
            with Session(self.engine) as session:
                if not self.sqlite:
                    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                        session.execute(text(f"SET LOCAL {limit} = 0"))
                return work(session)
        except Exception as error:
            gone = as_unavailable(error)
            if gone is None:
                raise
            raise gone from error

    def read_recent(self, work: Work[T], since: int = 0) -> T:
        """Read what may be some seconds old: on the replica where there is one, else as `read` does.

        `since` is a `position` that what is read must have come to. Raises StoreUnavailable.
        """
        if self.replica is None:
            return self.read(work)
        try:
            found = self.replica.read(work, since)
        except Unfit:
            self.recent_reads["primary"] += 1
            return self.read(work)
        self.recent_reads["replica"] += 1
        return found

    def position(self) -> int:
        """Return how far the database has come, so that `read_recent` shows all that was written until now.

        0, and nothing is asked, where there is no replica.
        """
        return 0 if self.replica is None else self.replica.position()

    def _position(self) -> int:
        position: int = self.look(lambda place: place.execute(POSITION).scalar_one())
        return position

    def look(self, work: Callable[[Place], T]) -> T:
        """Run hot statements (store.prepared) that only read, at a third of the cost of `read`.

        Each sees what is committed when it runs, so that two of them may see different states. Inside a call that
        joined the writer, they see what the batch has come to. Raises StoreUnavailable.
        """
        joined = self._writer.session_at_work() if isinstance(self._writer, SqliteWriter) else None
        if joined is not None:
            return work(joined)

        def once() -> T:
            with self._looking.connect() as connection:
                return work(connection)

        return again(once)

    @property
    def waiting_writes(self) -> tuple[int, int]:
        """Return how many writes wait for SQLite's writer, and how many may; on PostgreSQL none ever waits."""
        return self._writer.waiting if isinstance(self._writer, SqliteWriter) else (0, 0)

    @property
    def connections(self) -> dict[str, tuple[int, int]]:
        """Return how many connections of each pool are in use, and how many there may be."""
        pools = {"work": self.engine.pool, "look": self._looking.pool}
        if self.replica is not None:
            pools["replica"] = self.replica.engine.pool
        return {
            name: (pool.checkedout(), pool.size())
            for name, pool in pools.items()
            if isinstance(pool, QueuePool) and (name == "work" or pool is not pools["work"])
        }

    def on_facts(self, listener: Callable[[Sequence[SealedFact]], None]) -> None:
        """Have `listener` called with the facts that were sealed here (from the writer's thread, briefly)."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Finish the queued work and close all connections."""
        self._closed.set()
        self._writer.close()
        engines = {self.engine, self._looking}
        if self.replica is not None:
            self.replica.close()
            engines.add(self.replica.engine)
        for engine in engines:
            # Whoever holds one meanwhile gives it back to a pool that nobody asks any more.
            event.listen(engine, "checkin", _drop)
            engine.dispose()

    def _ring(self, sealed: Sequence[SealedFact]) -> None:
        for listener in self._listeners:
            listener(sealed)

    def _checkpoint(self) -> None:
        """Move the write-ahead log into the database beside the writer, so that no commit waits for it."""
        while not self._closed.wait(_CHECKPOINT_EVERY_SECONDS):
            try:
                with self.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            except Exception as error:
                if as_unavailable(error) is None:
                    raise
