"""HTTP as uvicorn reads it, with a limit to what the head of a request may take: seconds and bytes."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_BYTES = 32_768


class BoundedHeaders(HttpToolsProtocol):
    """A connection that is closed when a request's head does not end in time, or does not end at all.

    Uvicorn itself waits for ever, and keeps all that comes.
    """

    seconds = 10.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_head = False
        self._head_bytes = 0
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._late = self.loop.call_later(self.seconds, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and count what belongs to a head as yet without an end."""
        before = self._in_head
        super().data_received(data)
        if before and self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _HEAD_BYTES:
                self.transport.abort()

    def on_message_begin(self) -> None:
        """Begin to wait for a further head on the same connection."""
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        if self._late is None:
            self._late = self.loop.call_later(self.seconds, self.transport.abort)

    def on_headers_complete(self) -> None:
        """Leave the rest to uvicorn and the application, which limits bodies."""
        self._in_head = False
        self._wait_no_more()
        super().on_headers_complete()

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def bounded_headers(seconds: float) -> type[BoundedHeaders]:
    """Return the protocol with its limit of time."""
    return type("BoundedHeaders", (BoundedHeaders,), {"seconds": seconds})
