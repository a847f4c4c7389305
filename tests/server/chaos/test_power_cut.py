"""The power goes at any moment while tickets are given: every acknowledged one is on the disk, which opens.

Real: the application, the store, its writer with group commit, its pragmas, its checkpoints and SQLite's own
code (apsw's build of it). Simulated: the disk, below SQLite's file layer. It keeps what was synced and loses any
512-byte sectors of what was not; a disk that lies about syncs, or harms a sector that it was not asked to write,
is not simulated.
"""

from __future__ import annotations

import itertools
import json
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import server.store.engine
import server.store.store
import tests.server.sample_office
from server.store.engine import open_single
from server.store.facts import verify_chain
from server.store.store import Store
from tests.server.at_once import at_once
from tests.server.chaos.recorded_disk import RecordedDisk, after_cuts, driver_on
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import SampleOffice, sample_office

_THREADS = 6
_EACH = 16
_MOST = 1_000
_FILE = "numerek.db"
_names = itertools.count()


@dataclass
class Acknowledged:
    """A ticket that a client was told of, and how many steps the disk had recorded by then."""

    number: str
    steps: int


@pytest.fixture
def disk(migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedDisk]:
    """Give a recorded disk with an empty migrated database; stores that are opened now write to it."""
    shutil.copy(migrated_file, tmp_path / _FILE)
    made = RecordedDisk(f"recorded-{next(_names)}")
    monkeypatch.setattr(server.store.engine, "create_engine", partial(create_engine, module=driver_on(made)))
    # The office is set up through the disk that records, and nothing reads its file past that disk.
    monkeypatch.setattr(tests.server.sample_office, "_LAID_OUT", {})
    monkeypatch.setattr(tests.server.sample_office, "image_of", lambda _url: b"")
    # Many moves of the log into the database in the seconds of this test.
    monkeypatch.setattr(server.store.store, "_CHECKPOINT_EVERY_SECONDS", 0.05)
    yield made
    made.unregister()


@pytest.fixture
def cuts(request: pytest.FixtureRequest) -> int:
    """Give how many power cuts to try."""
    return 1_500 if request.config.getoption("--long") else 120


@pytest.mark.timeout(400)
def test_power_cuts_lose_nothing_that_was_acknowledged(
    disk: RecordedDisk, tmp_path: Path, migrated_file: Path, cuts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _give_tickets(tmp_path, disk)
    monkeypatch.undo()
    damage = _cut(disk, told, {_FILE: migrated_file.read_bytes()}, cuts, tmp_path)
    print(f"\nsynchronous=FULL: {cuts} power cuts over {len(told)} tickets: {dict(damage) or 'no loss'}")
    assert damage == {}


@pytest.mark.timeout(400)
def test_without_a_sync_at_each_commit_power_cuts_lose_tickets(
    disk: RecordedDisk, tmp_path: Path, migrated_file: Path, cuts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: synchronous=NORMAL."""
    monkeypatch.setattr(tests.server.sample_office, "Store", partial(Store, synchronous="NORMAL"))
    # Rare enough that on a slow machine, too, several tickets come between two of them: that is what a cut loses.
    monkeypatch.setattr(server.store.store, "_CHECKPOINT_EVERY_SECONDS", 0.5)
    told = _give_tickets(tmp_path, disk)
    monkeypatch.undo()
    damage = _cut(disk, told, {_FILE: migrated_file.read_bytes()}, cuts, tmp_path)
    print(f"\nsynchronous=NORMAL: {cuts} power cuts over {len(told)} tickets: {dict(damage)}")
    assert damage["lost"] > cuts // 10


def _give_tickets(folder: Path, disk: RecordedDisk) -> list[Acknowledged]:
    """Check in and take tickets through the application from several threads at once."""
    told = []
    with sample_office(f"sqlite:///{folder / _FILE}", MovableClock()) as office:
        codes = [office.book("P", "10:30")["code"] for _ in range(_THREADS * _EACH // 2)]

        def visit(place: int) -> list[Acknowledged]:
            return [_one(office, codes, place * _EACH + turn, disk) for turn in range(_EACH)]

        told = [each for some in at_once(_THREADS, visit) for each in some]
        # A busy machine may give its checkpoints no turn meanwhile: people go on until there was one.
        while not _moved(disk, told) and len(told) < _MOST:
            told.append(_one(office, codes, 0, disk))
            time.sleep(0.01)
    return told


def _moved(disk: RecordedDisk, told: list[Acknowledged]) -> bool:
    """Tell whether the log was moved into the database since the first ticket."""
    first = min(each.steps for each in told)
    return any(step.file == _FILE and step.kind == "sync" for step in disk.steps[first:])


def _one(office: SampleOffice, codes: list[str], turn: int, disk: RecordedDisk) -> Acknowledged:
    if turn % 2:
        response = office.kiosk.post("/check-ins", {"code": codes[turn // 2]})
    else:
        response = office.kiosk.post("/tickets", {"service": "N"})
    steps = len(disk.steps)
    assert response.status_code == 201, response.text
    return Acknowledged(json.loads(response.data)["ticket"]["number"], steps)


def _cut(
    disk: RecordedDisk, told: list[Acknowledged], start: dict[str, bytes], count: int, folder: Path
) -> Counter[str]:
    """Cut the power at random steps while tickets were given; count the cuts that did harm, by kind."""
    rng = random.Random(11)
    first = min(each.steps for each in told)
    assert _moved(disk, told), "no checkpoint"
    moments = sorted(rng.randrange(first, len(disk.steps) + 1) for _ in range(count))
    damage: Counter[str] = Counter()
    for cut, files in after_cuts(start, disk.steps, moments, rng):
        left = folder / "left"
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        for name, data in files.items():
            (left / name).write_bytes(data)
        harm = _harm(left / _FILE, {each.number for each in told if each.steps <= cut})
        if harm:
            damage[harm] += 1
    return damage


def _harm(file: Path, acknowledged: set[str]) -> str:
    """Open what the cut left, and name what is wrong with it; empty for nothing."""
    database = sqlite3.connect(file)
    try:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "damaged"
        rows = database.execute("SELECT series, ordinal, number FROM ticket").fetchall()
    except sqlite3.DatabaseError:
        return "does not open"
    finally:
        database.close()
    if not acknowledged <= {number for _, _, number in rows}:
        return "lost"
    highest = {series: max(ordinal for name, ordinal, _ in rows if name == series) for series, _, _ in rows}
    if len({number for _, _, number in rows}) != len(rows) or sum(highest.values()) != len(rows):
        return "numbers doubled or skipped"
    engine = open_single(f"sqlite:///{file}")
    with Session(engine) as session:
        broken = verify_chain(session)
    engine.dispose()
    return "" if broken is None else "log broken"
