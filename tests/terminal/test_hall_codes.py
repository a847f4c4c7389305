"""The code for phones: by the server's clock, on through a minute of silence, and gone when it is too old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from terminal import hall_codes
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.hall_codes import HallCodes, current
from wire.messages import PaperlessAnswer, PaperlessCode

NOON = datetime(2025, 11, 24, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CODES = [
    PaperlessCode(
        address=f"https://o.test/w/{n}", shown_from=NOON + n * MINUTE, shown_until=NOON + (n + 1) * MINUTE
    )
    for n in range(2)
]


@pytest.mark.parametrize(("seconds", "shown"), [(-1, ""), (0, "/w/0"), (59, "/w/0"), (60, "/w/1"), (120, "")])
def test_each_code_is_shown_in_its_own_minute(seconds: int, shown: str) -> None:
    assert current(CODES, NOON + timedelta(seconds=seconds)).removeprefix("https://o.test") == shown


class Running:
    """A clock that a test moves by hand, in seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def running() -> Running:
    return Running()


@pytest.fixture
def codes(qtbot, server, running, monkeypatch):
    """Give the codes of a screen; the server says that it is noon, whatever this machine says."""
    monkeypatch.setattr(hall_codes, "ASK_MS", 50)
    monkeypatch.setattr(hall_codes, "TICK_MS", 10)
    monkeypatch.setattr(hall_codes, "PATIENCE_S", 0.2)
    answer = PaperlessAnswer(codes=CODES, now=NOON)
    server.answer = lambda exchange: exchange.reply(200, answer, Numerek_Time=NOON.isoformat())
    client = Client(server.url, "a-token", ServerClock(running))
    made = HallCodes(client)
    yield made
    made.stop()
    # What was cancelled goes before its client does.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_screen_shows_nothing_until_the_office_wants_it(qtbot, codes) -> None:
    seen = []
    codes.changed.connect(seen.append)
    codes.follow(False)
    qtbot.wait(100)
    assert seen == []
    codes.follow(True)
    qtbot.waitUntil(lambda: seen[-1:] == ["https://o.test/w/0"])
    codes.follow(False)
    assert seen[-1] is None


def test_a_silent_minute_of_the_server_is_bridged_and_no_more(qtbot, server, codes, running) -> None:
    seen = []
    codes.changed.connect(seen.append)
    codes.follow(True)
    qtbot.waitUntil(lambda: seen[-1:] == ["https://o.test/w/0"])
    server.stop()
    running.at = 61.0
    qtbot.waitUntil(lambda: seen[-1] == "https://o.test/w/1")
    running.at = 121.0
    qtbot.waitUntil(lambda: seen[-1] == "")
