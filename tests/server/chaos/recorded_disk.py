"""A disk that remembers every write and sync, so that the picture after a power cut at any moment can be made."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Step:
    """What was done to a file: `write` (bytes at an offset), `truncate` (to a size), `sync` or `delete`."""

    file: str
    kind: str
    offset: int = 0
    data: bytes = b""


class RecordedDisk(apsw.VFS):
    """A VFS of SQLite over the machine's own that keeps a list of all steps."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "unix")
        self.name = name
        self.steps: list[Step] = []

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:
        """Open a file whose steps are recorded; the wal-index (-shm) is memory and is not."""
        return _RecordedFile(self.steps, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:
        """Record that a file is gone."""
        super().xDelete(name, sync)
        self.steps.append(Step(os.path.basename(name), "delete"))


class _RecordedFile(apsw.VFSFile):
    def __init__(self, steps: list[Step], name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        said = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._file = os.path.basename(said or "temporary")
        self._steps = steps

    def xWrite(self, data: Any, offset: int) -> None:
        super().xWrite(data, offset)
        self._steps.append(Step(self._file, "write", offset, bytes(data)))

    def xTruncate(self, size: int) -> None:
        super().xTruncate(size)
        self._steps.append(Step(self._file, "truncate", size))

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._steps.append(Step(self._file, "sync"))


def after_cuts(
    start: dict[str, bytes], steps: Sequence[Step], cuts: Sequence[int], rng: random.Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """Give each cut (a number of steps done, ascending) with the files that it leaves.

    What was synced is there. Of what was not, any 512-byte sector may be there or not, in any order: that is
    all that a disk promises.
    """
    synced = {file: bytearray(data) for file, data in start.items()}
    pending: defaultdict[str, list[Step]] = defaultdict(list)
    done = 0
    for cut in cuts:
        for step in steps[done:cut]:
            if step.kind == "sync":
                for each in pending.pop(step.file, []):
                    _apply(synced.setdefault(step.file, bytearray()), each)
            elif step.kind == "delete":
                pending.pop(step.file, None)
                synced.pop(step.file, None)
            else:
                pending[step.file].append(step)
        done = cut
        left = {file: bytearray(data) for file, data in synced.items()}
        for file, unsynced in pending.items():
            for step in unsynced:
                _apply_torn(left.setdefault(file, bytearray()), step, rng)
        yield cut, {file: bytes(data) for file, data in left.items()}


def _apply(content: bytearray, step: Step) -> None:
    if step.kind == "truncate":
        del content[step.offset :]
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


def _apply_torn(content: bytearray, step: Step, rng: random.Random) -> None:
    if step.kind == "truncate":
        if rng.random() < 0.5:
            _apply(content, step)
        return
    for place in range(0, len(step.data), SECTOR):
        if rng.random() < 0.5:
            part = step.data[place : place + SECTOR]
            _apply(content, Step(step.file, "write", step.offset + place, part))


# --- the same driver interface as sqlite3, on such a disk -------------------------------------------------


class _Cursor:
    """What SQLAlchemy asks of a cursor of sqlite3; rows are fetched at once."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid = 0

    def execute(self, statement: str, parameters: Any = ()) -> _Cursor:
        self._run(lambda cursor: cursor.execute(statement, parameters or None))
        return self

    def executemany(self, statement: str, rows: Any) -> _Cursor:
        self._run(lambda cursor: cursor.executemany(statement, rows))
        return self

    def _run(self, work: Callable[[Any], Any]) -> None:
        real = self._connection.real
        cursor = real.cursor()
        self.description = None

        def look(running: Any, _statement: str, _bindings: Any) -> bool:
            columns = running.get_description()
            self.description = [(name, None, None, None, None, None, None) for name, _ in columns] or None
            return True

        cursor.exec_trace = look
        before = real.total_changes()
        try:
            self._rows = [*work(cursor)]
        except apsw.ConstraintError as error:
            raise sqlite3.IntegrityError(str(error)) from error
        except apsw.Error as error:
            raise sqlite3.OperationalError(str(error)) from error
        self.rowcount = real.total_changes() - before
        self.lastrowid = real.last_insert_rowid()

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())

    def close(self) -> None:
        self._rows = []


class _Connection:
    """What SQLAlchemy and the store ask of a connection of sqlite3."""

    isolation_level: str | None = None

    def __init__(self, file: str, disk: RecordedDisk, patience_seconds: float) -> None:
        self.real = apsw.Connection(file, vfs=disk.name)
        self.real.set_busy_timeout(int(patience_seconds * 1000))

    @property
    def in_transaction(self) -> bool:
        return bool(self.real.in_transaction)

    def cursor(self) -> _Cursor:
        return _Cursor(self)

    def execute(self, statement: str, parameters: Any = ()) -> _Cursor:
        return self.cursor().execute(statement, parameters)

    def create_function(self, *_: Any, **__: Any) -> None:
        """SQLAlchemy registers REGEXP, which no statement of the store uses."""

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        self.real.close()


def driver_on(disk: RecordedDisk) -> SimpleNamespace:
    """Return a stand-in for the module sqlite3 whose connections write to that disk."""

    def connect(file: str, timeout: float = 5.0, **_: Any) -> _Connection:
        return _Connection(file, disk, timeout)

    same = {name: getattr(sqlite3, name) for name in dir(sqlite3) if name.endswith(("Error", "Warning"))}
    return SimpleNamespace(
        **same,
        connect=connect,
        paramstyle="qmark",
        sqlite_version=apsw.sqlite_lib_version(),
        sqlite_version_info=tuple(int(part) for part in apsw.sqlite_lib_version().split(".")),
        PARSE_DECLTYPES=sqlite3.PARSE_DECLTYPES,
        PARSE_COLNAMES=sqlite3.PARSE_COLNAMES,
        Binary=sqlite3.Binary,
    )
