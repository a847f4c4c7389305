"""A load of requests over HTTP from one thread: so many connections, each with one request under way."""

from __future__ import annotations

import selectors
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

_LIMIT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a load measured; times in milliseconds. `came_of` counts what the answers' heads were read as."""

    per_second: float
    p50_ms: float
    p99_ms: float
    statuses: dict[int, int]
    came_of: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def run(
    port: int | Sequence[int],
    requests: Iterator[bytes],
    clients: int,
    read: Callable[[bytes], str] | None = None,
) -> Result:
    """Send the requests over `clients` kept-alive connections as fast as they are answered.

    Of several ports each has its share of the connections. `read` says of the head of an answer what came of its
    request.
    """
    ports = [port] if isinstance(port, int) else list(port)
    selector = selectors.DefaultSelector()
    busy = 0
    times: list[float] = []
    statuses: Counter[int] = Counter()
    came_of: Counter[str] = Counter()
    began = time.perf_counter()
    for place in range(clients):
        address = ("127.0.0.1", ports[place % len(ports)])
        connection = _Connection(socket.create_connection(address, 10))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        busy += _send(connection, requests)
    while busy:
        if time.perf_counter() - began > _LIMIT_SECONDS:
            raise TimeoutError("the load took too long")
        for key, _ in selector.select(5):
            connection = key.data
            connection.received += connection.socket.recv(65_536)
            status = complete(connection.received)
            if status is None:
                continue
            times.append(time.perf_counter() - connection.sent_at)
            statuses[status] += 1
            if read is not None:
                came_of[read(bytes(connection.received.partition(b"\r\n\r\n")[0]))] += 1
            busy += _send(connection, requests) - 1
    seconds = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    selector.close()
    times.sort()
    p50, p99 = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
    return Result(len(times) / seconds, p50, p99, dict(statuses), dict(came_of), seconds)


def command(path: str, token: str, body: bytes) -> bytes:
    """Write a command with a fresh idempotency key as the bytes of an HTTP request."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {uuid.uuid4().hex}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _send(connection: _Connection, requests: Iterator[bytes]) -> int:
    """Send the next request; return 1, or 0 when there is none left."""
    request = next(requests, None)
    if request is None:
        return 0
    connection.received.clear()
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)
    return 1


def complete(received: bytearray) -> int | None:
    """Return the status when the whole response is there."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(received[:end]).lower()
    if b"transfer-encoding: chunked" in head:
        return int(head[9:12]) if received.endswith(b"\r\n0\r\n\r\n") else None
    place = head.find(b"content-length:")
    length = int(head[place + 15 :].split(b"\r", 1)[0]) if place >= 0 else 0
    if len(received) < end + 4 + length:
        return None
    return int(head[9:12])
