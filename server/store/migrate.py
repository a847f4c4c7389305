"""Brings a database to the present schema, and tells whether it is there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from server.store.beside import build_beside
from server.store.engine import is_sqlite, open_single
from server.store.errors import sqlstate
from server.store.views import drop_views, make_views

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic itself is imported only when there is something to migrate: it would double the server's start.
_FOLDER = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x4E51_4D49
_LOCK_NOT_AVAILABLE = "55P03"
LOCK_MILLISECONDS = 200
"""So long a migration waits for a table (PostgreSQL); it is tried again after a pause, so many times."""
YIELDS_MILLISECONDS = 1_500
"""So long each fifth try waits: autovacuum gives way to who has waited for a second (deadlock_timeout)."""
TRIES, PAUSE_SECONDS = 60, 0.5


def upgrade(url: str) -> None:
    """Run what is missing; several servers that start at once wait for each other (PostgreSQL)."""
    engine = open_single(url)
    with engine.connect() as connection:
        if not is_sqlite(url):
            _wait_for_turn(connection)
        if revision_of(connection) != head():
            bring_to(connection, "head")
    engine.dispose()


def _wait_for_turn(connection: Connection) -> None:
    """Take the lock of migrations; asked again and again, since whoever waits in a statement delays BESIDE."""
    taken = text(f"SELECT pg_try_advisory_lock({_MIGRATION_LOCK})")
    while not connection.execute(taken).scalar_one():
        connection.commit()
        time.sleep(PAUSE_SECONDS)
    connection.commit()


def bring_to(connection: Connection, version: str) -> None:
    """Bring a database forward to a version: first what is built beside those who work, then all else at once."""
    from alembic import command

    if connection.dialect.name == "postgresql":
        build_beside(connection, revision_of(connection), head() if version == "head" else version)
    _patiently(connection, lambda: command.upgrade(_config(connection), version))


def _patiently(connection: Connection, migrate: Callable[[], None]) -> None:
    """Migrate once nobody is in the way: all others wait behind who waits for a lock, so never for long."""
    for left in reversed(range(TRIES)):
        try:
            return _run(connection, migrate, YIELDS_MILLISECONDS if left % 5 == 0 else LOCK_MILLISECONDS)
        except DBAPIError as error:
            connection.rollback()
            if sqlstate(error) != _LOCK_NOT_AVAILABLE or not left:
                raise
            time.sleep(PAUSE_SECONDS)


def _run(connection: Connection, migrate: Callable[[], None], lock_milliseconds: int) -> None:
    """Run the migrations as one transaction, all or nothing; the views for analysts are made anew.

    SQLite changes a table by writing it anew, which foreign keys would take for the end of all its rows: they
    rest meanwhile, and are checked as a whole before the commit.
    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {lock_milliseconds}")
    drop_views(connection)
    migrate()
    make_views(connection)
    if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()) is not None:
        raise RuntimeError(f"the migration would break a reference of {broken[0]}")
    connection.commit()
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def head() -> str:
    """Return the newest revision that the program knows: the one that no other follows, whatever its number."""
    text = "\n".join(file.read_text("utf-8") for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))
    known, followed = (
        set(re.findall(rf"^{name} = ['\"](\w+)['\"]", text, re.MULTILINE))
        for name in ("revision", "down_revision")
    )
    (newest,) = known - followed
    return str(newest)


def revision_of(connection: Connection) -> str | None:
    """Return the revision that a database is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def write_revision(url: str, message: str) -> None:
    """Write a new migration from what the tables have and the database at `url` lacks: for developers."""
    from alembic import command

    engine = open_single(url)
    with engine.connect() as connection:
        last = max(file.name[:4] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))
        number = f"{int(last) + 1:04d}"
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)
    engine.dispose()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
