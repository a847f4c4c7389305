"""How the database and the disks under it are: what readiness and the metrics tell."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from server.store.errors import StoreUnavailable
from server.store.store import Store

BACKUP_MARK = "last-backup"
"""The file in the data folder that each backup touches, wherever the backup itself lies."""
# Of others' sessions an account without the role pg_monitor sees that they are there, and no more.
_STANDBYS = text(
    "SELECT current_setting('transaction_read_only') = 'off', count(*), "
    "CASE WHEN pg_has_role('pg_read_all_stats', 'usage') "
    "THEN coalesce(extract(epoch FROM max(replay_lag)), 0)::float8 END FROM pg_stat_replication"
)


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """Whether the database takes writes, how many standby servers follow it, and how far the last one is behind.

    `lag_seconds` is None where the account may not see it.
    """

    is_writable: bool
    standbys: int = 0
    lag_seconds: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Disk:
    """Room on a disk in bytes: what is free for our account, and all."""

    free: int
    size: int


@contextmanager
def asked() -> Iterator[None]:
    """Take whatever the database says against a question for its being away. Raises StoreUnavailable."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreUnavailable("database_gone") from error


def look_at_database(store: Store) -> DatabaseHealth:
    """Ask the database how it is. Raises StoreUnavailable when it does not answer."""
    if store.sqlite:
        store.read(lambda session: session.execute(text("SELECT 1")))
        return DatabaseHealth(os.access(_file(store), os.W_OK))
    row = store.read(lambda session: session.execute(_STANDBYS).one())
    return DatabaseHealth(row[0], row[1], row[2])


def look_at_disks(store: Store, data_dir: Path | None) -> Mapping[str, Disk]:
    """Measure the disks of the data folder and, with SQLite, of the database: `data` and `database`.

    PostgreSQL keeps its disk to itself; one that is missing is left out.
    """
    folders = {"data": data_dir, "database": _file(store).parent if store.sqlite else None}
    found = {}
    for name, folder in folders.items():
        if folder is not None and folder.is_dir():
            told = os.statvfs(folder)
            found[name] = Disk(told.f_bavail * told.f_frsize, told.f_blocks * told.f_frsize)
    return found


def last_backup(data_dir: Path | None) -> float:
    """Return when `admin backup` was last done, as seconds since 1970; 0 for never."""
    try:
        return 0.0 if data_dir is None else (data_dir / BACKUP_MARK).stat().st_mtime
    except OSError:
        return 0.0


def _file(store: Store) -> Path:
    return Path(make_url(store.url).database or "")
