"""The ASGI front: bodies and streams wait on the event loop, Flask runs in a pool of threads behind it."""

from __future__ import annotations

import asyncio
import io
import logging
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from server.api import authentication, request_counts
from server.api.headers_and_log import SAFE_HEADERS
from server.api.routes import API, slow_paths
from server.http.dispatch import EXTRAS, is_of_a_rush, is_of_the_api, part_of, report_of
from server.http.holds import Holds, before, in_time
from server.http.phone_lane import PhoneLane, asked_of_a_phone
from server.http.stream_admission import PATHS, Admission
from server.portal.bare_page import plain_page
from server.push.feed import Feed, TooFarBehind
from server.push.stream import BadStreamRequest, Receive, Scope, Send, Streams
from server.services.context import RuleBroken
from server.store.errors import StoreUnavailable
from server.workers.access_watch import AccessWatch
from server.workers.forecaster import Forecaster
from server.workers.jobs import JOBS
from server.workers.outbox_worker import OutboxWorker
from server.workers.scheduler import Scheduler
from server.workers.sweeper import Sweeper
from server.workers.webhook_worker import WebhookWorker

log = logging.getLogger("numerek.server")
LIVENESS_PATH = "/healthz"
ALIVE = b'{"status":"ok"}'
_ALIVE_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ALIVE))]
_COMMANDS = ("POST", "DELETE")
# A request that waited so long for a thread is sent away: behind a held database the line would only grow.
_THREAD_SECONDS = 1.0
_SAFE_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()]
_PHONE_STATE = "/t/<token>/state"
# What an operator asks even of a server that may serve nobody.
_FOR_OPERATORS = ("/readyz", "/metrics")
_NOTHING: Mapping[str, Any] = {}
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
    streams_each: int = 8
    phones: int = 5_000


