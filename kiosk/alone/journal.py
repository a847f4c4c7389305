"""What a kiosk gave on its own: on the disk before it is on paper, until the server has it (ADR 0026)."""

from __future__ import annotations

import logging
import os
import sqlite3
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from kiosk.alone.salvage import KeptEntry, saved_of
from wire.messages import EntryTaken, OfflineEntry
from wire.messages.offline import offline_number

log = logging.getLogger(__name__)
T = TypeVar("T")

_TABLE = """
CREATE TABLE IF NOT EXISTS entries (
    place INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    day TEXT NOT NULL,
    series TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    body TEXT NOT NULL,
    taken_at TEXT,
    number TEXT,
    conflict TEXT,
    problem TEXT,
    UNIQUE (day, series, ordinal)
) STRICT
"""
# Whether the server was asked to take an entry, and may have it. Of a row that says nothing nobody knows.
_ASKED = "ALTER TABLE entries ADD COLUMN asked INTEGER NOT NULL DEFAULT 1"
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_ENDS = ("", "-wal", "-shm")


class JournalFailed(Exception):
    """The disk does not take an entry (full, read-only, gone): nothing was given, nothing may be printed."""


@dataclass(frozen=True, slots=True)
class Journalled:
    """An entry of the journal and what the server said to it; `number` is the ticket's, taken or not.

    `asked`: the server was asked to take it, and may have it. From then on it changes no more.
    """

    key: str
    made: OfflineEntry
    number: str
    taken_at: datetime | None = None
    conflict: str | None = None
    problem: str | None = None
    asked: bool = True
    call_key: str | None = None


