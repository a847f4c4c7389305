"""Fixtures of the kiosk: its window with a clock that stands, and a server that answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import kiosk
from kiosk.alone.journal import Journal
from kiosk.screens.look import Place
from kiosk.screens.window import KioskWindow
from terminal.clock import ServerClock
from terminal.texts import Texts
from tests.kiosk.samples import NOON
from tests.terminal.fake_server import FakeServer


@pytest.fixture(autouse=True)
def _journals_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the files of journals that tests leave as a power cut would: from Python 3.13 on they are told of."""
    made: list[Journal] = []
    begin = Journal.__init__

    def begin_and_note(journal: Journal, file: Path) -> None:
        made.append(journal)
        begin(journal, file)

    monkeypatch.setattr(Journal, "__init__", begin_and_note)
    yield
    for each in made:
        each.close()


@pytest.fixture
def texts() -> Texts:
    return Texts(Path(kiosk.__file__).parent / "texts")


@pytest.fixture
def clock() -> ServerClock:
    clock = ServerClock(lambda: 0.0)
    clock.heard(NOON)
    return clock


@pytest.fixture
def window(qtbot, texts: Texts, clock: ServerClock) -> KioskWindow:
    window = KioskWindow(texts, clock, Place("Urząd Wojewódzki", "Sala A"))
    qtbot.addWidget(window)
    window.resize(1080, 1920)
    window.show()
    return window


@pytest.fixture
def server():
    """Give a fake server; a test sets its `answer`."""
    fake = FakeServer(lambda exchange: exchange.reply(404))
    yield fake
    if not fake.is_stopping:
        fake.stop()
