"""Tells the server when that which it traces was seen on this screen: a few together, and never twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer

from terminal.client import Client, Request, Sending
from wire.messages import MOST_SHOWN, Shown, ShownRequest

GATHER_MS = 2_000
PATIENCE_SECONDS = 4.0


class ShownReports(QObject):
    """Gathers what was shown and hands it in; what the server does not take is lost, like any other span."""

    def __init__(self, client: Client, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._noted: deque[Shown] = deque(maxlen=MOST_SHOWN)
        self._sending: Sending | None = None
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._hand_in)

    def note(self, traceparents: Iterable[str]) -> None:
        """Note that what came with these is on the screen now; nothing while the server's clock is not known."""
        if not self._client.clock.is_known:
            return
        now = self._client.clock.now()
        for traceparent in traceparents:
            try:
                self._noted.append(Shown(traceparent=traceparent, shown_at=now))
            except ValidationError:
                continue
        if self._noted and not self._gather.isActive():
            self._gather.start()

    def stop(self) -> None:
        """Tell nothing more."""
        self._gather.stop()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _hand_in(self) -> None:
        if self._sending is not None:
            self._gather.start()
            return
        body = ShownRequest(shown=[*self._noted])
        self._noted.clear()
        request = Request("POST", "/api/v1/devices/me/shown", body=body, patience_seconds=PATIENCE_SECONDS)
        self._sending = self._client.send(request, lambda _: self._over(), lambda _: self._over(), self._over)

    def _over(self) -> None:
        self._sending = None
