"""A clerk's program and an office for it, on loopback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from counter_client.presenter import Presenter
from counter_client.shell import Shell
from counter_client.state import Desk
from counter_client.views.intents import Intents
from terminal.client import Client
from terminal.clock import ServerClock
from terminal.theme import Theme
from tests.counter_client.office import PASSWORD, Office


@pytest.fixture
def office() -> Iterator[Office]:
    """Give a small office."""
    office = Office()
    yield office
    office.stop()


class Program:
    """The clerk's program without its main loop."""

    def __init__(
        self, office: Office, qtbot: QtBot, memory: QSettings, kiosk_lines: Sequence[str] = ()
    ) -> None:
        client = Client(office.server.url, "device", ServerClock())
        self.qtbot, self.intents = qtbot, Intents()
        self.presenter = Presenter(client, settle_ms=0, key_pause_ms=0, kiosk_lines=kiosk_lines)
        self.presenter.listen(self.intents)
        self.shell = Shell(self.intents, client.clock, memory)
        self.presenter.changed.connect(self.shell.show_desk)
        self.shell.open()

    @property
    def desk(self) -> Desk:
        return self.presenter.desk

    def until(self, seen: object) -> None:
        """Wait until a condition on the desk holds."""
        self.qtbot.waitUntil(seen)

    def sign_in(self, password: str = PASSWORD) -> None:
        """Start and sign in by the form."""
        self.presenter.start()
        self.until(lambda: self.desk.connected)
        form = self.shell.window.sign_in
        form.login.setText("a.nowak")
        form.password.setText(password)
        form.password.returnPressed.emit()
        if password == PASSWORD:
            self.until(lambda: self.desk.is_ready)

    def close(self) -> None:
        """End the program."""
        self.presenter.stop()
        self.shell.close()


@pytest.fixture
def memory(tmp_path) -> QSettings:
    """Give an empty memory of the window's choices."""
    return QSettings(str(tmp_path / "counter.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def program(office: Office, qtbot: QtBot, qapp: QApplication, memory: QSettings) -> Iterator[Program]:
    """Give the program in front of the office."""
    qapp.setFont(Theme().font(16))
    program = Program(office, qtbot, memory)
    yield program
    program.close()
