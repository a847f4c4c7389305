"""A PostgreSQL with a standby server that follows it, and whose replay a test can hold up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from deploy.postgres import Cluster, start_cluster
from server.store.migrate import upgrade
from server.store.store import Store

_PATIENCE_SECONDS = 60.0


class Standby:
    """A primary with an empty database that has its tables, and the standby."""

    def __init__(self, primary: Cluster) -> None:
        self.primary = primary
        self.url = primary.create_database("numerek")
        upgrade(self.url)
        self.cluster = primary.follow()
        self.read_url = self.cluster.url("numerek")

    def store(self, lag_seconds: float) -> Store:
        """Open the primary with the standby for reading, and wait until that has all."""
        made = Store(self.url, read_url=self.read_url, read_lag_seconds=lag_seconds)
        self.wait_even()
        until(lambda: state(made) == "ok")
        return made

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Hold the standby where it is now; it catches up in the end."""
        self.wait_even()
        self._tell("SELECT pg_wal_replay_pause()")
        until(lambda: self._tell("SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self._tell("SELECT pg_wal_replay_resume()")
            self.wait_even()

    def wait_even(self) -> None:
        """Wait until the standby has all that is committed."""
        with psycopg.connect(_plain(self.url), autocommit=True) as primary:
            row = primary.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        assert row is not None
        until(lambda: bool(self._tell(f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'::pg_lsn")))

    def close(self) -> None:
        """Stop both, and remove them."""
        self.cluster.stop()
        self.primary.stop()

    def _tell(self, statement: Any) -> Any:
        with psycopg.connect(_plain(self.read_url), autocommit=True) as connection:
            row = connection.execute(statement).fetchone()
        return row and row[0]


@contextmanager
def running_standby() -> Iterator[Standby]:
    """Hold both for the length of a with statement."""
    made = Standby(start_cluster(fsync=False))
    try:
        yield made
    finally:
        made.close()


def state(store: Store) -> str:
    """Return how the replica of a store is."""
    assert store.replica is not None
    return store.replica.state


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")
