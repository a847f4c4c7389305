"""How long a call takes from the clerk's key to every stream, with 50 and with 1 000 streams.

A server just started still loads the pages and learns from its past: the first call beside that is a row of its
own, and the others come when it is through.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.hall import Hall, hall
from bench.table import Row

CALLS, WARM_CALLS, FEW = 100, 5, 50
STREAMS_EACH = 8  # so many a token may hold
_PATIENCE_SECONDS = 10.0
_AN_EVENT = b"x" * 220
_CALM_SHARE, _CALM_SECONDS, _CALM_WITHIN_SECONDS = 0.15, 1.0, 30.0


@dataclass
class Heard:
    """Milliseconds from each call to each stream's event, and the server's processor time for all calls."""

    times_ms: list[float] = field(default_factory=list)
    server_seconds: float = 0.0

    def at(self, share: float) -> float:
        """Return the time within which this share of the events came."""
        return sorted(self.times_ms)[int(len(self.times_ms) * share)]


def run(many: int = 1_000) -> list[Row]:
    """Call with 50 and with `many` listening streams; times run from before the request to each event."""
    with hall(waiting=2 * (CALLS + WARM_CALLS) + 10, boards=many // STREAMS_EACH + 1) as office:
        number, token = office.sign_in(0)
        clerk = Clerk(office, number, token)
        began = time.perf_counter()
        clerk.call()
        first_ms = (time.perf_counter() - began) * 1e3
        calm_down(office)
        found = {count: call_to_event(office, clerk, count) for count in (FEW, many)}
    one_more = (found[many].server_seconds - found[FEW].server_seconds) / CALLS / (many - FEW)
    goals = {FEW: 20, many: 150}
    rows = [Row("the first call after a start, while pages are loaded", first_ms, "ms")]
    for count, heard in found.items():
        p99, goal = heard.at(0.99), goals[count]
        rows.append(Row(f"call -> board, {count} streams, p50", heard.at(0.5), "ms"))
        rows.append(Row(f"call -> board, {count} streams, p99", p99, "ms", f"≤ {goal}", p99 <= goal))
    return [
        *rows,
        Row("one more stream: server, a call", one_more * 1e6, "µs of processor"),
        Row("raw: as many bytes into a socket", _raw_us(many), "µs of processor", "the machine's own"),
    ]


def server_clock(process_id: int) -> float:
    """Return the processor time of another process so far, in seconds."""
    # clock_getcpuclockid(3) of a process, which Python does not offer: /proc counts in ticks of 10 ms.
    return time.clock_gettime((~process_id << 3) | 2)


def calm_down(office: Hall) -> None:
    """Wait until the server has loaded what it loads after its start."""
    until = time.monotonic() + _CALM_WITHIN_SECONDS
    while time.monotonic() < until:
        before = server_clock(office.process_id)
        time.sleep(_CALM_SECONDS)
        if server_clock(office.process_id) - before < _CALM_SHARE * _CALM_SECONDS:
            return


def _raw_us(count: int) -> float:
    """Measure what the machine takes to put an event into one of so many sockets."""
    with ExitStack() as opened:
        server = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        ends = []
        for _ in range(count):
            opened.enter_context(socket.create_connection(server.getsockname()))
            ends.append(opened.enter_context(server.accept()[0]))
        began = time.process_time()
        for end in ends:
            end.send(_AN_EVENT)
        return (time.process_time() - began) / count * 1e6


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


def call_to_event(office: Hall, clerk: Clerk, count: int) -> Heard:
    """Call, and wait each time until all of so many streams have it."""
    found = Heard()
    with _listening(office, count) as selector:
        for place in range(-WARM_CALLS, CALLS):
            clerk.make_room()
            _drain(selector)
            before, began = server_clock(office.process_id), time.perf_counter()
            number = clerk.call()
            times_ms = _heard(selector, number.encode(), count, began)
            if place >= 0:
                found.server_seconds += server_clock(office.process_id) - before
                found.times_ms += times_ms
    return found


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
