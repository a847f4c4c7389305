"""After rows were erased: sees to it that their bytes are gone from the database's files, too (rule 27)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from server.store.engine import PATIENCE_SECONDS, open_single
from server.store.errors import as_unavailable
from server.store.store import Store

# PostgreSQL: what else was erased. It is noise without its key; sweeping makes room and wipes most of it.
_ERASED = ("reservation", "message", "evidence", "verification", "application", "draft", "account", "ticket")
_TRIES = 5
_SHORT_WAIT_MS = 200

log = logging.getLogger("numerek.forgetting")


def forget_bytes(store: Store) -> bool:
    """Take erased values out of the files; False when somebody was in the way, and it has to be tried again.

    SQLite writes zeros over what is deleted (secure_delete), so that the write-ahead log has to be emptied;
    PostgreSQL leaves old versions of rows behind until they are swept up. Both may leave bytes of a row that
    they moved within the file: the small table of personal keys is written anew, and whatever else is left was
    sealed with a key that is nowhere any more.
    """
    try:
        if not store.sqlite:
            # A sweep takes as long as it takes, so that its connection is none of those with a limit.
            with open_single(store.session_url).connect() as alone:
                return _of_postgres(alone)
        with store.engine.connect() as connection:
            return _of_sqlite(connection)
    except DBAPIError as error:
        unavailable = as_unavailable(error)
        if unavailable is None:
            raise
        log.warning("erased bytes stay for now: %s", unavailable.reason)
        return False


def _of_sqlite(connection: Connection) -> bool:
    _write_keys_anew(connection)
    # Most of the log is moved beside the writer; only the rest makes it wait, and never for long.
    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
    with _patience(connection, _SHORT_WAIT_MS):
        for _ in range(_TRIES):
            if connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0] == 0:
                return True
    return False


def _write_keys_anew(connection: Connection) -> None:
    """Empty the table, which puts zeros on all its pages, and fill it again in order: 15 ms for 10 000."""
    connection.exec_driver_sql("PRAGMA temp_store=MEMORY")
    # The keys come back before anybody can see that they were away: references need not be looked at.
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            for statement in (
                "CREATE TEMP TABLE kept AS SELECT id, sealed_key, made_at FROM main.personal_key",
                "DELETE FROM main.personal_key",
                "INSERT INTO main.personal_key (id, sealed_key, made_at) SELECT * FROM temp.kept ORDER BY id",
                "DROP TABLE temp.kept",
            ):
                connection.exec_driver_sql(statement)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
    finally:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


@contextmanager
def _patience(connection: Connection, milliseconds: int) -> Iterator[None]:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={milliseconds}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(PATIENCE_SECONDS * 1000)}")


def _of_postgres(connection: Connection) -> bool:
    """Sweep; False while a transaction still runs that could see an erased key, which is copied for it."""
    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    connection.execute(text(f"SET lock_timeout = {int(PATIENCE_SECONDS * 1000)}"))
    kept = _dead_rows_kept(connection, "VACUUM (FULL, VERBOSE) personal_key")
    for table in _ERASED:
        connection.execute(text(f"VACUUM {table}"))
    if kept:
        log.warning("%d erased keys stay for now: somebody still reads an older state", kept)
    return not kept


def _dead_rows_kept(connection: Connection, vacuum: str) -> int:
    """Sweep a table, and return how many dead rows it says that it could not remove yet."""
    kept: list[int] = []

    def note(told: Any) -> None:
        # The detail begins with the number, in whatever language the database speaks.
        if told.message_detail and (found := re.search(r"\d+", told.message_detail)):
            kept.append(int(found[0]))

    driver: Any = connection.connection.driver_connection
    driver.add_notice_handler(note)
    try:
        connection.execute(text(vacuum))
    finally:
        driver.remove_notice_handler(note)
    return sum(kept)
