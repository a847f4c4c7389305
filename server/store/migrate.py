"""Brings a database to the present schema, and tells whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from server.store.engine import is_sqlite, open_single

_FOLDER = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x4E51_4D49


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> None:
    """Run what is missing; several servers that start at once wait for each other (PostgreSQL)."""
    engine = open_single(url)
    with engine.connect() as connection:
        if not is_sqlite(url):
            connection.execute(text(f"SELECT pg_advisory_lock({_MIGRATION_LOCK})"))
            connection.commit()
        if MigrationContext.configure(connection).get_current_revision() != head():
            command.upgrade(_config(connection), "head")
            connection.commit()
    engine.dispose()


def head() -> str | None:
    """Return the newest revision that the program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def write_revision(url: str, message: str) -> None:
    """Write a new migration from what the tables have and the database at `url` lacks: for developers."""
    engine = open_single(url)
    with engine.connect() as connection:
        command.revision(_config(connection), message, autogenerate=True)
    engine.dispose()
