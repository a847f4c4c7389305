"""A program with windows beats for systemd as long as its event loop runs, and not a beat longer."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QObject

from terminal.watchdog import Heartbeat
from tests.systemd import listening

ALLOWED_SECONDS = 0.1


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """Give a listener that wants beats."""
    with listening(tmp_path / "notify", ALLOWED_SECONDS) as listener:
        for name, value in listener.environment.items():
            monkeypatch.setenv(name, value)
        yield listener


@pytest.fixture
def program(qapp):
    """Give what a heartbeat lives with."""
    owner = QObject()
    yield owner
    owner.deleteLater()


def test_it_is_ready_when_its_loop_runs_and_beats_from_then_on(qtbot, systemd, program):
    Heartbeat(program)
    assert systemd.heard() == []
    qtbot.waitUntil(lambda: systemd.heard().count("WATCHDOG=1") >= 3)
    assert systemd.words[0] == "READY=1"
    assert systemd.words.count("READY=1") == 1


def test_its_first_word_is_a_beat_too(qtbot, systemd, program, monkeypatch):
    """A program that replaced itself was ready before: READY=1 alone does not wind the watch up again."""
    monkeypatch.setenv("WATCHDOG_USEC", "600000000")
    Heartbeat(program)
    qtbot.waitUntil(lambda: systemd.heard() == ["READY=1", "WATCHDOG=1"])


def test_a_loop_that_hangs_beats_no_more(qtbot, systemd, program):
    Heartbeat(program)
    qtbot.waitUntil(lambda: "WATCHDOG=1" in systemd.heard())
    before = len(systemd.heard())
    time.sleep(3 * ALLOWED_SECONDS)
    assert len(systemd.heard()) == before
    qtbot.waitUntil(lambda: len(systemd.heard()) > before)


def test_nobody_wants_beats_where_the_unit_says_nothing_of_them(qtbot, systemd, program, monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC")
    Heartbeat(program)
    qtbot.waitUntil(lambda: systemd.heard() == ["READY=1"])
    qtbot.wait(int(3000 * ALLOWED_SECONDS))
    assert systemd.heard() == ["READY=1"]