class Journal:
    """A file of entries in the order in which they were made.

    A damaged file is put aside, and what can be read of it goes into a new one. An entry that makes no sense is
    passed over. No method raises but `add`, `call` and `end`.

    A file beside it says that each note of what the server was asked to take is kept. A full disk that takes no
    note lets a file be removed all the same: after the next start nobody knows what was asked.
    """

    def __init__(self, file: Path) -> None:
        """Keep the entries in this file; it is opened when it is needed."""
        self._file = file
        self._sure = file.with_name(f"{file.name}-sure")
        self._db: sqlite3.Connection | None = None
        self._not_read: set[str] = set()
        self._asked: set[str] = set()
        self._saves: bool | None = None

    def add(self, day: date, draft: OfflineEntry, first: int) -> Journalled:
        """Give an entry the next ordinal of its series on a day, from `first` on, and keep it for good.

        Its own ordinal does not count. Raises JournalFailed.
        """
        return self._change(lambda db: _added(db, day, draft, first))

    def of(self, day: date) -> list[Journalled]:
        """List a day's entries, oldest first."""
        return self._read("WHERE day = ? ORDER BY place", day.isoformat())

    def pending(self) -> list[Journalled]:
        """List what the server has not taken yet, of all days, oldest first."""
        return self._read("WHERE taken_at IS NULL ORDER BY place")

    def newest_at(self) -> datetime | None:
        """Tell when the newest entry was made."""
        newest = self._read("ORDER BY place DESC LIMIT 1") or self._read("ORDER BY place DESC")
        return newest[0].made.at if newest else None

    def call(self, key: str, counter: int, at: datetime, call_key: str) -> bool:
        """Note that a clerk called an entry; False where the server may have it. Raises JournalFailed."""
        values = {"counter": counter, "called_at": at, "call_key": call_key}
        return key not in self._asked and self._change(lambda db: _changed(db, key, values))

    def end(self, key: str, at: datetime, *, no_show: bool) -> bool:
        """Note that a clerk is done with an entry; False where the server may have it. Raises JournalFailed."""
        values = {"ended_at": at, "no_show": no_show or None}
        return key not in self._asked and self._change(lambda db: _changed(db, key, values))

    def asked(self, key: str) -> Journalled | None:
        """Note that the server is asked to take an entry, and return it as it is to be sent from now on."""
        self._asked.add(key)
        if not self._note("SET asked = 1 WHERE key = ?", (key,)):
            self._doubt()
        return next(iter(self._read("WHERE key = ?", key)), None)

    def taken(self, key: str, answer: EntryTaken, at: datetime) -> None:
        """Note that the server has an entry, and under which number."""
        conflict = None if answer.conflict is None else str(answer.conflict)
        values = (at.isoformat(), answer.number, conflict, key)
        self._note("SET taken_at = ?, number = ?, conflict = ?, problem = NULL WHERE key = ?", values)

    def refused(self, key: str, problem: str) -> None:
        """Note why the server did not take an entry; it stays to be sent."""
        self._note("SET problem = ? WHERE key = ?", (problem, key))

    def saves(self) -> bool | None:
        """Tell whether changes are kept, by trying it where the last one was not; None while all of them were."""
        if self._saves is False:
            with suppress(JournalFailed):
                self._run(lambda db: db.execute("PRAGMA user_version = 1"))
                self._saves = True
        return self._saves

    def forget_before(self, day: date) -> None:
        """Drop entries of days before this one that the server has."""
        self._write("DELETE FROM entries WHERE taken_at IS NOT NULL AND day < ?", (day.isoformat(),))

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _read(self, which: str, *values: str) -> list[Journalled]:
        columns = "SELECT key, body, number, taken_at, conflict, problem, asked FROM entries "
        try:
            rows = self._run(lambda db: db.execute(columns + which, values).fetchall())
        except JournalFailed as error:
            log.error("The journal of tickets without connection cannot be read: %s", error)
            return []
        return [each for row in rows if (each := self._readable(row)) is not None]

    def _readable(self, row: tuple[Any, ...]) -> Journalled | None:
        """Read a row; one that makes no sense stays in the file, and is told of once."""
        try:
            found = _journalled(*row)
        except ValueError as error:
            if row[0] not in self._not_read:
                self._not_read.add(row[0])
                log.error(
                    "An entry in the journal of tickets without connection makes no sense, and stays there "
                    "unsent (%s): %s. Tell your supervisor.",
                    row[0],
                    error,
                )
            return None
        # Also where the disk did not take the note that the server is asked.
        return replace(found, asked=found.asked or found.key in self._asked)

    def _change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._run(work)
        except JournalFailed:
            self._saves = False
            raise

    def _note(self, change: str, values: tuple[str | None, ...]) -> bool:
        return self._write(f"UPDATE entries {change}", values)

    def _write(self, statement: str, values: tuple[str | None, ...]) -> bool:
        try:
            self._change(lambda db: db.execute(statement, values))
        except JournalFailed as error:
            # It is sent again, under its key.
            log.error("The journal of tickets without connection cannot be written: %s", error)
            return False
        return True

    def _doubt(self) -> None:
        """Let whoever opens the file next know that notes are missing."""
        try:
            self._sure.unlink(missing_ok=True)
            folder = os.open(self._file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            log.error("Nothing on the disk says that the journal lacks notes: %s", error)

    def _be_sure(self, db: sqlite3.Connection) -> None:
        """Count all that is not taken as asked where notes may be missing, also on a disk that is still full."""
        if self._sure.exists():
            return
        self._asked.update(key for (key,) in db.execute("SELECT key FROM entries WHERE taken_at IS NULL"))
        try:
            db.execute("UPDATE entries SET asked = 1 WHERE taken_at IS NULL AND asked = 0")
            self._sure.touch(mode=0o600)
        except (sqlite3.OperationalError, OSError) as error:
            log.error("The journal of tickets without connection cannot be written: %s", error)

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            try:
                return work(self._opened())
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
                    raise
                self._put_aside(error)
                return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            raise JournalFailed(str(error)) from error

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file.touch(mode=0o600)
            try:
                self._db = self._connected("NORMAL")
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _NO_ROOM:
                    raise
                # Without an index beside the file, which only several programs need.
                self._db = self._connected("EXCLUSIVE")
        return self._db

    def _connected(self, locking: str) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, isolation_level=None, timeout=2)
        # A byte that went wrong spoils its own row, not the reading of the others.
        db.text_factory = lambda raw: raw.decode(errors="replace")
        try:
            db.execute(f"PRAGMA locking_mode = {locking}")
            # What is committed is on the disk, whatever happens then.
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(_TABLE)
            if "asked" not in {row[1] for row in db.execute("PRAGMA table_info(entries)")}:
                db.execute(_ASKED)
            self._be_sure(db)
        except sqlite3.Error:
            db.close()
            raise
        return db

    def _put_aside(self, error: sqlite3.Error) -> None:
        files = [self._file.with_name(self._file.name + end) for end in _ENDS]
        raw = b"".join(file.read_bytes() for file in files if file.exists())
        self.close()
        aside = self._file.with_name(f"{self._file.name}.damaged-{uuid.uuid4().hex[:8]}")
        moved = {file: aside.with_name(f"{aside.name}{end}") for file, end in zip(files, _ENDS, strict=True)}
        moved = {file: there for file, there in moved.items() if file.exists()}
        for file, there in moved.items():
            file.replace(there)
        saved = saved_of(raw)
        try:
            _insert_all(self._opened(), saved)
        except (sqlite3.Error, OSError):
            # A full disk: it is tried again from the damaged file, of which nothing may be lost.
            self.close()
            for file, there in moved.items():
                there.replace(file)
            raise
        log.error(
            "The journal of tickets without connection is damaged (%s): it is kept as %s. "
            "%d entries were read out of it and are sent to the server again. Tell your supervisor.",
            error,
            aside,
            len(saved),
        )


