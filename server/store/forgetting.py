"""After rows were erased: sees to it that their bytes are gone from the database's files, too (rule 27)."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from server.store.errors import as_unavailable
from server.store.store import Store

# Rewritten as a whole: it is small, and without a person's key the rest of what was sealed is noise.
_KEYS = "personal_key"
_ERASED = ("reservation", "message", "evidence", "verification", "application", "draft", "account", "ticket")

log = logging.getLogger("numerek.forgetting")


def forget_bytes(store: Store) -> bool:
    """Take erased values out of the files; False when somebody was in the way, and it has to be tried again.

    SQLite writes zeros over what is deleted (secure_delete), so that only the write-ahead log has to go.
    PostgreSQL leaves old versions of rows behind until they are swept up; the keys' table is written anew.
    """
    try:
        with store.engine.connect() as connection:
            if store.sqlite:
                return _empty_write_ahead_log(connection)
            _sweep(connection.execution_options(isolation_level="AUTOCOMMIT"))
            return True
    except DBAPIError as error:
        unavailable = as_unavailable(error)
        if unavailable is None:
            raise
        log.warning("erased bytes stay for now: %s", unavailable.reason)
        return False


def _empty_write_ahead_log(connection: Connection) -> bool:
    row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return row[0] == 0


def _sweep(connection: Connection) -> None:
    # A sweep takes as long as it takes; only its wait for a lock is bounded.
    connection.execute(text("SET statement_timeout = 0"))
    try:
        connection.execute(text(f"VACUUM FULL {_KEYS}"))
        for table in _ERASED:
            connection.execute(text(f"VACUUM {table}"))
    finally:
        connection.execute(text("RESET statement_timeout"))
