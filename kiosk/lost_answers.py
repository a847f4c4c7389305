"""Commands whose visitor left before the server answered: the server is told, so that no number is lost."""

from __future__ import annotations

import logging
from collections import deque

from PySide6.QtCore import QObject, QTimer

from terminal.client import Client, Request, Sending
from wire import messages as wire

log = logging.getLogger(__name__)

AGAIN_MS = 3_000
PATIENCE_S = 2.5
MOST_KEPT = 100


class LostAnswers(QObject):
    """Reports commands by their keys, one after the other, for as long as it takes; no code is kept for it."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self._left: deque[Request] = deque(maxlen=MOST_KEPT)
        self._sending: Sending | None = None
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._send)

    def report(self, command: Request) -> None:
        """Tell the server that nobody saw the answer to this command."""
        name = command.path.rpartition("/")[2]
        body = wire.NotHandedOverRequest.model_validate({"command": name, "key": command.key})
        self._left.append(Request("POST", "/api/v1/not-handed-over", None, body, PATIENCE_S))
        self._send()

    def stop(self) -> None:
        """Tell nothing more."""
        self._again.stop()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        self._left.clear()

    def _send(self) -> None:
        if self._sending is None and self._left:
            self._sending = self._client.send(self._left[0], self._told, self._refused, self._unheard)

    def _told(self, _: object) -> None:
        self._sending = None
        self._left.popleft()
        self._send()

    def _refused(self, problem: wire.Problem) -> None:
        if problem.status >= 500:
            self._unheard()
            return
        log.warning("The server does not take the report of a lost answer: %s", problem.reason)
        self._told(None)

    def _unheard(self) -> None:
        self._sending = None
        self._again.start()
