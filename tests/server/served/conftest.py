"""The sample office behind a real HTTP server on a port of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn

from server.http.asgi import HttpFront, Limits
from server.push import bell
from tests.server.sample_office import SampleOffice
from tests.server.served.listener import Listener


class Served:
    """A running server and the listeners that were opened on it."""

    def __init__(self, office: SampleOffice, limits: Limits) -> None:
        self.office = office
        self.front = HttpFront(office.app, office.runtime, limits)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            self.front,
            lifespan="on",
            log_config=None,
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._listeners: list[Listener] = []
        self._thread = threading.Thread(target=self._run, name="served")
        self._thread.start()

    def _run(self) -> None:
        self._loop.run_until_complete(self._server.serve([self._socket]))
        self._loop.close()

    def wait(self) -> None:
        """Wait until requests are taken."""
        for _ in range(3000):
            if self._server.started or not self._thread.is_alive():
                return
            threading.Event().wait(0.01)

    def listen(self, name: str | None = "board:wroclaw", topics: str = "hall:A", **headers: str) -> Listener:
        """Open a stream as a named device; pass its first ping over."""
        token = self.office.tokens[name] if name else None
        listener = Listener(self.port, token, topics, **headers)
        self._listeners.append(listener)
        if listener.status == 200:
            assert listener.next().event == "ping"
        return listener

    def settle(self) -> None:
        """Wait until the feed has all that happened so far: on PostgreSQL facts are sealed a little later."""
        until = time.monotonic() + 60
        while True:
            numbers = [fact.feed_number for fact in self.office.facts()]
            if None not in numbers and self.front._feed.last >= max(numbers):
                return
            assert time.monotonic() < until
            time.sleep(0.01)

    def stop(self) -> None:
        """End streams and server; a second time does nothing."""
        if not self._thread.is_alive():
            return
        for listener in self._listeners:
            listener.close()
        self._loop.call_soon_threadsafe(self.front.close_streams)
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive()


@pytest.fixture
def serve(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Served]]:
    """Start servers with limits of the test's choice."""
    monkeypatch.setattr(bell, "_LISTEN_SECONDS", 0.05)  # else each stop waits a second for PostgreSQL's bell
    started: list[Served] = []

    def start(**limits: Any) -> Served:
        started.append(Served(office, Limits(**limits)))
        started[-1].wait()
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def serve_office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[SampleOffice], Served]]:
    """Serve an office that a test made by itself."""
    monkeypatch.setattr(bell, "_LISTEN_SECONDS", 0.05)
    started: list[Served] = []

    def start(office: SampleOffice) -> Served:
        started.append(Served(office, Limits()))
        started[-1].wait()
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """Give a server with the usual limits."""
    return serve()
