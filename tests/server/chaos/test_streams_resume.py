"""The server goes away and comes back while boards listen: each has every call exactly once, and soon."""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.server.chaos.running import Prepared, command, prepare_office, send

_CALLS = 4
_BACK_SECONDS = 10.0  # the promise is 2 s; other tests share the machine
_EVENT = re.compile(rb"id: (\d+)\nevent: ([a-z_.]+)\ndata: (.*)\n\n")


@dataclass(slots=True)
class _Listener:
    """One board's stream: where it is in the feed, and the calls that it had."""

    place: int
    received: bytearray = field(default_factory=bytearray)
    calls: list[int] = field(default_factory=list)
    connections: int = 0


class _Boards:
    """So many streams in one thread; each comes back by itself with its Last-Event-ID."""

    def __init__(self, office: Prepared, count: int, place: int) -> None:
        self.all = [_Listener(place) for _ in range(count)]
        self._office = office
        self._selector = selectors.DefaultSelector()
        self._away: list[_Listener] = list(self.all)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Boards:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def wait(self, holds: Callable[[_Listener], bool], seconds: float = 20) -> float:
        """Wait until it holds for every listener; return the seconds."""
        began = time.monotonic()
        while not all(holds(each) for each in self.all):
            assert time.monotonic() - began < seconds, sum(not holds(each) for each in self.all)
            assert self._thread.is_alive()
            time.sleep(0.005)
        return time.monotonic() - began

    def _run(self) -> None:
        while not self._ended.is_set():
            self._away = [each for each in self._away if not self._connect(each)]
            for key, _ in self._selector.select(0.05):
                self._read(key.fileobj, key.data)  # type: ignore[arg-type]

    def _connect(self, listener: _Listener) -> bool:
        stream = socket.socket()
        stream.settimeout(5)
        try:
            stream.connect(("127.0.0.1", self._office.port))
            stream.sendall(
                (
                    "GET /api/v1/stream?topics=hall:A HTTP/1.1\r\nHost: test\r\n"
                    f"Authorization: Bearer {self._office.board}\r\nLast-Event-ID: {listener.place}\r\n\r\n"
                ).encode()
            )
        except OSError:
            stream.close()
            return False
        listener.received.clear()
        listener.connections += 1
        self._selector.register(stream, selectors.EVENT_READ, listener)
        return True

    def _read(self, stream: socket.socket, listener: _Listener) -> None:
        try:
            received = stream.recv(65_536)
        except OSError:
            received = b""
        if not received:
            self._selector.unregister(stream)
            stream.close()
            self._away.append(listener)
            return
        listener.received += received
        end = 0
        for found in _EVENT.finditer(listener.received):
            listener.place, end = int(found[1]), found.end()
            if found[2] == b"ticket.called":
                listener.calls.append(listener.place)
        del listener.received[:end]


def test_every_board_has_every_call_once_across_restarts(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    long = request.config.getoption("--long")
    rounds, count = (20, 200) if long else (3, 120)
    office = prepare_office(tmp_path / "office")
    back, caught_up = [], []
    with office.served() as server:
        clerk = _Clerk(office, 2 * _CALLS * rounds)
        with _Boards(office, count, clerk.snapshot_place()) as boards:
            boards.wait(lambda each: each.connections == 1)
            for turn in range(rounds):
                clerk.call(_CALLS)  # some of these the boards have not had when the server goes
                (server.stop if turn % 2 else server.kill)()
                back.append(server.start())
                began = time.monotonic()
                clerk.call(1)
                boards.wait(lambda each: len(each.calls) >= len(clerk.called))
                caught_up.append(time.monotonic() - began)
        assert all(each.connections > rounds for each in boards.all)
    first = boards.all[0].calls
    assert len(set(first)) == len(first) == len(clerk.called)
    assert all(each.calls == first for each in boards.all)
    print(
        f"\n{rounds} restarts with {count} streams, {len(first)} calls: server back after {max(back):.2f} s, "
        f"all boards right {max(caught_up):.2f} s later"
    )
    assert max(caught_up) < _BACK_SECONDS


class _Clerk:
    """Calls tickets and finishes them, at one counter."""

    def __init__(self, office: Prepared, waiting: int) -> None:
        self._office = office
        self._number, self._token = office.sign_in()
        self.called: list[str] = []
        letter = office.told["counters"][0]["services"][0]
        for _ in range(waiting):
            self._post("tickets", {"service": letter})

    def call(self, count: int) -> None:
        """Call so many tickets, finishing the one in hand first."""
        for _ in range(count):
            said = self._post(f"counters/{self._number}/call-next", {})
            ticket = said["ticket"]
            self.called.append(ticket["number"])
            self._post(f"tickets/{ticket['id']}/start", {})
            self._post(f"tickets/{ticket['id']}/finish", {"outcome": "served"})

    def snapshot_place(self) -> int:
        """Return the place in the feed that the board's snapshot stands for."""
        headers = {"Authorization": f"Bearer {self._office.board}"}
        said = send(self._office.port, "GET", "/api/v1/boards/A", headers=headers).json
        return int(said["as_of"])

    def _post(self, path: str, body: dict[str, str]) -> dict[str, dict[str, str]]:
        answer = command(self._office.port, path, body, self._token)
        assert answer.status in (200, 201), answer.body
        said: dict[str, dict[str, str]] = answer.json
        return said
