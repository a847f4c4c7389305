"""The journal: without gaps, without doubles, whatever happens to the process and to the file."""

from __future__ import annotations

import logging
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.alone.journal import Journal, JournalFailed
from tests.examples import examples
from tests.kiosk.alone.samples import MADE, entry
from wire import messages as wire

DAY = MADE.date()
WRITER = """
import sys
from pathlib import Path
from kiosk.alone.journal import Journal
from tests.kiosk.alone.samples import MADE, entry
journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    given = journal.add(MADE.date(), entry(), 1)
    print(given.number, given.key, flush=True)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.journal"


def numbers(journal: Journal) -> list[str]:
    return [each.number for each in journal.of(DAY)]


def test_numbers_go_on_from_the_journal_and_from_the_list(file: Path) -> None:
    journal = Journal(file)
    for first in (1, 1, 5, 2):
        journal.add(DAY, entry(), first)
    journal.add(DAY, entry(series="NX"), 1)
    journal.add(DAY + timedelta(days=1), entry(), 1)
    assert numbers(journal) == ["PX01", "PX02", "PX05", "PX06", "NX01"]
    assert [each.number for each in journal.of(DAY + timedelta(days=1))] == ["PX01"]


def test_what_the_server_took_is_pending_no_more_also_after_a_restart(file: Path) -> None:
    journal = Journal(file)
    first, second = journal.add(DAY, entry(7), 1), journal.add(DAY, entry(), 1)
    journal.refused(second.key, "internal_error")
    journal.taken(first.key, wire.EntryTaken(number="P009", ticket=4), MADE)
    journal.close()
    journal = Journal(file)
    (left,) = journal.pending()
    assert (left.key, left.made, left.problem) == (second.key, second.made, "internal_error")
    assert numbers(journal) == ["P009", "PX02"], "the server's number counts"
    assert (file.stat().st_mode & 0o777, journal.newest_at()) == (0o600, MADE)


def test_only_what_the_server_has_is_forgotten(file: Path) -> None:
    journal = Journal(file)
    first = journal.add(DAY, entry(), 1)
    journal.add(DAY, entry(), 1)
    journal.taken(first.key, wire.EntryTaken(number="PX01"), MADE)
    journal.forget_before(DAY)
    assert len(journal.of(DAY)) == 2
    journal.forget_before(DAY + timedelta(days=1))
    assert numbers(journal) == ["PX02"]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file grows; what is there can still be removed, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("harm", ["no database", "a page", "cut short"])
def test_a_damaged_file_is_put_aside_and_its_entries_are_saved(
    file: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    given = [journal.add(DAY, entry(number), 1) for number in range(30)]
    journal.close()
    whole = file.read_bytes()
    assert not file.with_name(file.name + "-wal").exists()
    if harm == "no database":
        file.write_bytes(b"\x00" * 100 + whole[100:])
    elif harm == "a page":
        file.write_bytes(whole[:4096] + os.urandom(200) + whole[4096 + 200 :])
    else:
        file.write_bytes(whole[:-4096])
    journal = Journal(file)
    with caplog.at_level(logging.ERROR):
        after = journal.add(DAY, entry(), 1)
    assert "damaged" in caplog.text
    assert len(list(file.parent.glob("*.damaged-*"))) == 1
    kept = {each.key for each in journal.of(DAY)}
    saved = len(kept & {each.key for each in given})
    assert saved == 30 if harm == "no database" else saved >= 10
    assert kept >= {after.key}
    assert len(numbers(journal)) == len(set(numbers(journal)))
    if harm == "no database":
        assert after.number == "PX31"


def test_a_damaged_file_on_a_full_disk_is_put_aside_once_there_is_room(file: Path) -> None:
    journal = Journal(file)
    given = [journal.add(DAY, entry(number), 1).number for number in range(30)]
    journal.close()
    with file.open("r+b") as raw:
        raw.write(b"\x00" * 100)
    journal = Journal(file)
    with full_disk():
        assert journal.pending() == []
    assert numbers(journal) == given
    assert journal.add(DAY, entry(), 1).number == "PX31"


@pytest.mark.parametrize("body", ["'{}'", "CAST(x'7bff7d' AS TEXT)", "'no JSON'"])
def test_an_entry_that_makes_no_sense_stays_and_hides_no_other(
    file: Path, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    for _ in range(3):
        journal.add(DAY, entry(), 1)
    journal.close()
    beside = sqlite3.connect(file)
    beside.execute(f"UPDATE entries SET body = {body} WHERE ordinal IN (2, 3)")
    beside.commit()
    journal = Journal(file)
    with caplog.at_level(logging.ERROR):
        assert [each.number for each in journal.pending()] == ["PX01"]
        assert (numbers(journal), journal.newest_at()) == (["PX01"], MADE)
    assert len(caplog.records) == 2, "each is told of once"
    assert journal.add(DAY, entry(), 1).number == "PX04"
    assert beside.execute("SELECT count(*) FROM entries").fetchone() == (4,)
    beside.close()


def test_a_disk_that_takes_nothing_gives_no_number(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(file)
    journal.add(DAY, entry(), 1)
    with full_disk(), pytest.raises(JournalFailed):
        journal.add(DAY, entry(), 1)
    assert journal.add(DAY, entry(), 1).number == "PX02", "no gap is left"


@pytest.mark.parametrize("is_full_then", [False, True])
def test_what_was_sent_from_a_full_disk_is_called_no_more_after_a_restart(
    file: Path, caplog: pytest.LogCaptureFixture, is_full_then: bool
) -> None:
    journal = Journal(file)
    sent, other = journal.add(DAY, entry(), 1), journal.add(DAY, entry(), 1)
    with full_disk():
        assert journal.asked(sent.key) is not None, "it goes to the server all the same"
    assert "cannot be written" in caplog.text
    assert [each.asked for each in journal.pending()] == [True, False]
    journal.close()  # which brings nothing to the disk that was not there before

    after = Journal(file)
    with full_disk() if is_full_then else nullcontext():
        assert [each.asked for each in after.pending()] == [True, True]
        assert not after.call(sent.key, 2, MADE, "a-wish")
    assert not after.call(other.key, 2, MADE, "a-wish"), "nobody knows which of them the server has"
    after.close()
    last = Journal(file)
    new = last.add(DAY, entry(), 1)
    assert [each.asked for each in last.pending()] == [True, True, False]
    assert last.call(new.key, 2, MADE, "a-wish"), "the line goes on with those that come then"


def test_a_restart_without_a_full_disk_leaves_the_line_as_it_was(file: Path) -> None:
    journal = Journal(file)
    sent, waits = journal.add(DAY, entry(), 1), journal.add(DAY, entry(), 1)
    journal.asked(sent.key)
    journal.close()
    after = Journal(file)
    assert [each.asked for each in after.pending()] == [True, False]
    assert after.call(waits.key, 2, MADE, "a-wish")


def test_a_folder_that_cannot_be_written_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "kiosk.journal")
    assert (journal.pending(), journal.newest_at()) == ([], None)
    journal.refused("key", "reason")
    with pytest.raises(JournalFailed):
        journal.add(DAY, entry(), 1)


def test_a_kiosk_that_is_killed_at_any_moment_loses_doubles_and_skips_nothing(file: Path) -> None:
    rng, printed, killed = random.Random(7), list[list[str]](), 0
    while killed < examples(6) or not printed:  # a disk that is busy may have kept none yet
        killed += 1
        command = [sys.executable, "-c", WRITER, str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(rng.uniform(0.02, 0.2))
            writer.kill()
            told = writer.stdout.read().splitlines(keepends=True)
        printed += [line.split() for line in told if line.endswith("\n")]  # the last may be torn
    journal = Journal(file)
    kept = {each.key: each.number for each in journal.of(DAY)}
    assert all(kept.get(key) == number for number, key in printed), "what was printed is kept"
    assert [each.made.ordinal for each in journal.of(DAY)] == list(range(1, len(kept) + 1))


def test_each_entry_is_on_the_disk_before_it_is_told(file: Path) -> None:
    journal = Journal(file)
    journal.add(DAY, entry(), 1)
    db = journal._db
    assert db is not None
    full = 2
    assert db.execute("PRAGMA synchronous").fetchone()[0] == full
    beside = sqlite3.connect(file)
    assert beside.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    beside.close()


def test_an_entry_takes_less_than_a_frame_of_the_screen(file: Path) -> None:
    journal, took = Journal(file), []
    journal.add(DAY, entry(), 1)
    for _ in range(20):
        before = time.perf_counter()
        journal.add(DAY, entry(), 1)
        took.append(time.perf_counter() - before)
    assert sorted(took)[10] < 0.030, took
