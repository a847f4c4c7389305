"""From a code to a ticket by ears and five keys: the visitor of these tests knows only what was spoken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kiosk.__main__ import Running, _printer, add_options
from kiosk.screens import window as windows
from kiosk.screens.aloud import heard as heard_of
from kiosk.screens.window import KioskWindow
from kiosk.speech import Heard
from kiosk.visit.events import Press
from kiosk.visit.screens import CodeEntry, Start
from printers.virtual import VirtualPrinter
from terminal.launch import start
from tests.kiosk.samples import CODE
from tests.kiosk.test_presenter import Office
from wire.vocabulary import DeviceRole

MOST_PRESSES = 40


class Lost(Exception):
    """The visitor hears nothing that leads on."""


class BlindVisitor:
    """Has ears, four arrows and OK; remembers what was said, and presses on as soon as it is said."""

    def __init__(self, qtbot, running: Running, window: KioskWindow, patience_ms: int = 20_000) -> None:
        self.said: list[str] = []
        self._qtbot, self._window, self._patience_ms = qtbot, window, patience_ms
        running.speaker.started.connect(lambda part: self.said.append(part.text))

    def press(self, key: Qt.Key) -> None:
        """Press a key and wait until something is said."""
        before = len(self.said)
        QTest.keyClick(QApplication.focusWidget() or self._window, key)
        self.wait(lambda: len(self.said) > before)

    def choose(self, name: str) -> None:
        """Go from button to button until this one is told, and press OK."""
        for _ in range(MOST_PRESSES):
            self.press(Qt.Key.Key_Right)
            if self.said[-1].startswith(name):
                self.press(Qt.Key.Key_Return)
                return
        raise Lost(f"{name!r} is not among {self.said[-MOST_PRESSES:]}")

    def listen_for(self, text: str) -> str:
        """Wait until a sentence with this text is said; return what is said after it."""
        self.wait(lambda: any(text in each for each in self.said[:-1]))
        place = next(place for place, each in enumerate(self.said) if text in each)
        return self.said[place + 1]

    def wait(self, is_there) -> None:
        """Wait for something to be said."""
        try:
            self._qtbot.waitUntil(is_there, timeout=self._patience_ms)
        except Exception as error:
            raise Lost(str(self.said[-10:])) from error

    def get_ticket(self) -> str:
        """Go from a typed code to a ticket; return the number that was told."""
        self.press(Qt.Key.Key_Down)
        self.choose("Mam rezerwację")
        for digit in CODE:
            self.choose(f"{digit}.")
        self.choose("Dalej")
        return self.listen_for("Twój numer")


@pytest.fixture
def office(server) -> Office:
    office = Office()
    server.answer = office.answer
    return office


@pytest.fixture
def kiosk(request, tmp_path: Path, server, office: Office, window, texts) -> Iterator[Running]:
    """Run the kiosk with its window, a printer, and the folder that takes what is spoken."""
    (tmp_path / "kiosk.token").write_text("a-token\n")
    file = tmp_path / "config.toml"
    with VirtualPrinter() as printer:
        file.write_text(
            f'[kiosk]\nserver_url = "{server.url}"\ntoken_file = "kiosk.token"\ntouch_pause_ms = 0\n'
            f'headset = "{getattr(request, "param", "always")}"\n'
            f'[kiosk.printer]\ndevice = "{printer.address}"\n[speech]\nfolder = "spoken"\n'
        )
        station = start(DeviceRole.KIOSK, ["--config", str(file), "--window"], add_options)
        running = Running(station, _printer(station), texts, window)
        window.activateWindow()
        yield running
        running.stop()


def ready(kiosk: Running) -> bool:
    return isinstance(kiosk.presenter.screen, Start) and bool(kiosk.presenter.screen.around.offers)


def test_from_a_code_to_a_ticket_by_ears_and_five_keys(
    qtbot, kiosk: Running, window: KioskWindow, office: Office, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: ready(kiosk))
    visitor = BlindVisitor(qtbot, kiosk, window)
    assert visitor.get_ticket() == "P 42"
    assert [body["code"] for _, _, body in office.asked] == [CODE]
    visitor.listen_for("Wizyta")
    journal = (tmp_path / "spoken/spoken.jsonl").read_text()
    assert "Mam rezerwację" in journal
    assert len(list((tmp_path / "spoken").glob("*-pl.wav"))) >= 10


def test_a_screen_that_is_not_spoken_loses_the_visitor(
    qtbot, kiosk: Running, window: KioskWindow, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mute(frame, screen, focused) -> Heard:
        return Heard("mute") if isinstance(screen, CodeEntry) else heard_of(frame, screen, focused)

    monkeypatch.setattr(windows, "heard", mute)
    qtbot.waitUntil(lambda: ready(kiosk))
    visitor = BlindVisitor(qtbot, kiosk, window, patience_ms=2_000)
    with pytest.raises(Lost):
        visitor.get_ticket()
    assert office.asked == []


@pytest.mark.parametrize("kiosk", [""], indirect=True)
def test_without_a_headset_no_key_of_a_code_is_told(qtbot, kiosk: Running, window: KioskWindow) -> None:
    qtbot.waitUntil(lambda: ready(kiosk))
    visitor = BlindVisitor(qtbot, kiosk, window)
    for event in (Press.READ_ALOUD, Press.RESERVATION):
        window.happened.emit(event)
    visitor.wait(lambda: any("tylko w słuchawkach" in each for each in visitor.said))
    for key in (Qt.Key.Key_Down, *[Qt.Key.Key_Right] * 8, Qt.Key.Key_Return, Qt.Key.Key_Right):
        visitor.press(key)
    assert kiosk.presenter.screen.digits, "a key was pressed"
    told = " ".join(visitor.said)
    assert not any(f"{digit}. Przycisk" in told or f" {digit} " in f" {told} " for digit in "0123456789")
