"""The server's facts as they happen: one stream that resumes where it stopped and says when it cannot."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from pydantic import ValidationError
from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import QNetworkReply, QNetworkRequest

from terminal import sse
from terminal.client import Client, hear_time
from wire.messages import FactData

INACTIVITY_MS = 12_000
RETRY_SECONDS = (0.2, 0.5, 1.0, 1.5)
REFUSED_RETRY_SECONDS = 10.0
STEADY_MS = 5000


class EventStream(QObject):
    """Follow topics of the feed: take a snapshot, `open(snapshot.as_of)`, apply what `fact` brings.

    Each fact comes once and in feed order. `lost` comes once when the line breaks, with the seconds for which
    a line that nobody closed had been silent, and `connected` once when it is back; `snapshot_needed` means
    that the gap cannot be filled: take a snapshot and `open` again.
    """

    fact = Signal(str, object)
    connected = Signal()
    lost = Signal(float)
    snapshot_needed = Signal()

    def __init__(self, client: Client, topics: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._topics = client, tuple(topics)
        self._after = 0
        self._traceparent = ""
        self._reply: QNetworkReply | None = None
        self._parser = sse.Parser()
        self._tries = 0
        self._is_lost = False
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._connect)
        self._steady = QTimer(self, singleShot=True, interval=STEADY_MS)
        self._steady.timeout.connect(self._forget_tries)

    @property
    def after(self) -> int:
        """The feed number of the last fact that was given out (or of the snapshot)."""
        return self._after

    @property
    def traceparent(self) -> str:
        """What the server traces the last fact under that was given out; empty: it does not."""
        return self._traceparent

    def open(self, after: int) -> None:
        """Follow the feed from after this number; an open stream is closed first."""
        self.close()
        self._after = after
        self._connect()

    def close(self) -> None:
        """Stop following; no signal comes after this until `open`."""
        self._again.stop()
        self._steady.stop()
        reply, self._reply = self._reply, None
        if reply is None:
            return
        self._let_go(reply)

    def _connect(self) -> None:
        self._parser = sse.Parser()
        topics = quote(",".join(self._topics), safe=",:")
        asked = QNetworkRequest(QUrl(f"{self._client.server_url}/api/v1/stream?topics={topics}"))
        asked.setTransferTimeout(INACTIVITY_MS)
        asked.setRawHeader(b"Accept", b"text/event-stream")
        asked.setRawHeader(b"Last-Event-ID", str(self._after).encode())
        if self._client.token:
            asked.setRawHeader(b"Authorization", f"Bearer {self._client.token}".encode())
        self._reply = self._client.network.get(asked)
        self._reply.metaDataChanged.connect(self._headers)
        self._reply.readyRead.connect(self._read)
        self._reply.finished.connect(self._finished)

    def _headers(self) -> None:
        reply = self._reply
        if reply is None or _status(reply) != 200:
            return
        if not _content_type(reply).startswith("text/event-stream"):
            reply.abort()
            return
        hear_time(self._client.clock, reply)
        self._steady.start()
        self._is_lost = False
        self.connected.emit()

    def _read(self) -> None:
        reply = self._reply
        if reply is None or _status(reply) != 200:
            return
        try:
            events = self._parser.feed(bytes(reply.readAll().data()))
        except sse.TooLong:
            reply.abort()
            return
        for event in events:
            if self._reply is not reply:
                return
            self._take(event)

    def _take(self, event: sse.Event) -> None:
        if event.type == "ping":
            self._hear_ping(event.data)
            return
        if event.id is None or not event.id.isdecimal() or int(event.id) <= self._after:
            return
        try:
            data = FactData.model_validate_json(event.data)
        except ValidationError:
            self._need_snapshot()
            return
        self._after, self._traceparent = int(event.id), event.traceparent
        self.fact.emit(event.type, data)

    def _hear_ping(self, text: str) -> None:
        try:
            at = datetime.fromisoformat(json.loads(text)["now"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return
        if at.tzinfo is not None:
            self._client.clock.heard(at)

    def _need_snapshot(self) -> None:
        self.close()
        self.snapshot_needed.emit()

    def _finished(self) -> None:
        reply, self._reply = self._reply, None
        if reply is None:
            return
        status = _status(reply)
        is_silent = reply.error() is QNetworkReply.NetworkError.TimeoutError
        self._let_go(reply)
        self._steady.stop()
        if status == 410:
            self.snapshot_needed.emit()
            return
        delay = RETRY_SECONDS[min(self._tries, len(RETRY_SECONDS) - 1)]
        if status is not None and 400 <= status < 500:
            delay = REFUSED_RETRY_SECONDS
        self._tries += 1
        # Boards that lost the same server must not all come back in the same instant.
        self._again.start(int(delay * random.uniform(800, 1200)))  # noqa: S311
        if not self._is_lost:
            self._is_lost = True
            self.lost.emit(INACTIVITY_MS / 1000 if is_silent else 0.0)

    def _let_go(self, reply: QNetworkReply) -> None:
        reply.metaDataChanged.disconnect(self._headers)
        reply.readyRead.disconnect(self._read)
        reply.finished.disconnect(self._finished)
        reply.abort()
        reply.deleteLater()

    def _forget_tries(self) -> None:
        self._tries = 0


def _status(reply: QNetworkReply) -> int | None:
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    return status if isinstance(status, int) else None


def _content_type(reply: QNetworkReply) -> str:
    return bytes(reply.rawHeader("Content-Type").data()).decode("ascii", "replace").strip().lower()
