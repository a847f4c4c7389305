"""A program starts again when the office asks for it: once, and when nobody is being served."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from terminal import restart
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.restart import RESTART, RestartWatch, ended, words_again
from wire.messages import BranchName, Device, DeviceSettings, HallName
from wire.vocabulary import DeviceRole


def device(asked: int) -> Device:
    return Device(
        id=3,
        name="Board 1",
        role=DeviceRole.BOARD,
        branch=BranchName(code="wroclaw", name="Urząd", zone="Europe/Warsaw"),
        hall=HallName(code="A", name="Sala A"),
        settings=DeviceSettings(
            languages=["pl"], check_in_lead_minutes=15, ask_service_first=False, priority_classes=[]
        ),
        restarts_asked=asked,
        now=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
    )


@pytest.fixture
def exits(monkeypatch):
    """Give the list of exit codes that the program was told to end with."""
    told = []
    monkeypatch.setattr(QCoreApplication, "exit", told.append)
    return told


@pytest.fixture
def watched(qtbot, server, monkeypatch):
    """Give a maker of watches that ask quickly."""
    monkeypatch.setattr(restart, "ASK_MS", 30)
    monkeypatch.setattr(restart, "LOOK_MS", 30)
    made = []

    def make(is_idle=lambda: True):
        client = Client(server.url, "token", ServerClock())
        watch = RestartWatch(client, is_idle)
        made.append((watch, client))
        watch.start()
        return watch

    yield make
    for watch, client in made:
        watch._ask_timer.stop()
        qtbot.waitUntil(lambda watch=watch: watch._asking is None)
        watch.stop()
        watch.deleteLater()
        client.deleteLater()
    # Gone now, with nothing on its way and in this thread: Python might do it in any thread that is left.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def answering(server, numbers):
    """Let the server tell these numbers one after the other, the last one from then on."""
    left = list(numbers)
    server.answer = lambda exchange: exchange.reply(200, device(left.pop(0) if len(left) > 1 else left[0]))
    return left


def test_what_was_asked_before_the_start_does_not_count(qtbot, server, watched, exits):
    left = answering(server, [4, 4, 4, 4])
    watched()
    qtbot.waitUntil(lambda: len(left) == 1, timeout=10_000)
    assert exits == []


def test_a_new_number_ends_the_program_once(qtbot, server, watched, exits):
    answering(server, [4, 4, 5])
    watched()
    qtbot.waitUntil(lambda: bool(exits), timeout=10_000)
    qtbot.wait(100)
    assert exits == [RESTART]


def test_somebody_who_is_being_served_is_not_interrupted(qtbot, server, watched, exits):
    busy = [True]
    left = answering(server, [0, 1, 1])
    watched(lambda: not busy)
    qtbot.waitUntil(lambda: len(left) == 1, timeout=10_000)
    qtbot.wait(100)
    assert exits == []
    busy.clear()
    qtbot.waitUntil(lambda: exits == [RESTART], timeout=10_000)


def test_a_server_that_is_away_restarts_nobody(qtbot, server, watched, exits):
    server.answer = lambda exchange: exchange.reply(503, None)
    watch = watched()
    qtbot.wait(150)
    answering(server, [7, 7])
    qtbot.waitUntil(lambda: watch._known == 7, timeout=10_000)
    assert exits == []


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (["-m", "kiosk", "--window"], ["-m", "kiosk", "--window"]),
        (["-m", "kiosk", "--enrol", "ABCD-EFGH", "--window"], ["-m", "kiosk", "--window"]),
        (["-m", "kiosk", "--enrol=ABCD"], ["-m", "kiosk"]),
        (["-m", "kiosk", "--enrol", "--window"], ["-m", "kiosk", "--window"]),
        (["-m", "kiosk", "--config", "x.toml"], ["-m", "kiosk", "--config", "x.toml"]),
    ],
)
def test_the_next_start_has_the_same_words_without_a_used_code(words, again):
    assert words_again(words) == again


def test_only_the_code_of_a_restart_starts_again(monkeypatch):
    started = []
    monkeypatch.setattr(restart.os, "execv", lambda program, words: started.append(words))
    assert ended(0) == 0
    assert ended(1) == 1
    assert started == []
    ended(RESTART)
    assert len(started) == 1
