"""How long a call takes from the clerk's key to every stream, with 50 and with 1 000 streams."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.hall import Hall, hall
from bench.table import Row

CALLS = 40
STREAMS_EACH = 8  # so many a token may hold
_PATIENCE_SECONDS = 10.0


def run(many: int = 1_000) -> list[Row]:
    """Call with 50 and with `many` listening streams; times run from before the request to each event."""
    with hall(waiting=4 * CALLS + 10, boards=many // STREAMS_EACH + 1) as office:
        number, token = office.sign_in(0)
        clerk = Clerk(office, number, token)
        few_ms = _call_to_event(office, clerk, 50)
        many_ms = _call_to_event(office, clerk, many)
    return [
        Row("call -> board, 50 streams, p50", _share(few_ms, 0.5), "ms"),
        Row("call -> board, 50 streams, p99", _share(few_ms, 0.99), "ms", "≤ 50", _share(few_ms, 0.99) <= 50),
        Row(f"call -> board, {many} streams, p50", _share(many_ms, 0.5), "ms"),
        Row(
            f"call -> board, {many} streams, p99",
            _share(many_ms, 0.99),
            "ms",
            "≤ 150",
            _share(many_ms, 0.99) <= 150,
        ),
    ]


def _share(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


class Clerk:
    """Calls, and makes room for the next call, over a connection kept open."""

    def __init__(self, office: Hall, number: int, token: str) -> None:
        self._office, self._number, self._token = office, number, token
        self._current: int | None = None

    def make_room(self) -> None:
        """Start and finish the ticket in hand."""
        if self._current is not None:
            self._office.post(f"/api/v1/tickets/{self._current}/start", {}, self._token)
            self._office.post(f"/api/v1/tickets/{self._current}/finish", {"outcome": "served"}, self._token)

    def call(self) -> str:
        """Call the next ticket; return its number."""
        said = self._office.post(f"/api/v1/counters/{self._number}/call-next", {}, self._token)
        self._current = said["ticket"]["id"]
        return str(said["ticket"]["number"])


def _call_to_event(office: Hall, clerk: Clerk, count: int) -> list[float]:
    """Return milliseconds from the call to its event, one for each stream and call."""
    times = []
    with _listening(office, count) as selector:
        for _ in range(CALLS):
            clerk.make_room()
            _drain(selector)
            began = time.perf_counter()
            number = clerk.call()
            times += _heard(selector, number.encode(), count, began)
    return times


def open_stream(port: int, token: str, topics: str) -> socket.socket:
    """Open a stream; its answer's head is read away."""
    stream = socket.create_connection(("127.0.0.1", port), 10)
    head = (
        f"GET /api/v1/stream?topics={topics} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    stream.sendall(head.encode())
    if b" 200 " not in stream.recv(4_096):
        raise RuntimeError("a stream was refused")
    return stream


@contextmanager
def _listening(office: Hall, count: int) -> Iterator[selectors.BaseSelector]:
    selector = selectors.DefaultSelector()
    opened = []
    try:
        for place in range(count):
            stream = open_stream(office.port, office.boards[place // STREAMS_EACH], "hall:A")
            opened.append(stream)
            selector.register(stream, selectors.EVENT_READ, bytearray())
        yield selector
    finally:
        for stream in opened:
            stream.close()
        selector.close()


def _drain(selector: selectors.BaseSelector) -> None:
    """Read away what earlier events and pings left."""
    while ready := selector.select(0.05):
        for key, _ in ready:
            key.fileobj.recv(65_536)  # type: ignore[union-attr]


def _heard(selector: selectors.BaseSelector, number: bytes, count: int, began: float) -> list[float]:
    """Wait until every stream has the call of this number."""
    waiting = {key.fileobj for key in selector.get_map().values()}
    heard: dict[object, bytes] = dict.fromkeys(waiting, b"")
    times = []
    while waiting:
        ready = selector.select(_PATIENCE_SECONDS)
        now = time.perf_counter()
        if not ready:
            raise TimeoutError(f"{len(waiting)} of {count} streams never had the call")
        for key, _ in ready:
            heard[key.fileobj] += key.fileobj.recv(65_536)  # type: ignore[union-attr]
            if (
                key.fileobj in waiting
                and b"ticket.called" in heard[key.fileobj]
                and number in heard[key.fileobj]
            ):
                waiting.discard(key.fileobj)
                times.append((now - began) * 1e3)
    return times
