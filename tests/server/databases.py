"""Makes the worker's PostgreSQL database empty again between tests, and lays out again what a test began with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text

from server.store.engine import is_sqlite, open_single
from server.store.tables import Table

_TABLES = Table.metadata.sorted_tables
Image = bytes | dict[str, list[dict[str, Any]]]
"""All that a small database holds: the file (SQLite), or the rows of each table (PostgreSQL)."""


def empty(url: str) -> None:
    """Take all rows out: by DELETE, since TRUNCATE writes new files for every table and costs a second."""
    with _engine(url).begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.exec_driver_sql(";".join(f'DELETE FROM "{table.name}"' for table in reversed(_TABLES)))


def image_of(url: str) -> Image:
    """Read all that a database holds."""
    if is_sqlite(url):
        with closing(sqlite3.connect(_file(url))) as connection:
            return connection.serialize()
    with _engine(url).connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in _TABLES
        }


def lay_out(url: str, image: Image) -> None:
    """Let a database that is empty, and that nobody has open, hold what the image does."""
    if isinstance(image, bytes):
        _file(url).write_bytes(image)
        return
    with _engine(url).begin() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        for table in _TABLES:
            if rows := image[table.name]:
                connection.execute(table.insert(), rows)


@cache
def _engine(url: str) -> Engine:
    """Make one engine for all tests of a run: it compiles its statements once, and keeps no connection."""
    return open_single(url)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
