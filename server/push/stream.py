"""GET /api/v1/stream: server-sent events on the event loop itself, a thousand of them without a thread each."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from server.clock import Clock
from server.push.feed import EVERYBODY, Audience, Event, Feed

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ALL_HALLS = "halls"
"""The topic of all halls of the branches that a listener may hear."""
PING_SECONDS = 5.0
STALLED_SECONDS = 10.0
GATHER_SECONDS, RUSH_SECONDS = 0.1, 1.0
"""So long what comes next for a page is gathered; in a rush longer, so that kiosks come first."""
_RUSH = 10
_END_SECONDS = 1.0
_TOPIC = re.compile(r"hall:[A-Za-z0-9_-]{1,10}|counter:[0-9]{1,3}")
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]


class BadStreamRequest(Exception):
    """The query of a stream is wrong: told as 422 with the place."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a listener wants: topics of branches, behind a feed number (None: from now on), told as whom.

    A page (`is_page`) asks for a whole whenever something happened: it is told the latest of each kind.
    """

    branch_ids: frozenset[int]
    topics: frozenset[str]
    after: int | None
    audience: Audience = Audience.SCREEN
    is_page: bool = False

    def hears(self, event: Event) -> bool:
        """Say whether an event is for this listener."""
        return event.branch_id in self.branch_ids and not self.topics.isdisjoint(event.topics)


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


class _Ear:
    """What listeners with the same wish hear: worked out once for all that have come to the same place."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._span: tuple[int, int] | None = None
        self._told = b"", 0

    def told(self, events: Sequence[Event]) -> tuple[bytes, int]:
        """Return what is sent of these events (empty: nothing is for them), and how many are for them."""
        span = events[0].number, events[-1].number
        if span != self._span:
            heard = [event for event in events if self._wish.hears(event)]
            self._told = b"".join(self._sent(heard)), len(heard)
            self._span = span
        return self._told

    def _sent(self, heard: Sequence[Event]) -> Iterator[bytes]:
        audience = self._wish.audience
        if self._wish.is_page:
            return (event.sent(audience) for event in _latest(heard))
        return (event.sent_to_devices(audience) for event in heard)


class _Listener:
    """One open stream, whose it is, which branches it is about, and since when it has not taken what was sent."""

    def __init__(self, holder: bytes, branch_ids: frozenset[int], send: Send) -> None:
        self.holder, self.branch_ids = holder, branch_ids
        self._send = send
        self._sending_since: float | None = None
        self.pump: asyncio.Task[None] | None = None

    async def put(self, body: bytes) -> None:
        """Send; a listener that does not read is dropped by the one timer: none is made for each event."""
        self._sending_since = time.monotonic()
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        self._sending_since = None

    def drop_if_stalled(self) -> None:
        """End the stream when its listener has not read for too long."""
        since = self._sending_since
        if since is not None and time.monotonic() - since > STALLED_SECONDS:
            self.drop()

    def drop(self) -> None:
        """End the stream: its listener may come again and resume."""
        if self.pump is not None:
            self.pump.cancel()

    async def end(self) -> None:
        """Complete the answer, so that a listener who still reads hears at once that the stream is over."""
        if self._sending_since is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_SECONDS):
                    await self._send({"type": "http.response.body", "body": b""})


