"""Brings a database to the present schema, and tells whether it is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from server.store.engine import is_sqlite, open_single
from server.store.views import drop_views, make_views

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic itself is imported only when there is something to migrate: it would double the server's start.
_FOLDER = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x4E51_4D49


def upgrade(url: str) -> None:
    """Run what is missing; several servers that start at once wait for each other (PostgreSQL)."""
    engine = open_single(url)
    with engine.connect() as connection:
        if not is_sqlite(url):
            connection.execute(text(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})"))
            connection.commit()
        if revision_of(connection) != head():
            from alembic import command

            _run(connection, lambda: command.upgrade(_config(connection), "head"))
    engine.dispose()


def _run(connection: Connection, migrate: Callable[[], None]) -> None:
    """Run the migrations as one transaction, all or nothing; the views for analysts are made anew.

    SQLite changes a table by writing it anew, which foreign keys would take for the end of all its rows: they
    rest meanwhile, and are checked as a whole before the commit.
    """
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
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
