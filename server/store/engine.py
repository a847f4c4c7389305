"""Engines for the two databases: the pragmas and limits that durability and patience ask for."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

PATIENCE_SECONDS = 2.5
_RESTS_SINCE = "rests since"
_TRUSTED_SECONDS = 1.0
# Of a server's connections to PostgreSQL so many are for looks, which have one for a millisecond at most.
_LOOKERS = 8


def is_sqlite(url: str) -> bool:
    """Say whether a database URL means SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def open_engine(url: str, *, synchronous: str = "FULL", readers: int = 40) -> Engine:
    """Make the engine for a database URL (`sqlite:///path` or `postgresql+psycopg://…`).

    `synchronous` is SQLite's; anything below FULL loses acknowledged rows in a power cut and is for the
    control of the test that shows it. Raises sqlalchemy.exc.ArgumentError for a URL that is none.
    """
    if is_sqlite(url):
        return _open_sqlite(url, synchronous, readers)
    return _open_postgres(url, readers - _LOOKERS)


def open_looking(url: str) -> Engine:
    """Make the engine on which each statement of PostgreSQL stands alone, without a transaction around it.

    A pool of its own: to turn a connection from one way to the other costs more than a statement.
    """
    return _open_postgres(url, _LOOKERS, isolation_level="AUTOCOMMIT")


def _open_postgres(url: str, size: int, **options: Any) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        pool_use_lifo=True,  # the one that worked last has its statements prepared
        connect_args={"options": _postgres_patience(), "connect_timeout": 3},
        **options,
    )

    def rest(_connection: Any, record: Any) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    def look(connection: Any, record: Any, _proxy: Any) -> None:
        """Ask a connection that rested whether it is still there: one that just worked is not asked."""
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < _TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError(str(error)) from error

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", look)
    return engine


def _postgres_patience() -> str:
    """Limit the wait for one lock, and a little later the statement: it may wait for several in turn."""
    lock_ms = int(PATIENCE_SECONDS * 1000)
    return f"-c lock_timeout={lock_ms} -c statement_timeout={lock_ms + 250}"


def open_single(url: str) -> Engine:
    """Make an engine that opens a connection each time and keeps none: for commands and migrations."""
    if not is_sqlite(url):
        return create_engine(url, poolclass=NullPool)
    return _open_sqlite(url, "FULL", 1)


def _open_sqlite(url: str, synchronous: str, readers: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=readers,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        pool_use_lifo=True,  # the one that worked last has the pages that are wanted
        pool_reset_on_return=None,
        connect_args={"timeout": PATIENCE_SECONDS, "check_same_thread": False, "cached_statements": 256},
    )

    def prepare(connection: Any, _record: Any) -> None:
        # SQLAlchemy's recipe: the driver must not begin transactions by itself.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "wal_autocheckpoint=4000",
            # Each connection's own; what is not in it the system has in memory, which costs as little.
            "cache_size=-512",
            "trusted_schema=OFF",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    event.listen(engine, "connect", prepare)
    return engine