class Streams:
    """Serves the streams of one server; at most `most` at once, `most_each` of one holder of a token.

    Of a holder's streams the newest wins: a device that comes back after a torn line, before the server has
    noticed the tear, is never locked out by its own old streams.
    One timer serves all: it drops listeners that do not read, and wakes all for a ping. An event wakes them too.
    """

    def __init__(self, feed: Feed, clock: Clock, most: int, most_each: int = 8) -> None:
        self._feed = feed
        self._clock = clock
        self._most = most
        self._most_each = most_each
        self._open: dict[_Listener, None] = {}  # in the order in which they were opened
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heart: asyncio.Task[None] | None = None
        self._pings = 0
        self._ears: WeakValueDictionary[Wish, _Ear] = WeakValueDictionary()

    @property
    def count(self) -> int:
        """Return how many are open; from any thread."""
        return len(self._open)

    def has_room_for(self, holder: bytes) -> bool:
        """Say whether this holder may open one more: always, if one of its own can go for it."""
        return len(self._open) < self._most or bool(self._of(holder))

    def listening(self) -> frozenset[tuple[bytes, frozenset[int]]]:
        """Return the holder and the branches of each open stream; from any thread."""
        return frozenset((listener.holder, listener.branch_ids) for listener in list(self._open))

    def cut(self, gone: frozenset[tuple[bytes, frozenset[int]]]) -> None:
        """End the streams of these holders and branches; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._drop_all_of, gone)

    def _drop_all_of(self, gone: frozenset[tuple[bytes, frozenset[int]]]) -> None:
        for listener in list(self._open):
            if (listener.holder, listener.branch_ids) in gone:
                listener.drop()

    def _of(self, holder: bytes) -> list[_Listener]:
        return [listener for listener in self._open if listener.holder == holder]

    def _make_room(self, holder: bytes) -> None:
        """Drop the holder's oldest streams until one more is within both bounds."""
        own = self._of(holder)
        too_many = max(len(own) + 1 - self._most_each, len(self._open) + 1 - self._most, 0)
        for oldest in own[:too_many]:
            # Forgotten here already: it does not count while it ends.
            self._open.pop(oldest, None)
            oldest.drop()

    async def serve(self, wish: Wish, holder: bytes, receive: Receive, send: Send) -> None:
        """Send what is behind the listener's place, then what comes. Raises TooFarBehind before it begins."""
        place = self._feed.last if wish.after is None else wish.after
        events = self._feed.after(place)
        if wish.after is not None and (events is None or place > self._feed.last):
            events = await asyncio.to_thread(self._feed.recover, place)
        listener = _Listener(holder, wish.branch_ids, send)
        self._make_room(holder)
        self._open[listener] = None
        try:
            await self._run(listener, wish, place, events or (), receive, send)
        finally:
            self._open.pop(listener, None)
            if not self._open and self._heart is not None:
                # At once, not at its next beat: by then a server that stops has closed the event loop.
                self._heart.cancel()
                self._heart = None

    async def _run(
        self,
        listener: _Listener,
        wish: Wish,
        place: int,
        events: Sequence[Event],
        receive: Receive,
        send: Send,
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        listener.pump = asyncio.create_task(self._pump(listener, wish, place, events))
        gone = asyncio.create_task(_until_gone(receive))
        if self._heart is None:
            self._loop = asyncio.get_running_loop()
            self._heart = asyncio.create_task(self._ping_loop())
        try:
            await asyncio.wait({listener.pump, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_over = not gone.done()
            for task in (listener.pump, gone):
                task.cancel()
            await asyncio.gather(listener.pump, gone, return_exceptions=True)
        if is_over:
            await listener.end()

    def close(self) -> None:
        """End all streams."""
        for listener in list(self._open):
            listener.drop()

    async def _ping_loop(self) -> None:
        """Ping while streams are open: often enough that a stalled one goes in time, and pings in between."""
        beat = min(1.0, STALLED_SECONDS / 2)
        pinged_at = time.monotonic()
        while True:
            await asyncio.sleep(beat)
            for listener in list(self._open):
                listener.drop_if_stalled()
            if time.monotonic() - pinged_at >= PING_SECONDS - beat / 2:
                pinged_at = time.monotonic()
                self._pings += 1
                self._feed.wake()

    async def _pump(self, listener: _Listener, wish: Wish, place: int, events: Sequence[Event]) -> None:
        ear = self._ear(wish)
        pings = self._pings
        await listener.put(self._ping())
        while True:
            if events:
                place = events[-1].number
                told, heard = ear.told(events)
                if heard:
                    await listener.put(told)
                    if wish.is_page:
                        await asyncio.sleep(GATHER_SECONDS if heard <= _RUSH else RUSH_SECONDS)
            more = self._feed.after(place)
            if more is None:
                more = await asyncio.to_thread(self._feed.recover, place)
            if not more and pings != self._pings:
                pings = self._pings
                await listener.put(self._ping())
                more = self._feed.after(place)
            elif not more:
                await self._feed.news()
                more = self._feed.after(place)
            events = more or ()

    def _ear(self, wish: Wish) -> _Ear:
        """Return what those hear who wish the same, wherever each of them began."""
        wish = replace(wish, after=None)
        ear = self._ears.get(wish)
        if ear is None:
            ear = self._ears[wish] = _Ear(wish)
        return ear

    def _ping(self) -> bytes:
        now = json.dumps({"now": self._clock.now().isoformat(timespec="milliseconds")})
        return f"event: ping\ndata: {now}\n\n".encode()


def _latest(events: Sequence[Event]) -> list[Event]:
    """Leave the latest event of each kind, in their order."""
    latest = {event.type: event for event in events}
    return sorted(latest.values(), key=lambda event: event.number)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