class HttpFront:
    """An ASGI application around a WSGI one, with the stream served natively."""

    def __init__(self, app: Any, runtime: authentication.Runtime, limits: Limits) -> None:
        self._wsgi: Wsgi = app.wsgi_app
        self._pages = [app.extensions[name] for name in ("portal", "staff") if name in app.extensions]
        self._runtime = runtime
        self._limits = limits
        self._slow = slow_paths()
        self._feed = Feed(runtime.store)
        self._streams = Streams(self._feed, runtime.clock, limits.streams, limits.streams_each)
        self._admission = Admission(runtime, app.extensions.get("staff"))
        self._phones = PhoneLane(app, runtime, self._feed, limits.phones)
        self._access_watch = AccessWatch(runtime.store, runtime.clock.now, self._streams)
        self._forecaster = Forecaster(runtime.store, runtime.context)
        leads = runtime.leadership.leads
        self._sweeper = Sweeper(runtime.store, runtime.context, leads)
        self._scheduler = Scheduler(runtime.store, runtime.context, runtime.outside, JOBS, leads)
        self._outbox_worker: OutboxWorker | None = None
        if runtime.outside:
            self._outbox_worker = OutboxWorker(
                runtime.store,
                runtime.context,
                runtime.outside,
                is_rushed=lambda: self._holds.is_crowded,
                report=report_of(app),
                leads=leads,
            )
        self._webhook_worker: WebhookWorker | None = None
        if runtime.outside and runtime.outside.webhooks:
            line = runtime.outside.webhooks
            self._webhook_worker = WebhookWorker(runtime.store, runtime.context, line, leads)
        runtime.figures["streams"] = lambda: {
            "devices": (self._streams.count, limits.streams),
            "phones": (self._phones.streams.count, limits.phones),
        }
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="request")
        self._holds = Holds(app.extensions.get("portal"), runtime.store, limits.rush_threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            if scope["path"] == LIVENESS_PATH and scope["method"] == "GET":
                # On the event loop: it waits neither for a thread nor for the database.
                await _send(self._dressed(send), 200, _ALIVE_HEADERS, ALIVE)
            elif (
                self._runtime.keys.is_behind(self._runtime.clock.now())
                and scope["path"] not in _FOR_OPERATORS
            ):
                await self._refuse(scope, send, RuleBroken(503, "not_ready", retry_after=1))
            elif scope["path"] in PATHS and scope["method"] == "GET":
                await self._stream(scope, receive, self._dressed(send))
            elif asked := asked_of_a_phone(scope):
                await self._phone(*asked, scope, receive, self._dressed(send))
            else:
                await self._request(scope, receive, send)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start what runs beside the requests: the feed and the workers."""
        self._feed.start(loop)
        self._runtime.leadership.start()
        self._access_watch.start()
        self._forecaster.start()
        self._sweeper.start()
        self._scheduler.start()
        if self._outbox_worker is not None:
            self._outbox_worker.start()
        if self._webhook_worker is not None:
            self._webhook_worker.start()

    def warm_up(self) -> None:
        """Load the pages, for which a start does not wait; who asks for one sooner waits."""
        for pages in self._pages:
            try:
                pages()
            except Exception:
                # The next request for a page tries again; the rest of the server needs none of it.
                log.exception("pages could not be loaded")

    def close_streams(self) -> None:
        """End the streams, so that a stop does not wait for them."""
        self._streams.close()
        self._phones.streams.close()

    def stop(self) -> None:
        """Stop everything in the order of dependence."""
        self._streams.close()
        if self._webhook_worker is not None:
            self._webhook_worker.stop()
        if self._outbox_worker is not None:
            self._outbox_worker.stop()
        self._scheduler.stop()
        self._sweeper.stop()
        self._runtime.leadership.stop()
        self._forecaster.stop()
        self._access_watch.stop()
        self._feed.stop()
        self._pool.shutdown(wait=True)
        self._holds.close()
        self._phones.close()
        self._runtime.store.close()

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
        await _send(send, status, headers, sent)

    async def _refuse(self, scope: Scope, send: Send, broken: RuleBroken) -> None:
        """Answer what goes no further: a program by a problem, a browser by a page."""
        page, path = None, scope["path"]
        if self._pages and not is_of_the_api(path):
            page = plain_page(broken.status, path)
        request_counts.count(part_of(path), scope["method"], None, broken.status, None, broken.reason)
        await _refuse(self._dressed(send), broken, page)

    async def _answer(self, scope: Scope, body: bytes) -> Answer:
        """Run Flask: commands and genuine holds in the writer, else in a thread. Raises StoreUnavailable."""
        run, until = partial(_run_wsgi, self._wsgi, scope, body), time.monotonic() + _THREAD_SECONDS
        if scope["method"] in _COMMANDS and scope["path"].startswith(API) and scope["path"] not in self._slow:
            joined = self._runtime.store.join(run)
            if joined is not None:
                return await in_time(joined)
        if is_of_a_rush(scope["method"], scope["path"]):
            answer = await self._holds.answer(scope, body, run, until)
        else:
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, before, until, run)
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
                now = self._runtime.clock.now().isoformat(timespec="milliseconds").encode()
                own = ((b"numerek-time", now), (b"x-request-id", secrets.token_hex(8).encode()))
                message["headers"] = [*message["headers"], *_SAFE_HEADERS, *own]
            await send(message)

        return dressed

    async def _phone(self, token: str, asked: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if asked == "events":
                await self._phones.stream(token, receive, send)
            else:
                began = time.perf_counter()
                answer = await self._phones.state(token, scope)
                taken = time.perf_counter() - began
                request_counts.count("server", "GET", _PHONE_STATE, answer[0], taken)
                await _send(send, *answer)
        except RuleBroken as broken:
            await _refuse(send, broken)
        except StoreUnavailable as gone:
            await _refuse(send, RuleBroken(503, gone.reason, retry_after=gone.retry_after_seconds))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            holder, wish = await asyncio.to_thread(self._admission.admit, scope)
            if not self._streams.has_room_for(holder):
                raise RuleBroken(503, "too_many_streams", retry_after=5)
            await self._streams.serve(wish, holder, receive, send)
        except RuleBroken as broken:
            await _refuse(send, broken)
        except BadStreamRequest as bad:
            await _refuse(send, RuleBroken(422, "invalid_query", problem=str(bad)))
        except TooFarBehind:
            await _refuse(send, RuleBroken(410, "too_far_behind"))
        except StoreUnavailable as gone:
            await _refuse(send, RuleBroken(503, gone.reason, retry_after=gone.retry_after_seconds))


async def _refuse(send: Send, broken: RuleBroken, page: bytes | None = None) -> None:
    status, body = authentication.rendered(authentication.problem_of(broken))
    headers = [(b"content-type", b"application/problem+json")]
    if page is not None:
        body, headers = page, [(b"content-type", b"text/html; charset=utf-8")]
    if "retry_after" in broken.facts:
        headers.append((b"retry-after", str(broken.facts["retry_after"]).encode()))
    await _send(send, status, headers, body)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
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


def _run_wsgi(wsgi: Wsgi, scope: Scope, body: bytes, extras: Mapping[str, Any] = _NOTHING) -> Answer:
    """Run the WSGI application to its end and return status, headers and body."""
    environ = _environ(scope, body)
    environ |= scope.get(EXTRAS, _NOTHING)
    environ |= extras
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> None:
        begun[:] = [status, headers]

    parts = wsgi(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        if hasattr(parts, "close"):
            parts.close()
    named = ((name.lower(), value) for name, value in begun[1])
    # The HTTP server writes the date; an answer has one (RFC 9110).
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named if name != "date"]
    return int(begun[0][:3]), headers, body
