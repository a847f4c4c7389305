"""GET /t/{token}/events: each phone hears of its own ticket only, thousands of them woken one by one.

A stream for screens looks at every fact; here a fact looks up its ticket, so that thousands of phones cost
nothing while others are called. What a phone hears is what and where; all else it then asks for.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Iterable

from server.push.feed import Event, Feed
from server.push.stream import Receive, Send

MOST_EACH = 3
"""So many streams one ticket may have: a phone, its old stream that is not noticed to be torn yet, a tablet."""
PING_SECONDS, STALLED_SECONDS = 25.0, 10.0
RETRY_SECONDS = (2, 12)
"""Between these, by chance, a phone comes again whose stream was torn: not all at once after a restart."""
_PING = b": \n\n"
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


class _Phone:
    """One open stream and what waits to be sent on it."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.unsent: list[bytes] = []
        self.is_over = False

    def tell(self, body: bytes) -> None:
        """Put something in; the stream's own task sends it."""
        self.unsent.append(body)
        self.news.set()

    def end(self) -> None:
        """Let the stream end."""
        self.is_over = True
        self.news.set()


class PhoneStreams:
    """The streams of phones, at most `most` at once and a few of each ticket, of which the newest win."""

    def __init__(self, feed: Feed, most: int) -> None:
        self._feed = feed
        self._most = most
        self._open: dict[int, list[_Phone]] = {}
        self._count = 0
        self._reader: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """Return how many are open."""
        return self._count

    @property
    def has_room(self) -> bool:
        """Say whether one more may be opened."""
        return self._count < self._most

    def close(self) -> None:
        """End all; from the event loop only."""
        for phones in self._open.values():
            for phone in phones:
                phone.end()
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def serve(self, ticket_id: int, receive: Receive, send: Send) -> None:
        """Tell a phone what happens to its ticket from now on, until it hangs up or does not read."""
        phone = _Phone()
        own = self._open.setdefault(ticket_id, [])
        for oldest in own[: len(own) + 1 - MOST_EACH]:
            oldest.end()
        own.append(phone)
        self._count += 1
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(self._feed.last))
        gone = asyncio.create_task(_until_gone(receive, phone))
        try:
            with contextlib.suppress(TimeoutError):
                await _pump(phone, send)
        finally:
            self._count -= 1
            own.remove(phone)
            if not own and self._open.get(ticket_id) is own:
                del self._open[ticket_id]
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)
            if not self._count and self._reader is not None:
                # At once: by its next beat a server that stops has closed the event loop.
                self._reader.cancel()
                self._reader = None

    async def _read(self, place: int) -> None:
        """Take each fact behind a place to the phones of its ticket, for as long as there are phones."""
        while True:
            events = self._feed.after(place)
            if events is None:
                # More than is kept happened at once: whose ticket was among them, asks soon anyway.
                place = self._feed.last
            elif events:
                place = events[-1].number
                self._tell(events)
            else:
                await self._feed.news()

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            for phone in self._open.get(event.ticket or 0, ()):
                phone.tell(_told(event))


def _told(event: Event) -> bytes:
    data: dict[str, object] = {"type": event.type}
    if event.counter is not None:
        data["counter"] = event.counter
    return f"event: ticket\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


async def _pump(phone: _Phone, send: Send) -> None:
    soonest, latest = RETRY_SECONDS
    retry = 1000 * soonest + secrets.randbelow(1000 * (latest - soonest))
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    phone.tell(f"retry: {retry}\n\n".encode())
    while not phone.is_over:
        body = b"".join(phone.unsent) or _PING
        phone.unsent.clear()
        phone.news.clear()
        async with asyncio.timeout(STALLED_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PING_SECONDS):
                await phone.news.wait()
    async with asyncio.timeout(1):
        await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive, phone: _Phone) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    phone.end()
