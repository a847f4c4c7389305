"""Starts a server from its settings: keys, database, application, HTTP; and stops it in good order."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from flask import Flask

from server.adapters.build import build
from server.api.authentication import Runtime
from server.api.headers_and_log import listeners
from server.app import JsonLines, build_runtime, create_app
from server.clock import Clock
from server.domain.access.links import StaffLinkKind
from server.http.asgi import HttpFront, Limits
from server.http.dispatch import is_of_the_api
from server.http.head_limits import bounded_headers
from server.services.access import users
from server.services.guard.limits import spender
from server.store.engine import is_sqlite
from server.store.open_store import database_url, open_store
from server.store.store import Store
from wire.config_file import ConfigError
from wire.settings import ServerSettings, Settings, TracesSettings
from wire.systemd import beat_seconds, tell

if TYPE_CHECKING:
    from server.http.arrivals import Arrivals

log = logging.getLogger("numerek.server")
_THREADS = 24
# A request passes the interpreter lock between its own thread and the writer's several times; the default of
# 5 ms would let each pass cost as much as the whole request.
_SWITCH_SECONDS = 0.0005
# Who takes nothing for so long is cut off by the system: a close would wait for what lies in the buffer.
_UNREAD_MILLISECONDS = 15_000


def set_up_logging(settings: Settings) -> None:
    """Send the log to standard error, one line a record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(as_json=settings.log.format == "json"))
    # A line says of none of these who wrote it, so that nobody has to look.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=settings.log.level.upper(), handlers=[handler], force=True)
    # The library that asks the SMS gateway would write down every address, with number and text in it.
    for name in ("uvicorn", "uvicorn.error", "alembic", "sqlalchemy", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Server(uvicorn.Server):
    """Uvicorn, told to let streams go before it waits for open requests."""

    def __init__(self, config: uvicorn.Config, front: HttpFront, ready: Callable[[int], None]) -> None:
        super().__init__(config)
        self._front = front
        self._ready = ready

    def _warm_up(self) -> None:
        self._front.warm_up()
        gc.freeze()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            gc.freeze()
            self._ready(sockets[0].getsockname()[1])
            tell("READY=1", "STATUS=Serving.")
            _beat(asyncio.get_running_loop(), beat_seconds())
            threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        tell("STOPPING=1", "STATUS=Ending open requests.")
        self._front.close_streams()
        await super().shutdown(sockets)


def _beat(loop: asyncio.AbstractEventLoop, seconds: float | None) -> None:
    """Tell systemd again and again that the event loop runs; a server whose loop hangs is started again."""
    if seconds is not None:
        tell("WATCHDOG=1")
        loop.call_later(seconds, _beat, loop, seconds)


def serve(settings: Settings, clock: Clock, ready: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the port once requests are taken.

    Raises KeyFileError, ConfigError (another server runs), OSError (the port is taken), and what the database
    says when it cannot be opened.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    own = settings.server
    with socket.socket(socket.AF_INET6 if ":" in own.listen else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MILLISECONDS)
        listening.bind((own.listen, own.port))
        with _alone(own):
            _serve_on(listening, settings, clock, ready)


def _serve_on(
    listening: socket.socket, settings: Settings, clock: Clock, ready: Callable[[int], None]
) -> None:
    own = settings.server
    store, keys = open_store(own)
    outside = build(settings, clock.now, keys.all_derived, spender(store, keys))
    tables = (settings.portal, settings.staff, settings.metrics, settings.readiness)
    runtime = build_runtime(store, clock, keys, own.public_url, outside, *tables, own.data_dir)
    limits = Limits(
        own.max_body_bytes,
        own.request_seconds,
        _THREADS,
        streams=own.max_streams,
        streams_each=own.max_streams_each,
        phones=own.max_phones,
    )
    app = create_app(runtime, max_body_bytes=own.max_body_bytes)
    if settings.traces.endpoint:
        _trace(app, store, settings.traces)
    front = HttpFront(app, runtime, limits)

    def tell(port: int) -> None:
        ready(port)
        if settings.staff.enabled:
            _offer_first_sign_in(runtime)

    room = _room_in_front(front, runtime)
    _Server(_config(front if room is None else room, own), front, tell).run(sockets=[listening])


def _room_in_front(front: HttpFront, runtime: Runtime) -> Arrivals | None:
    """Put the waiting room before the pages where it is switched on; else nothing of it is loaded."""
    settings = runtime.portal
    if not (settings.enabled and settings.admit_per_second):
        return None
    from server.http.arrivals import Arrivals
    from server.http.line import OwnLine
    from server.portal.guard.shared_counts import SharedCounts
    from server.services.release.arrivals import Line, StoreCounts

    counting = SharedCounts(settings.limits_store) if settings.limits_store else StoreCounts(runtime.store)
    line = OwnLine(Line(runtime.store, counting), settings.admit_per_second)
    return Arrivals(front, line, runtime)


def _trace(app: Flask, store: Store, settings: TracesSettings) -> None:
    """Have spans sent of each request and its parts. Raises ConfigError where the libraries are missing."""
    try:
        from server.adapters.traces import Traces, to_collector
    except ImportError:
        raise ConfigError(
            "traces.endpoint is set, and the libraries are missing: "
            "pip install --require-hashes -r deploy/requirements/requirements-traces.txt"
        ) from None
    traces = Traces(settings, to_collector(settings))
    app.wsgi_app = traces.around(app.wsgi_app, is_of_the_api)  # type: ignore[method-assign]
    store.tracer = traces
    listeners.append(traces.note_request)


def _offer_first_sign_in(runtime: Runtime) -> None:
    """Print the one-time address of the first administrator while there is none: no account is there yet."""
    if runtime.store.read(users.has_administrator):
        return
    context = runtime.context()
    token = runtime.store.write(lambda session: users.make_link(session, context, StaffLinkKind.FIRST))
    address = users.first_address(runtime.public_url, token)
    print(f"numerek: the first administrator is made, once and within an hour, at {address}", flush=True)


@contextmanager
def _alone(own: ServerSettings) -> Iterator[None]:
    """Keep a second server off the same SQLite database: each would write, and neither hear the other at once."""
    if not is_sqlite(database_url(own)):
        yield
        return
    own.data_dir.mkdir(parents=True, exist_ok=True)
    with (own.data_dir / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(f"another server runs on {own.data_dir}; SQLite bears one.") from None
        yield


def _config(front: HttpFront | Arrivals, own: ServerSettings) -> uvicorn.Config:
    return uvicorn.Config(
        front,
        loop="uvloop",
        http=bounded_headers(own.request_seconds),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(own.trusted_proxies),
        forwarded_allow_ips=list(own.trusted_proxies),
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, int(own.stop_seconds)),
    )
