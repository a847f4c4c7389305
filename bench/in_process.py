"""The product's server inside the bench's own process: HTTP as uvicorn reads and writes it, without a socket.

What is timed is the processor time of this process, in all of its threads: other work on the machine changes it
little. No worker runs beside the requests, and nobody follows the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from flask import Flask
from uvicorn.server import ServerState

from bench import load
from bench.hall import UNLIMITED
from deploy.demo.serve import demo_settings, prepare
from server.adapters.build import build
from server.api.authentication import Runtime
from server.app import build_runtime, create_app
from server.clock import SystemClock
from server.http.asgi import HttpFront, Limits
from server.http.head_limits import bounded_headers
from server.run import set_up_logging
from server.services.guard.limits import spender
from server.store.open_store import open_store
from server.workers.forecaster import Forecaster
from wire.settings import Settings

BASE_URL = "http://127.0.0.1:8080"
_HEAD_SECONDS, _PATIENCE_SECONDS = 10.0, 120.0
_SWITCH_SECONDS = 0.0005  # as server.run sets it


@dataclass(frozen=True, slots=True)
class Step:
    """A request as bytes; without a name it only prepares the next."""

    request: bytes
    name: str = ""
    expected: int = 200


Steps = Generator[Step, bytes, None]
"""Steps in order; each is sent the whole answer to the one before."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An office ready to be served in this process: the runtime and what demo.json tells."""

    runtime: Runtime
    told: dict[str, Any]


@contextlib.contextmanager
def opened(folder: Path, database: str | None = None) -> Iterator[Opened]:
    """Make the demo's office in an empty folder, on SQLite or the database of a URL; the log goes nowhere.

    The log is written as the server writes it, line by line: that is a part of what a request costs.
    """
    settings = _settings(folder, database)
    with _logging_nowhere(settings):
        told = prepare(folder, BASE_URL, settings, SystemClock(), past=False)
        store, keys = open_store(settings.server, answer_seconds=_PATIENCE_SECONDS)
        outside = build(settings, SystemClock().now, keys.all_derived, spender(store, keys))
        runtime = build_runtime(
            store, SystemClock(), keys, BASE_URL, outside, settings.portal, settings.staff
        )
        try:
            yield Opened(runtime, told)
        finally:
            store.close()


@contextlib.contextmanager
def _logging_nowhere(settings: Settings) -> Iterator[None]:
    """Log as the server does, and let threads take turns as there."""
    before = logging.root.handlers[:], logging.root.level, sys.getswitchinterval()
    with open(os.devnull, "w") as nowhere:
        with contextlib.redirect_stderr(nowhere):
            set_up_logging(settings)
        sys.setswitchinterval(_SWITCH_SECONDS)
        try:
            yield
        finally:
            logging.root.handlers[:], logging.root.level = before[:2]
            sys.setswitchinterval(before[2])


def _settings(folder: Path, database: str | None) -> Settings:
    settings = demo_settings(folder, 8080, BASE_URL)
    server = settings.server.model_copy(update={"database_url": database or ""})
    return settings.model_copy(
        update={"server": server, "portal": settings.portal.model_copy(update=UNLIMITED)}
    )


class Server:
    """A server whose requests are answered one after the other, or so many at once.

    Forecasts are renewed at the beginning of each run, as the forecaster's thread does it beside the requests.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._forecaster = Forecaster(runtime.store, runtime.context)
        self.app = create_app(runtime)
        self._front = HttpFront(self.app, runtime, Limits())
        self._front.warm_up()
        self._config = uvicorn.Config(
            self._front,
            http=bounded_headers(_HEAD_SECONDS),
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
        )
        self._config.load()
        self._state = ServerState()
        self._loop = uvloop.new_event_loop()

    def close(self) -> None:
        """End the loop; the store stays open."""
        self._loop.close()

    @property
    def portal(self) -> Flask:
        """Return the application of the booking pages."""
        made: Flask = self.app.extensions["portal"]()
        return made

    def run(
        self,
        steps: Steps,
        done: Callable[[Step, float], None],
        clock: Callable[[], float] = time.process_time,
    ) -> None:
        """Take the steps one after the other; tell of each its seconds of processor time."""
        self._get_ready()
        self._loop.run_until_complete(self._run(steps, done, clock))

    def at_once(self, requests: Sequence[bytes], clients: int, expected: int) -> float:
        """Send requests over so many connections at once; return the seconds of processor time of all."""
        self._get_ready()
        return self._loop.run_until_complete(self._at_once(iter(requests), clients, expected))

    def _get_ready(self) -> None:
        self._forecaster.look()
        gc.collect()
        gc.freeze()

    async def _run(
        self, steps: Steps, done: Callable[[Step, float], None], clock: Callable[[], float]
    ) -> None:
        line, answer = _Line(self._config, self._state, self._loop), None
        while True:
            try:
                step = next(steps) if answer is None else steps.send(answer)
            except StopIteration:
                break
            began = clock()
            answer = await line.ask(step.request)
            seconds = clock() - began
            _check(answer, step.expected)
            done(step, seconds)
        line.hang_up()

    async def _at_once(self, requests: Iterator[bytes], clients: int, expected: int) -> float:
        lines = [_Line(self._config, self._state, self._loop) for _ in range(clients)]

        async def follow(line: _Line) -> None:
            for request in requests:
                _check(await line.ask(request), expected)

        began = time.process_time()
        await asyncio.gather(*map(follow, lines))
        seconds = time.process_time() - began
        for line in lines:
            line.hang_up()
        return seconds


class _Line(asyncio.Transport):
    """A connection that stays open: what the server writes is the answer."""

    def __init__(self, config: uvicorn.Config, state: ServerState, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8080)})
        self._loop = loop
        protocol: Any = config.http_protocol_class
        self._protocol = protocol(config, state, {}, loop)
        self._protocol.connection_made(self)
        self._received = bytearray()
        self._answered: asyncio.Future[bytes] = loop.create_future()

    async def ask(self, request: bytes) -> bytes:
        """Send a request and return its whole answer."""
        self._answered = self._loop.create_future()
        self._received.clear()
        self._protocol.data_received(request)
        return await self._answered

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take what the server writes."""
        self._received += data
        if load.complete(self._received) is not None:
            self._answered.set_result(bytes(self._received))

    def is_closing(self) -> bool:
        """Say that it stays open."""
        return False

    def hang_up(self) -> None:
        """End the connection from outside."""
        self._protocol.connection_lost(None)

    def close(self) -> None:
        """Do nothing: the server lets go of a connection that has ended already."""

    abort = close

    def pause_reading(self) -> None:
        """Do nothing: one request is under way at a time."""

    def resume_reading(self) -> None:
        """Do nothing."""


def _check(answer: bytes, expected: int) -> None:
    if int(answer[9:12]) != expected:
        raise RuntimeError(f"{expected} was expected, not {answer[:2000]!r}")
