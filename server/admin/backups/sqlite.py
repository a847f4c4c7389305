"""Copies a SQLite database while a server writes into it, and puts a copy back in its place.

The keys of people go into a file of their own: without it, what was sealed in a backup is noise (parting.py).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from server.admin.backups.parting import erasing_again, no_keys
from server.admin.failures import OperatorMistake
from server.store.queries.office import KEY_CHECK

SUFFIX = ".db"
_BESIDE = ("", "-wal", "-shm")
# A database of a version that had no such table is brought up to date when it is opened.
_HAS_KEYS = "SELECT 1 FROM sqlite_master WHERE name = 'personal_key'"


def back_up(url: str, file: Path, keys_file: Path) -> None:
    """Write a whole, checked and durable copy of the database as it is at one instant. Raises OperatorMistake.

    The keys of people are not in it: those of that instant take the place of whatever `keys_file` held.
    """
    source = _path(url)
    if not source.exists():
        raise OperatorMistake(f"there is no database {source}.")
    part = file.with_name(file.name + ".part")
    keys_part = keys_file.with_name(keys_file.name + ".part")
    try:
        with closing(sqlite3.connect(source)) as database, closing(sqlite3.connect(part)) as copy:
            # All pages in one step: readers of a write-ahead log hold nobody up, and see one instant.
            database.backup(copy, pages=-1)
            # No journal: it would hold the keys once more. A copy that was not finished is thrown away.
            copy.execute("PRAGMA journal_mode=MEMORY").close()
            has_keys = copy.execute(_HAS_KEYS).fetchone() is not None
            if has_keys:
                _part_with_keys(copy, keys_part)
            _check(copy, part)
        # The keys first: newer ones than a backup needs do no harm.
        for done, place in (*([(keys_part, keys_file)] if has_keys else []), (part, file)):
            _make_durable(done)
            done.replace(place)
        _make_durable(file.parent)
    finally:
        part.unlink(missing_ok=True)
        keys_part.unlink(missing_ok=True)


def restore(
    url: str, file: Path, keys_file: Path | None, is_ours: Callable[[str], bool], stamp: str, *, force: bool
) -> Path | None:
    """Put a copy of `file` in the database's place and return where the replaced one is now, if there was one.

    With `keys_file` people's values can be read again, those that were erased since stay erased; None: without
    any of them. Raises OperatorMistake for a file that is no sound backup or is sealed with
    another key, and, unless `force`, while somebody has the database open; nothing was changed then.
    """
    target = _path(url)
    part = target.with_name(f"{target.name}.restoring")
    replaced = target.with_name(f"{target.name}.replaced-{stamp}")
    try:
        shutil.copyfile(file, part)
        with closing(sqlite3.connect(part)) as copy:
            _check(copy, file)
            _check_key(copy, file, is_ours)
            if copy.execute(_HAS_KEYS).fetchone() is not None:
                _bring_keys(copy, keys_file)
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


def _part_with_keys(copy: sqlite3.Connection, keys_part: Path) -> None:
    """Move the keys out of a copy into a file of their own, and put zeros where they were."""
    keys_part.unlink(missing_ok=True)
    copy.execute("ATTACH ? AS keys", (str(keys_part),)).close()
    copy.execute("PRAGMA keys.journal_mode=MEMORY").close()
    with copy:
        copy.execute(
            "CREATE TABLE keys.personal_key AS SELECT id, sealed_key, made_at FROM main.personal_key"
        )
    copy.execute("DETACH keys").close()
    copy.execute("PRAGMA secure_delete=ON").close()
    with copy:
        copy.execute("DELETE FROM personal_key")


def _bring_keys(copy: sqlite3.Connection, keys_file: Path | None) -> None:
    """Bring people's keys into a backup; whoever has none any more is erased in it. Raises OperatorMistake.

    A whole database without such a file beside it keeps the keys that it has itself.
    """
    if keys_file is not None and not keys_file.is_file():
        if copy.execute("SELECT 1 FROM personal_key").fetchone() is None:
            raise no_keys(keys_file)
        return
    rows = [] if keys_file is None else _keys_in(keys_file)
    copy.execute("PRAGMA journal_mode=MEMORY").close()
    copy.execute("PRAGMA secure_delete=ON").close()
    with copy:
        copy.execute("DELETE FROM personal_key")
        copy.executemany("INSERT INTO personal_key (id, sealed_key, made_at) VALUES (?, ?, ?)", rows)
        for statement in erasing_again():
            copy.execute(statement)


def _keys_in(file: Path) -> list[tuple[int, bytes, int]]:
    try:
        with closing(sqlite3.connect(file)) as keys:
            return keys.execute("SELECT id, sealed_key, made_at FROM personal_key").fetchall()
    except sqlite3.DatabaseError as error:
        raise OperatorMistake(f"{file} holds no keys of people: {error}.") from None


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


def _check_key(database: sqlite3.Connection, file: Path, is_ours: Callable[[str], bool]) -> None:
    try:
        found = database.execute("SELECT value FROM setting WHERE name = ?", (KEY_CHECK,)).fetchone()
    except sqlite3.DatabaseError:
        raise OperatorMistake(f"{file} is no backup of Numerek.") from None
    if found is None or not is_ours(found[0]):
        raise OperatorMistake(f"{file} was made with another key than the one of this installation.")


def _make_durable(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")