def _added(db: sqlite3.Connection, day: date, draft: OfflineEntry, first: int) -> Journalled:
    db.execute("BEGIN IMMEDIATE")
    try:
        found = db.execute(
            "SELECT max(ordinal) FROM entries WHERE day = ? AND series = ?", (day.isoformat(), draft.series)
        ).fetchone()
        ordinal = max(found[0] or 0, first - 1) + 1
        values = draft.model_dump() | {"ordinal": ordinal, "key": str(uuid.uuid4()), "day": day}
        kept = KeptEntry.model_validate(values)
        _insert(db, kept, "INSERT", asked=False)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return _journalled(kept.key, kept.model_dump_json(), None, None, None, None, 0)


def _changed(db: sqlite3.Connection, key: str, values: dict[str, Any]) -> bool:
    """Write an entry anew, whole, so that it can be read out of a damaged file too."""
    query = "SELECT body FROM entries WHERE key = ? AND asked = 0 AND taken_at IS NULL"
    found = db.execute(query, (key,)).fetchone()
    if found is None:
        return False
    kept = KeptEntry.model_validate(KeptEntry.model_validate_json(found[0]).model_dump() | values)
    db.execute("UPDATE entries SET body = ? WHERE key = ?", (kept.model_dump_json(), key))
    return True


def _insert_all(db: sqlite3.Connection, saved: list[KeptEntry]) -> None:
    """Take in what was saved, all or nothing: the server may have each of them."""
    db.execute("BEGIN IMMEDIATE")
    for each in saved:
        _insert(db, each, "INSERT OR IGNORE", asked=True)
    db.execute("COMMIT")


def _insert(db: sqlite3.Connection, kept: KeptEntry, how: str, *, asked: bool) -> None:
    db.execute(
        f"{how} INTO entries (key, day, series, ordinal, body, asked) VALUES (?, ?, ?, ?, ?, ?)",
        (kept.key, kept.day.isoformat(), kept.series, kept.ordinal, kept.model_dump_json(), asked),
    )


def _journalled(
    key: str,
    body: str,
    number: str | None,
    taken_at: str | None,
    conflict: str | None,
    problem: str | None,
    asked: int,
) -> Journalled:
    kept = KeptEntry.model_validate_json(body)
    made = OfflineEntry.model_validate(kept.model_dump(exclude={"call_key", "key", "day"}))
    at = None if taken_at is None else datetime.fromisoformat(taken_at)
    number = number or offline_number(made.series, made.ordinal)
    return Journalled(key, made, number, at, conflict, problem, bool(asked), kept.call_key)
