"""The room in front of the pages: while more come than the servers bear, the others wait at no cost (rule 10).

Somebody new is let in at once while nobody waits and the pace allows it. Else they get a number, signed, in a
cookie, and a page that is the same for all who wait about as long, which a proxy may keep. Looking again costs
the signature's check: no session, no statement. Who is in goes on, whatever happens at the door.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from server.api import request_counts
from server.api.authentication import Runtime
from server.api.headers_and_log import SAFE_HEADERS
from server.http.dispatch import EXTRAS, part_of
from server.http.line import OwnLine
from server.portal.bare_page import plain_page
from server.portal.guard.limits import PASS, block_of
from server.portal.guard.request_counts import Counts
from server.portal.waiting_page import (
    KEPT_SECONDS,
    LANGUAGES,
    POLICY,
    waiting_address,
    waiting_pages,
)
from server.push.stream import Receive, Scope, Send
from server.services.release.arrivals import DRAWN_LATER, step_of
from server.store.errors import StoreUnavailable

INSIDE_SECONDS = 3_600
"""So long whoever was let in goes on without the line; each visit of a page renews it."""
PLACE_SECONDS = 86_400
"""So long a number is worth something, whoever keeps its cookie."""
_PAGE = re.compile(r"/([a-z][a-z])(?:/.*)?")
_DOOR = re.compile(r"/[a-z][a-z]/wait(?:/\d+)?")
_LONGEST_PATH = 300
_TEN_MINUTES = 600
_Headers = list[tuple[bytes, bytes]]
_SAFE: _Headers = [
    (name.lower().encode(), value.encode())
    for name, value in SAFE_HEADERS.items()
    if name not in ("Content-Security-Policy", "Cache-Control")
]
_OWN: _Headers = [*_SAFE, (b"cache-control", b"no-store")]
_STATIC: _Headers = [
    *_SAFE,
    (b"content-security-policy", POLICY.encode()),
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"public, max-age=%d, stale-while-revalidate=600" % KEPT_SECONDS),
]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A number in the line, until when it counts, and the page that its holder wants."""

    number: int
    until: int
    path: str


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who was let in; `name` is what all copies of their cookie share."""

    name: str
    until: int


class Marks:
    """Signs and reads the cookie of the line: nobody makes one up, or changes its number."""

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        """Take what tells the keys, the one in use last: with it is signed, and by all of them is read."""
        self._keys = keys

    def write(self, mark: Waiting | Inside) -> str:
        """Write the value of a cookie."""
        if isinstance(mark, Waiting):
            said = f"w.{mark.number}.{mark.until}.{quote(mark.path, safe='/')}"
        else:
            said = f"i.{mark.until}.{mark.name}"
        return f"{_signature(self._keys()[-1], said)}.{said}"

    def read(self, value: str) -> Waiting | Inside | None:
        """Read the value of a cookie; None for one that is not of our writing."""
        signature, _, said = value.partition(".")
        genuine = (_signature(key, said) for key in reversed(self._keys()))
        if not any(hmac.compare_digest(signature.encode(), each.encode()) for each in genuine):
            return None
        kind, number, rest = said.split(".", 2)
        if kind == "i":
            return Inside(rest, int(number))
        until, _, path = rest.partition(".")
        return Waiting(int(number), int(until), unquote(path))


def _signature(key: bytes, said: str) -> str:
    digest = hmac.digest(key, said.encode(), "sha256")[:18]
    return base64.urlsafe_b64encode(digest).decode()


class Arrivals:
    """An ASGI application before another one: only who is let in comes to its pages."""

    def __init__(self, inner: Application, line: OwnLine, runtime: Runtime) -> None:
        self._inner, self._line, self._runtime = inner, line, runtime
        settings, is_secure = runtime.portal, runtime.public_url.startswith("https:")
        self._kept_seconds = settings.turn_kept_minutes * 60
        self._most_numbers = settings.newcomers_per_ten_minutes
        self._marks = Marks(lambda: runtime.keys.all_derived("line in front"))
        self._cookie = "__Host-numerek-place" if is_secure else "numerek-place"
        self._secure = "; Secure" if is_secure else ""
        self._pages = waiting_pages(settings.turn_kept_minutes)
        self._numbers = Counts()
        runtime.figures["line"] = lambda: {
            "waiting": (max(0, line.seen.given - line.seen.let_in), 0),
            "pace": (int(line.pace), settings.admit_per_second),
        }
        self._keeping: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            return await self._live(scope, receive, send)
        path = scope.get("path", "")
        is_page = scope["type"] == "http" and (path == "/" or _PAGE.fullmatch(path) is not None)
        # Without the key that others sign with nobody's place could be read: the front sends them all away.
        if not is_page or self._runtime.keys.is_behind(self._runtime.clock.now()):
            return await self._inner(scope, receive, send)
        if static := self._pages.get(path):
            return await _send_static(scope, send, static.body, static.etag)
        is_door = _DOOR.fullmatch(path) is not None
        mark, language = self._mark(scope), _language(path)
        try:
            admitted = await self._admit(scope, mark, path, is_door)
        except StoreUnavailable as gone:
            request_counts.count(part_of(path), scope["method"], None, 503, None, gone.reason)
            again = (b"retry-after", str(gone.retry_after_seconds).encode())
            kind = (b"content-type", b"text/html; charset=utf-8")
            return await _send(send, 503, [*_OWN, kind, again], plain_page(503, path))
        if isinstance(admitted, Waiting):
            return await self._let_wait(scope, send, admitted, language, is_new=admitted != mark)
        if is_door:
            return await self._open(scope, send, admitted, mark, language)
        await self._go_in(scope, receive, send, admitted, is_new=admitted != mark)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._keeping = asyncio.create_task(self._line.keep(self._runtime.context))
        try:
            await self._inner(scope, receive, send)
        finally:
            self._keeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeping

    def _mark(self, scope: Scope) -> Waiting | Inside | None:
        wanted = f"{self._cookie}="
        for name, value in scope["headers"]:
            if name == b"cookie":
                for each in value.decode("latin-1").split(";"):
                    if each.strip().startswith(wanted):
                        return self._marks.read(each.strip()[len(wanted) :])
        return None

    async def _admit(
        self, scope: Scope, mark: Waiting | Inside | None, path: str, is_door: bool
    ) -> Waiting | Inside:
        """Say how somebody stands now. Raises StoreUnavailable when no number can be given."""
        now, since = int(self._runtime.clock.now().timestamp()), None
        if isinstance(mark, Inside) and mark.until > now:
            is_old = mark.until < now + INSIDE_SECONDS // 2
            return Inside(mark.name, now + INSIDE_SECONDS) if is_old else mark
        place = mark if isinstance(mark, Waiting) and mark.until > now else None
        if place is not None:
            since = self._line.turn_since(place.number)
            if since is None and not self._line.is_lost(place.number):
                return place
            if since is not None and since <= self._kept_seconds:
                return Inside(f"n{place.number}", now + INSIDE_SECONDS)
        if self._line.is_free():
            return Inside(secrets.token_hex(8), now + INSIDE_SECONDS)
        block = block_of((scope.get("client") or ("", 0))[0])
        if self._numbers.incr(block, _TEN_MINUTES) > self._most_numbers:
            raise StoreUnavailable("overloaded", 60)
        number = await self._line.take()
        if place is not None and since is None:
            number = min(number, place.number)
        return Waiting(number, now + PLACE_SECONDS, _wanted(scope, mark, path, is_door))

    async def _let_wait(
        self, scope: Scope, send: Send, waiting: Waiting, language: str, *, is_new: bool
    ) -> None:
        seen = self._line.seen
        is_drawn_later = seen.held_until is not None
        step = DRAWN_LATER if is_drawn_later else step_of(self._line.seconds_until(waiting.number))
        cookies = [self._set(waiting)] if is_new else []
        await _redirect(send, waiting_address(language, step), cookies)

    async def _open(
        self, scope: Scope, send: Send, inside: Inside, mark: Waiting | Inside | None, language: str
    ) -> None:
        if scope.get("query_string") == b"look":
            return await _send(send, 204, _OWN, b"")
        path = mark.path if isinstance(mark, Waiting) else f"/{language}/"
        await _redirect(send, path, [self._set(inside)])

    async def _go_in(
        self, scope: Scope, receive: Receive, send: Send, inside: Inside, *, is_new: bool
    ) -> None:
        whole_at: float | None = None

        async def heard() -> MutableMapping[str, Any]:
            nonlocal whole_at
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                whole_at = time.monotonic()
            return message

        async def noted(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                # What the servers took; how slowly a form comes or a page goes is the visitor's own line.
                if whole_at is not None:
                    self._line.answered(time.monotonic() - whole_at, message["status"])
                if is_new:
                    message["headers"] = [*message["headers"], self._set(inside)]
            await send(message)

        await self._inner({**scope, EXTRAS: {PASS: inside.name}}, heard, noted)

    def _set(self, mark: Waiting | Inside) -> tuple[bytes, bytes]:
        """Write the header that gives a browser its mark: a number for a day, a pass while the browser runs."""
        lasts = f"; Max-Age={PLACE_SECONDS}" if isinstance(mark, Waiting) else ""
        value = f"{self._cookie}={self._marks.write(mark)}; Path=/; HttpOnly; SameSite=Lax"
        return b"set-cookie", f"{value}{lasts}{self._secure}".encode()


def _language(path: str) -> str:
    """Return the language of an address, or one that most can read where the page has no words in it."""
    named = path[1:3]
    return named if named in LANGUAGES else LANGUAGES[0] if path == "/" else "en"


def _wanted(scope: Scope, mark: Waiting | Inside | None, path: str, is_door: bool) -> str:
    """Return the page that somebody wants once they are let in; a form cannot be sent again, its start can."""
    if isinstance(mark, Waiting):
        return mark.path
    is_page = scope["method"] in ("GET", "HEAD") and len(path) <= _LONGEST_PATH and path.isascii()
    if is_door or not is_page or "\\" in path or "//" in path:
        return f"/{_language(path)}/"
    query = scope.get("query_string", b"").decode("latin-1")
    whole = f"{path}?{query}" if query else path
    return whole if len(whole) <= _LONGEST_PATH and whole.isprintable() else path


async def _redirect(send: Send, path: str, cookies: _Headers) -> None:
    location = (b"location", quote(path, safe="/?&=%+,:;@!$'()*~-._").encode())
    await _send(send, 303, [*_OWN, location, *cookies], b"")


async def _send_static(scope: Scope, send: Send, body: bytes, etag: bytes) -> None:
    known = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    if scope["method"] not in ("GET", "HEAD"):
        return await _send(send, 405, [*_OWN, (b"allow", b"GET, HEAD")], b"")
    is_known = etag in known
    await _send(send, 304 if is_known else 200, [*_STATIC, (b"etag", etag)], b"" if is_known else body)


async def _send(send: Send, status: int, headers: _Headers, body: bytes) -> None:
    length = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
