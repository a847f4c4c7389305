"""Engines for the two databases: the pragmas and limits that durability and patience ask for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    import psycopg

PATIENCE_SECONDS = 2.5
_RESTS_SINCE = "rests since"
_TRUSTED_SECONDS = 1.0
# Of a server's connections to PostgreSQL so many are for looks, which have one for a millisecond at most.
_LOOKERS = 8
# A machine that is gone is noticed by whoever is left, so that nothing of it stays locked for hours.
_CLIENT_NOTICES = {
    "keepalives_idle": 1,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5_000,
    "connect_timeout": 3,
}
_SERVER_NOTICES = (
    "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=2 -c tcp_user_timeout=3000"
)
_IDLE_IN_TRANSACTION_MS = 10_000
# The node that is asked takes no writes any more: another one is the primary.
_READ_ONLY = "25006"


def is_sqlite(url: str) -> bool:
    """Say whether a database URL means SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def open_engine(url: str, *, synchronous: str = "FULL", readers: int = 40, pooled: bool = False) -> Engine:
    """Make the engine for a database URL (`sqlite:///path` or `postgresql+psycopg://…`).

    `pooled` says that PgBouncer lends its connections for a transaction each: nothing is prepared on them.
    `synchronous` is SQLite's; anything below FULL loses acknowledged rows in a power cut and is for the
    control of the test that shows it. Raises sqlalchemy.exc.ArgumentError for a URL that is none.
    """
    if is_sqlite(url):
        return _open_sqlite(url, synchronous, readers)
    return _open_postgres(url, readers - _LOOKERS, pooled)


def open_looking(url: str, *, pooled: bool = False) -> Engine:
    """Make the engine on which each statement of PostgreSQL stands alone, without a transaction around it.

    A pool of its own: to turn a connection from one way to the other costs more than a statement.
    """
    return _open_postgres(url, _LOOKERS, pooled, isolation_level="AUTOCOMMIT")


def connect_alone(url: str) -> psycopg.Connection:
    """Open a connection to PostgreSQL that lasts: for events, and for locks that outlive a transaction.

    Both sides notice within five seconds when the other is gone. Raises psycopg.Error.
    """
    import psycopg  # only where there is a PostgreSQL: it takes long to import

    address = make_url(url)
    _, named = address.get_dialect()().create_connect_args(address)
    return psycopg.connect(**_told(named, _SERVER_NOTICES), autocommit=True)


def libpq_of(address: URL) -> tuple[str, str | None]:
    """Return where a PostgreSQL is as its own programs read it, with all its hosts, and the password apart."""
    from psycopg.conninfo import make_conninfo

    _, named = address.get_dialect()().create_connect_args(address)
    password = named.pop("password", None)
    return make_conninfo(**named), None if password is None else str(password)


def _told(named: Mapping[str, Any], options: str) -> dict[str, Any]:
    """Return what a connection is opened with; what the URL says itself counts."""
    return {**_CLIENT_NOTICES, **named, "options": f"{options} {named.get('options', '')}".strip()}


def _open_postgres(url: str, size: int, pooled: bool, **options: Any) -> Engine:
    address = make_url(url)
    _, named = address.get_dialect()().create_connect_args(address)
    told = _told(named, f"{_postgres_patience()} {_SERVER_NOTICES}")
    if pooled:
        told["prepare_threshold"] = None
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=PATIENCE_SECONDS,
        pool_use_lifo=True,  # the one that worked last has its statements prepared
        connect_args=told,
        **options,
    )
    engine.dialect.is_disconnect = _or_read_only(engine.dialect.is_disconnect)  # type: ignore[method-assign]

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
    limits = {
        "lock_timeout": lock_ms,
        "statement_timeout": lock_ms + 250,
        "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
    }
    return " ".join(f"-c {name}={milliseconds}" for name, milliseconds in limits.items())


def _or_read_only(is_disconnect: Callable[..., bool]) -> Callable[..., bool]:
    """Let a connection to a node that is no primary any more count as lost: the next one leads elsewhere."""

    def is_lost(error: Any, connection: Any, cursor: Any) -> bool:
        return getattr(error, "sqlstate", None) == _READ_ONLY or is_disconnect(error, connection, cursor)

    return is_lost


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
