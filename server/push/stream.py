"""GET /api/v1/stream: server-sent events on the event loop itself, a thousand of them without a thread each."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from server.clock import Clock
from server.push.feed import EVERYBODY, Event, Feed

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PING_SECONDS = 5.0
STALLED_SECONDS = 10.0
_TOPIC = re.compile(r"hall:[A-Za-z0-9_-]{1,10}|counter:[0-9]{1,3}")
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


class BadStreamRequest(Exception):
    """The query of a stream is wrong: told as 422 with the place."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a listener wants: a branch's topics, behind a feed number (None: from now on)."""

    branch_id: int
    topics: frozenset[str]
    after: int | None

    def hears(self, event: Event) -> bool:
        """Say whether an event is for this listener."""
        return event.branch_id == self.branch_id and not self.topics.isdisjoint(event.topics)


def read_topics(text: str) -> frozenset[str]:
    """Read `hall:A,counter:7`; what concerns the whole branch is heard besides. Raises BadStreamRequest."""
    topics = [topic for topic in text.split(",") if topic]
    if not 1 <= len(topics) <= 10:
        raise BadStreamRequest("topics: one to ten are expected, such as hall:A")
    for topic in topics:
        if _TOPIC.fullmatch(topic) is None:
            raise BadStreamRequest("topics: only hall:… and counter:… exist")
    return frozenset(topics) | {EVERYBODY}


def read_place(*texts: str | None) -> int | None:
    """Read Last-Event-ID or `after`, whichever is there first. Raises BadStreamRequest."""
    for text in texts:
        if text:
            if not text.isascii() or not text.isdigit() or len(text) > 18:
                raise BadStreamRequest("Last-Event-ID: a feed number is expected")
            return int(text)
    return None


class Streams:
    """Serves the streams of one server; at most `most` at once, and none that stopped reading."""

    def __init__(self, feed: Feed, clock: Clock, most: int) -> None:
        self._feed = feed
        self._clock = clock
        self._most = most
        self._open: set[asyncio.Task[Any]] = set()

    @property
    def is_full(self) -> bool:
        """Say whether another stream would be one too many."""
        return len(self._open) >= self._most

    async def serve(self, wish: Wish, receive: Receive, send: Send) -> None:
        """Send what is behind the listener's place, then what comes. Raises TooFarBehind before it begins."""
        place = self._feed.last if wish.after is None else wish.after
        events = self._feed.after(place)
        if wish.after is not None and (events is None or place > self._feed.last):
            events = await asyncio.to_thread(self._feed.recover, place)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        pump = asyncio.create_task(self._pump(wish, place, events or (), send))
        gone = asyncio.create_task(_until_gone(receive))
        self._open.add(pump)
        try:
            await asyncio.wait({pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(pump)
            for task in (pump, gone):
                task.cancel()
            await asyncio.gather(pump, gone, return_exceptions=True)

    def close(self) -> None:
        """End all streams: their listeners come again and resume."""
        for task in list(self._open):
            task.cancel()

    async def _pump(self, wish: Wish, place: int, events: Iterable[Event], send: Send) -> None:
        await _put(send, self._ping())
        while True:
            heard = []
            for event in events:
                place = event.number
                if wish.hears(event):
                    heard.append(event.sent)
            if heard:
                await _put(send, b"".join(heard))
            more = self._feed.after(place)
            if more is None:
                more = await asyncio.to_thread(self._feed.recover, place)
            if not more:
                before = self._feed.last
                await self._feed.wait(PING_SECONDS)
                more = self._feed.after(place)
                if self._feed.last == before:
                    await _put(send, self._ping())
            events = more or ()

    def _ping(self) -> bytes:
        now = json.dumps({"now": self._clock.now().isoformat(timespec="milliseconds")})
        return f"event: ping\ndata: {now}\n\n".encode()


async def _put(send: Send, body: bytes) -> None:
    """Send within a limit of time: a listener that does not read is dropped, not waited for."""
    async with asyncio.timeout(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
