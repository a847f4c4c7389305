"""What phones ask again and again: their streams, and the state of their tickets, from memory where it can be."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

from flask import Flask

from server.api.authentication import Runtime
from server.http.rush_lane import RushLane
from server.portal.queue import phone_page
from server.push.feed import Feed
from server.push.phones import PhoneStreams
from server.push.stream import Receive, Scope, Send
from server.services.context import RuleBroken, not_found
from server.store.errors import StoreUnavailable

KEPT_SECONDS = 20.0
"""So long a state counts as current while nothing happens in its branch: minutes pass without any fact."""
_MOST_KEPT = 10_000
_MOST_WAITING = 2_000
"""So many may wait for their state; more are sent away to come later, and stay in nobody's way."""
_AGAIN_SECONDS = 5
_THREADS = 2
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True)
class _Kept:
    branch_id: int
    revision: int
    until: float
    etag: bytes
    body: bytes


class PhoneLane:
    """Serves phones beside all other requests: with few threads of their own, so that kiosks need not wait."""

    def __init__(self, app: Flask, runtime: Runtime, feed: Feed, most_streams: int) -> None:
        self._runtime, self._feed = runtime, feed
        self._templates = app.jinja_env
        self.streams = PhoneStreams(feed, most_streams)
        self._lane: RushLane[_Kept] = RushLane(_THREADS, "phones")
        self._kept: OrderedDict[tuple[str, str | None], _Kept] = OrderedDict()
        self._waiting = 0

    async def stream(self, token: str, receive: Receive, send: Send) -> None:
        """Serve the stream of a ticket. Raises RuleBroken 404, and 503 when there are too many."""
        ticket_id = self._runtime.keys.tracked_ticket(token)
        if ticket_id is None:
            raise not_found("ticket")
        if not self.streams.has_room:
            raise RuleBroken(503, "too_many_streams", retry_after=_AGAIN_SECONDS)
        await self.streams.serve(ticket_id, receive, send)

    async def state(self, token: str, scope: Scope) -> Answer:
        """Answer the state of a ticket, or 304. Raises RuleBroken 404 and StoreUnavailable."""
        if self._runtime.keys.tracked_ticket(token) is None:
            raise not_found("ticket")
        kept = await self._current(token, _language(scope))
        headers = [(b"content-type", b"application/json"), (b"etag", kept.etag)]
        if kept.etag in _known(scope):
            return 304, headers, b""
        return 200, headers, kept.body

    async def _current(self, token: str, language: str | None) -> _Kept:
        key = (token, language)
        kept = self._kept.get(key)
        if kept and kept.revision == self._feed.revision(kept.branch_id) and time.monotonic() < kept.until:
            return kept
        if self._waiting >= _MOST_WAITING:
            raise StoreUnavailable("overloaded", _AGAIN_SECONDS)
        self._waiting += 1
        try:
            kept = await self._lane.run(lambda: self._read(token, language, kept))
        finally:
            self._waiting -= 1
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return kept

    def _read(self, token: str, language: str | None, before: _Kept | None) -> _Kept:
        # Before the state is read: what happens meanwhile makes it old at once.
        revisions, now = self._feed.revisions(), time.monotonic()
        page = phone_page.read_page(self._runtime, token, language)
        revision = revisions.get(page.branch_id, 0)
        etag = f'W/"{page.etag}"'.encode()
        is_written = before is not None and before.etag == etag
        body = before.body if before is not None and is_written else page.state(self._templates)
        return _Kept(page.branch_id, revision, now + KEPT_SECONDS, etag, body)

    def close(self) -> None:
        """End the lane's threads."""
        self._lane.close()


def asked_of_a_phone(scope: Scope) -> tuple[str, str] | None:
    """Return the token and what is asked, `state` or `events`; None for any other request."""
    path: str = scope["path"]
    if scope["method"] != "GET" or not path.startswith("/t/"):
        return None
    token, _, asked = path.removeprefix("/t/").partition("/")
    return (token, asked) if asked in ("state", "events") else None


def _known(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")


def _language(scope: Scope) -> str | None:
    """Read the chosen language; any other text is none, so that nobody fills the memory with them."""
    name, _, value = scope.get("query_string", b"").decode("latin-1").partition("=")
    return value if name == "language" and value in phone_page.sentences().languages else None
