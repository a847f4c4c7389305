"""Copies a SQLite database while a server writes into it, and puts a copy back in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from server.admin.failures import OperatorMistake
from server.store.queries.office import KEY_CHECK

SUFFIX = ".db"
_BESIDE = ("", "-wal", "-shm")


def back_up(url: str, file: Path) -> None:
    """Write a whole, checked and durable copy of the database as it is at one instant. Raises OperatorMistake."""
    source = _path(url)
    if not source.exists():
        raise OperatorMistake(f"there is no database {source}.")
    part = file.with_name(file.name + ".part")
    try:
        with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(part)) as copy:
            # All pages in one step: readers of a write-ahead log hold nobody up, and see one instant.
            database.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE").close()
            _check(copy, part)
        _make_durable(part)
        part.replace(file)
        _make_durable(file.parent)
    finally:
        part.unlink(missing_ok=True)


def restore(url: str, file: Path, key_check: str, stamp: str, *, force: bool) -> Path | None:
    """Put a copy of `file` in the database's place and return where the replaced one is now, if there was one.

    Raises OperatorMistake for a file that is no sound backup or is sealed with another key, and, unless
    `force`, while somebody has the database open; nothing was changed then.
    """
    target = _path(url)
    part = target.with_name(f"{target.name}.restoring")
    replaced = target.with_name(f"{target.name}.replaced-{stamp}")
    try:
        shutil.copyfile(file, part)
        with closing(sqlite3.connect(part)) as copy:
            _check(copy, file)
            _check_key(copy, file, key_check)
        _make_durable(part)
        with closing(_alone(target, force=force)):
            for end in _BESIDE:
                beside = target.with_name(target.name + end)
                if beside.exists():
                    beside.replace(replaced.with_name(replaced.name + end))
            part.replace(target)
        _make_durable(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return replaced if replaced.exists() else None


def _alone(target: Path, *, force: bool) -> sqlite3.Connection:
    """Open the database so that nobody else can until this is closed. Raises OperatorMistake if somebody has it.

    Leaving the write-ahead log needs a database that no one else has open: that is how a server shows.
    """
    database = sqlite3.connect(target if target.exists() else ":memory:", timeout=0.5, isolation_level=None)
    if force:
        return database
    try:
        database.execute("PRAGMA locking_mode=EXCLUSIVE").close()
        database.execute("PRAGMA journal_mode=DELETE").close()
        database.execute("BEGIN EXCLUSIVE").close()
    except sqlite3.OperationalError as error:
        database.close()
        if "locked" in str(error):
            raise OperatorMistake(
                f"a server is running on {target}: stop it first (systemctl stop numerek-server)."
            ) from None
        raise
    except sqlite3.DatabaseError:
        pass  # the damaged database is what the restore replaces
    return database


def _check(database: sqlite3.Connection, file: Path) -> None:
    try:
        (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise OperatorMistake(f"{file} is damaged, or no database: {said}.")


def _check_key(database: sqlite3.Connection, file: Path, key_check: str) -> None:
    try:
        found = database.execute("SELECT value FROM setting WHERE name = ?", (KEY_CHECK,)).fetchone()
    except sqlite3.DatabaseError:
        raise OperatorMistake(f"{file} is no backup of Numerek.") from None
    if found is None or found[0] != key_check:
        raise OperatorMistake(f"{file} was made with another key than the one of this installation.")


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")
