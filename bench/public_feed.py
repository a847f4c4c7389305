"""The public queue under fifty programs that poll it, beside /healthz, which costs the machine's least."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench import load
from bench.hall import UNLIMITED, Hall, hall
from bench.table import Row
from deploy.demo.sample import BRANCH

CLIENTS, AT_ONCE = 50, 4_000
_POLLED_SECONDS, _EVERY_SECONDS = 20.0, 1.0
# A ticket every so often: the figures change as they do in a full hall.
_TICKET_SECONDS = 2.0
_FEED, _HEALTH = f"/open/{BRANCH}/queue.json", "/healthz"
_PATIENCE_SECONDS = 30.0


@dataclass
class Polled:
    """What polling clients heard: the milliseconds of each answer, and how many had which status."""

    times_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def at(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        return sorted(self.times_ms)[int(len(self.times_ms) * share)]

    @property
    def unchanged(self) -> float:
        """Return the share of answers, in percent, that said only that nothing changed."""
        return 100 * self.statuses[304] / self.statuses.total()


def run() -> list[Row]:
    """Poll once a second, as programs should, then ask as fast as answers come; both addresses each time."""
    with hall(waiting=60, tables={"portal": UNLIMITED}) as office:
        with _going_on(office):
            raw = asyncio.run(_poll(office.port, _HEALTH))
            polled = asyncio.run(_poll(office.port, _FEED))
        bare = load.run(office.port, _requests(_HEALTH), CLIENTS)
        fast = load.run(office.port, _requests(_FEED), CLIENTS)
    for answered in (polled.statuses, fast.statuses):
        if not set(answered) <= {200, 304}:
            raise RuntimeError(f"the queue was not told: {dict(answered)}")
    name = f"{CLIENTS} clients once a second"
    return [
        Row(f"raw: health, {name}, p50", raw.at(0.5), "ms", "the machine's limit"),
        Row(f"raw: health, {name}, p99", raw.at(0.99), "ms"),
        Row(f"public queue, {name}, p50", polled.at(0.5), "ms"),
        Row(f"public queue, {name}, p99", polled.at(0.99), "ms"),
        Row("public queue, a ticket every 2 s: answered 304", polled.unchanged, "%"),
        Row(f"raw: health, {CLIENTS} clients at full speed", bare.per_second, "/s", "the machine's limit"),
        Row(f"raw: health, {CLIENTS} clients at full speed, p99", bare.p99_ms, "ms"),
        Row(f"public queue, {CLIENTS} clients at full speed", fast.per_second, "/s"),
        Row(f"public queue, {CLIENTS} clients at full speed, p50", fast.p50_ms, "ms"),
        Row(f"public queue, {CLIENTS} clients at full speed, p99", fast.p99_ms, "ms"),
    ]


@contextmanager
def _going_on(office: Hall) -> Iterator[None]:
    """Let a ticket be issued now and then."""
    stop = threading.Event()

    def issue() -> None:
        while not stop.wait(_TICKET_SECONDS):
            office.post("/api/v1/tickets", {"service": "N"}, office.kiosk)

    issuing = threading.Thread(target=issue)
    issuing.start()
    try:
        yield
    finally:
        stop.set()
        issuing.join()


async def _poll(port: int, path: str) -> Polled:
    found, until = Polled(), time.perf_counter() + _POLLED_SECONDS
    polling = [_client(port, path, until, place / CLIENTS, found) for place in range(CLIENTS)]
    await asyncio.wait_for(asyncio.gather(*polling), _POLLED_SECONDS + _PATIENCE_SECONDS)
    return found


async def _client(port: int, path: str, until: float, begins_s: float, found: Polled) -> None:
    """Poll as a program of a city does: with the tag of the answer before."""
    await asyncio.sleep(begins_s * _EVERY_SECONDS)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    tag = ""
    while time.perf_counter() < until:
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        began = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n{known}\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status, length = int(head[9:12]), re.search(rb"(?i)content-length: (\d+)", head)
        if status != 304 and length is not None:
            await reader.readexactly(int(length[1]))
        found.times_ms.append((time.perf_counter() - began) * 1e3)
        found.statuses[status] += 1
        if named := re.search(rb"(?i)\r\netag: ([^\r]+)", head):
            tag = named[1].decode()
        await asyncio.sleep(max(0.0, began + _EVERY_SECONDS - time.perf_counter()))
    writer.close()


def _requests(path: str) -> Iterator[bytes]:
    return (f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode() for _ in range(AT_ONCE))
