"""So many boards' streams in one thread; each comes back by itself with its Last-Event-ID."""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_EVENT = re.compile(rb"id: (\d+)\nevent: ([a-z_.]+)\ndata: (.*)\n\n")


@dataclass(slots=True)
class Listener:
    """One board's stream: where it is in the feed, and the places of the events that it had."""

    place: int
    token: str
    received: bytearray = field(default_factory=bytearray)
    heard: list[int] = field(default_factory=list)
    connections: int = 0


class Boards:
    """Streams of hall A that listen for one kind of event, all behind one place at first."""

    def __init__(self, port: int, tokens: Sequence[str], event: str, count: int, place: int) -> None:
        self.all = [Listener(place, tokens[each % len(tokens)]) for each in range(count)]
        self._port, self._event = port, event.encode()
        self._selector = selectors.DefaultSelector()
        self._away: list[Listener] = list(self.all)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Boards:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(10)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def wait(self, holds: Callable[[Listener], bool], seconds: float = 20) -> float:
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

    def _connect(self, listener: Listener) -> bool:
        stream = socket.socket()
        stream.settimeout(5)
        try:
            stream.connect(("127.0.0.1", self._port))
            stream.sendall(
                "GET /api/v1/stream?topics=hall:A HTTP/1.1\r\nHost: test\r\n"
                f"Authorization: Bearer {listener.token}\r\nLast-Event-ID: {listener.place}\r\n\r\n".encode()
            )
        except OSError:
            stream.close()
            return False
        listener.received.clear()
        listener.connections += 1
        self._selector.register(stream, selectors.EVENT_READ, listener)
        return True

    def _read(self, stream: socket.socket, listener: Listener) -> None:
        try:
            received = stream.recv(65_536)
        except OSError:
            received = b""
        is_refused = received.startswith(b"HTTP/1.1 ") and not received.startswith(b"HTTP/1.1 200 ")
        if not received or is_refused:
            # Refused: a place that the server's feed has not reached yet, or no connection free. It asks again.
            listener.connections -= is_refused
            self._selector.unregister(stream)
            stream.close()
            self._away.append(listener)
            return
        listener.received += received
        end = 0
        for found in _EVENT.finditer(listener.received):
            listener.place, end = int(found[1]), found.end()
            if found[2] == self._event:
                listener.heard.append(listener.place)
        del listener.received[:end]
