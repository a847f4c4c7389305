"""The ASGI front: bodies and streams wait on the event loop, Flask runs in a pool of threads behind it."""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import sys
import time
from collections.abc import Callable, Iterable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from server.api import door
from server.api.envelope import SAFE_HEADERS
from server.api.routes import API, slow_paths
from server.lane import Lane
from server.mount import ASIDE, is_of_a_rush, is_of_the_api
from server.portal.plain import plain_page
from server.postman import Postman
from server.push.feed import EVERYBODY, Feed, TooFarBehind
from server.push.stream import BadStreamRequest, Receive, Scope, Send, Streams, Wish, read_place, read_topics
from server.services.chores import CHORES
from server.services.identity import identify
from server.services.keeper import Keeper
from server.services.moment import RuleBroken, not_found
from server.services.office import BranchView
from server.services.sweeper import Sweeper
from server.store.errors import StoreUnavailable
from server.store.group_commit import ANSWER_SECONDS

log = logging.getLogger("numerek.server")
STREAM_PATH = "/api/v1/stream"
_COMMANDS = ("POST", "DELETE")
# A request that waited so long for a thread is sent away: behind a held database the line would only grow.
_THREAD_SECONDS = 1.0
_SAFE_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()]
_LISTENERS = frozenset({"kiosk", "board", "counter", "clerk"})
Wsgi = Callable[..., Iterable[bytes]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost: bytes, seconds to arrive, threads, streams.

    `rush_threads` is for the one address of a rush: few, since each thread that waits for the interpreter's lock
    slows the others down, and so that all else keeps its threads meanwhile.
    """

    body_bytes: int = 65_536
    request_seconds: float = 10.0
    threads: int = 24
    rush_threads: int = 4
    streams: int = 2_000


class Front:
    """An ASGI application around a WSGI one, with the stream served natively."""

    def __init__(self, app: Any, house: door.House, limits: Limits) -> None:
        self._wsgi: Wsgi = app.wsgi_app
        self._portal = app.extensions.get("portal")
        self._house = house
        self._limits = limits
        self._slow = slow_paths()
        self._feed = Feed(house.store)
        self._streams = Streams(self._feed, house.clock, limits.streams)
        self._sweeper = Sweeper(house.store, house.moment)
        self._keeper = Keeper(house.store, house.moment, house.outside, CHORES)
        self._postman: Postman | None = None
        if house.outside:
            self._postman = Postman(
                house.store, house.moment, house.outside, is_rushed=lambda: self._rush.is_crowded
            )
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="request")
        self._rush: Lane[Answer | None] = Lane(limits.rush_threads, "rush")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if scope["path"] == STREAM_PATH and scope["method"] == "GET":
                await self._stream(scope, receive, self._dressed(send))
            else:
                await self._request(scope, receive, send)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start what runs beside the requests: the feed, the sweeper, the keeper and the postman."""
        self._feed.start(loop)
        self._sweeper.start()
        self._keeper.start()
        if self._postman is not None:
            self._postman.start()

    def warm_up(self) -> None:
        """Load the booking pages, for which a start does not wait; who asks for one sooner does."""
        if self._portal is not None:
            try:
                self._portal()
            except Exception:
                # The next request for a page tries again; the rest of the server needs none of it.
                log.exception("the booking pages could not be loaded")

    def close_streams(self) -> None:
        """End the streams, so that a stop does not wait for them."""
        self._streams.close()

    def stop(self) -> None:
        """Stop everything in the order of dependence."""
        self._streams.close()
        if self._postman is not None:
            self._postman.stop()
        self._keeper.stop()
        self._sweeper.stop()
        self._feed.stop()
        self._pool.shutdown(wait=True)
        self._rush.close()
        self._house.store.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.start(asyncio.get_running_loop())
                await send({"type": "lifespan.startup.complete"})
            else:
                await asyncio.to_thread(self.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._limits.request_seconds):
                body = await self._body(receive)
        except TimeoutError:
            return await self._refuse(scope, send, RuleBroken(408, "too_slow"))
        if body is None:
            too_large = RuleBroken(413, "too_large", most=self._limits.body_bytes)
            return await self._refuse(scope, send, too_large)
        try:
            status, headers, sent = await self._answer(scope, body)
        except StoreUnavailable as unavailable:
            broken = RuleBroken(503, unavailable.reason, retry_after=unavailable.retry_after_seconds)
            return await self._refuse(scope, send, broken)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": sent})

    async def _refuse(self, scope: Scope, send: Send, broken: RuleBroken) -> None:
        """Answer what goes no further: a program by a problem, a browser by a page."""
        page = None
        if self._portal is not None and not is_of_the_api(scope["path"]):
            page = plain_page(broken.status, scope["path"])
        await _refuse(self._dressed(send), broken, page)

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        """Run Flask: a command where the writer is, all else in a thread. Raises StoreUnavailable."""
        is_rush = is_of_a_rush(scope["method"], scope["path"])
        extras = {ASIDE: self._rush.step_aside} if is_rush else {}
        run = partial(_run_wsgi, self._wsgi, scope, body, extras)
        if scope["method"] in _COMMANDS and scope["path"].startswith(API) and scope["path"] not in self._slow:
            joined = self._house.store.join(run)
            if joined is not None:
                return await _in_time(joined)
        in_time = partial(_run_before, run, time.monotonic() + _THREAD_SECONDS)
        if is_rush:
            answer = await self._rush.run(in_time)
        else:
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, in_time)
        if answer is None:
            raise StoreUnavailable("overloaded")
        return answer

    async def _body(self, receive: Receive) -> bytes | None:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise TimeoutError
            part = message.get("body", b"")
            size += len(part)
            if size > self._limits.body_bytes:
                return None
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)

    def _dressed(self, send: Send) -> Send:
        """Add to an answer of the front itself the headers that every answer carries."""

        async def dressed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                now = self._house.clock.now().isoformat(timespec="milliseconds").encode()
                own = ((b"numerek-time", now), (b"x-request-id", secrets.token_hex(8).encode()))
                message["headers"] = [*message["headers"], *_SAFE_HEADERS, *own]
            await send(message)

        return dressed

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        try:
            branch = await asyncio.to_thread(self._branch_of, headers.get("authorization"))
            if self._streams.is_full:
                raise RuleBroken(503, "too_many_streams", retry_after=5)
            wish = Wish(
                branch.id,
                _known(branch, read_topics(query.get("topics", [""])[0])),
                read_place(headers.get("last-event-id"), query.get("after", [None])[0]),
            )
            await self._streams.serve(wish, receive, send)
        except RuleBroken as broken:
            await _refuse(send, broken)
        except BadStreamRequest as bad:
            await _refuse(send, RuleBroken(422, "invalid_query", problem=str(bad)))
        except TooFarBehind:
            await _refuse(send, RuleBroken(410, "too_far_behind"))
        except StoreUnavailable as gone:
            await _refuse(send, RuleBroken(503, gone.reason, retry_after=gone.retry_after_seconds))

    def _branch_of(self, authorization: str | None) -> BranchView:
        caller = identify(self._house.store, authorization, self._house.clock.now())
        door.admit(caller, _LISTENERS)
        return self._house.office.current().branches[caller.place.branch_id]


