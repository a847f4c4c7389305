"""Starting again when the office asks for it on the page of devices: at once, or when nobody is being served."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from terminal.client import Client, Request, Sending
from wire.messages import Device
from wire.systemd import tell

ASK_MS = 20_000
LOOK_MS = 1_000
_PATIENCE_SECONDS = 5.0
RESTART = 75
"""The exit code of a program that wants to start again."""


class RestartWatch(QObject):
    """Asks the server from time to time; once a restart is asked for, ends the program when `is_idle` says so.

    What the first answer says was asked before this program started. `told` carries each answer.
    """

    told = Signal(object)

    def __init__(self, client: Client, is_idle: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._is_idle = client, is_idle
        self._known: int | None = None
        self._asking: Sending | None = None
        self._ask_timer = QTimer(self, interval=ASK_MS)
        self._ask_timer.timeout.connect(self._ask)
        self._look_timer = QTimer(self, interval=LOOK_MS)
        self._look_timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin to ask."""
        self._ask_timer.start()
        self._ask()

    def stop(self) -> None:
        """Ask nothing more."""
        self._ask_timer.stop()
        self._look_timer.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _ask(self) -> None:
        if self._asking is None:
            request = Request("GET", "/api/v1/devices/me", Device, patience_seconds=_PATIENCE_SECONDS)
            self._asking = self._client.send(request, self._told, lambda _: self._not_told(), self._not_told)

    def _told(self, device: Device) -> None:
        self._asking = None
        tell("STATUS=The server answers.")
        self.told.emit(device)
        if self._known is None:
            self._known = device.restarts_asked
        elif device.restarts_asked != self._known:
            self._ask_timer.stop()
            self._look_timer.start()
            self._look()

    def _not_told(self) -> None:
        self._asking = None
        tell("STATUS=The server does not answer as it should.")

    def _look(self) -> None:
        if self._is_idle():
            self.stop()
            tell("STATUS=Starting again.")
            QCoreApplication.exit(RESTART)


def words_again(words: Sequence[str]) -> list[str]:
    """Give the words of the command line for the next start: a code that enrolled is not used twice."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip and not word.startswith("-"):
            skip = False
            continue
        skip = word == "--enrol"
        if not (skip or word.startswith("--enrol=")):
            kept.append(word)
    return kept


def ended(code: int) -> int:
    """Start this program again if `code` asks for it, as the same process; return any other code."""
    if code == RESTART:
        os.execv(sys.executable, [sys.executable, *words_again(sys.orig_argv[1:])])  # noqa: S606  (itself)
    return code
