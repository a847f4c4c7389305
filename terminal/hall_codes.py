"""What a screen in the hall shows as a QR to phones: another address each minute, nothing when it is too old."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from terminal.client import Client, Request, Sending
from wire.messages import PaperlessAnswer, PaperlessCode

ASK_MS = 20_000
TICK_MS = 500
PATIENCE_S = 4.0


def current(codes: Iterable[PaperlessCode], now: datetime) -> str:
    """Return the address to show at an instant by the server's clock, or nothing."""
    return next((each.address for each in codes if each.shown_from <= now < each.shown_until), "")


class HallCodes(QObject):
    """Keeps the codes of this minute and of the next, for when the server is silent for a while.

    `changed` carries the address to show from now on, empty while there is no fresh one, None where the office
    wants none.
    """

    changed = Signal(object)

    def __init__(self, client: Client, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._codes: list[PaperlessCode] = []
        self._shown: str | None = None
        self._is_wanted = False
        self._asking: Sending | None = None
        self._timers = [QTimer(self, interval=ASK_MS), QTimer(self, interval=TICK_MS)]
        self._timers[0].timeout.connect(self._ask)
        self._timers[1].timeout.connect(self._show)

    def follow(self, is_wanted: bool) -> None:
        """Begin to ask for codes, or stop, as the office rules."""
        if is_wanted == self._is_wanted:
            return
        self._is_wanted = is_wanted
        if not is_wanted:
            self.stop()
        else:
            for timer in self._timers:
                timer.start()
            self._ask()
        self._show()

    def stop(self) -> None:
        """Ask nothing more."""
        for timer in self._timers:
            timer.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        self._is_wanted, self._codes = False, []

    def _ask(self) -> None:
        if self._asking is None:
            request = Request("GET", "/api/v1/paperless-codes", PaperlessAnswer, patience_seconds=PATIENCE_S)
            self._asking = self._client.send(request, self._answered, lambda _: self._over(), self._over)

    def _answered(self, answer: PaperlessAnswer) -> None:
        self._over()
        self._codes = answer.codes
        self._show()

    def _over(self) -> None:
        self._asking = None

    def _show(self) -> None:
        address = current(self._codes, self._client.clock.now()) if self._is_wanted else None
        if address != self._shown:
            self._shown = address
            self.changed.emit(address)