def _known(branch: BranchView, topics: frozenset[str]) -> frozenset[str]:
    """Let topics of the branch pass: who listens for a hall that is not there would wait for ever."""
    there = {f"hall:{code}" for code in branch.halls} | {f"counter:{number}" for number in branch.counters}
    for topic in topics - there - {EVERYBODY}:
        raise not_found(topic)
    return topics


async def _refuse(send: Send, broken: RuleBroken, page: bytes | None = None) -> None:
    status, body = door.rendered(door.problem_of(broken))
    headers = [(b"content-type", b"application/problem+json")]
    if page is not None:
        body, headers = page, [(b"content-type", b"text/html; charset=utf-8")]
    if "retry_after" in broken.facts:
        headers.append((b"retry-after", str(broken.facts["retry_after"]).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Write the request as PEP 3333 wants it."""
    host, port = (scope.get("server") or ("localhost", 80))[:2]
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key = name.decode("latin-1").upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value.decode("latin-1")
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):  # the body is whole, and its length is known
            key, text = f"HTTP_{key}", value.decode("latin-1")
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


async def _in_time(joined: Future[Answer]) -> Answer:
    """Wait for a request that joined the writer, so long as a write may take. Raises StoreUnavailable."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.wrap_future(joined)
    except TimeoutError:
        raise StoreUnavailable("database_busy") from None


def _run_before(run: Callable[[], Answer], until: float) -> Answer | None:
    """Run a request, or return None when the time to begin with it is over."""
    return run() if time.monotonic() < until else None


def _run_wsgi(wsgi: Wsgi, scope: Scope, body: bytes, extras: dict[str, Any]) -> Answer:
    """Run the WSGI application to its end and return status, headers and body."""
    environ = _environ(scope, body) | extras
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        begun[:] = [status, headers]

    parts = wsgi(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in begun[1]]
    return int(begun[0][:3]), headers, body
