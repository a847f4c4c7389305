"""Four thousand phones that follow their tickets: from a call to its phone, beside health, the least there is."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select

from bench.hall import Hall, hall
from bench.memory import resident_megabytes
from bench.streams import Clerk
from bench.table import Row
from server.services.context import Context
from server.store.store import Store
from server.store.tables import Ticket

PHONES, CALLS = 4_000, 60
_ASK_EVERY_SECONDS, _ASKED_SECONDS = 10.0, 15.0
_CONNECT_AT_ONCE = 100
_STATUS = re.compile(rb"HTTP/1.1 (\d+)")
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_RETRY = re.compile(rb"retry-after: (\d+)", re.IGNORECASE)
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Asked:
    """The milliseconds of answers, and how many had which status."""

    times_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def at(self, share: float) -> float:
        """Return the time within which this share of the answers came."""
        return _share(self.times_ms, share)


def run() -> list[Row]:
    """Call beside open streams; let all ask every ten seconds; let all wake at the same moment."""
    tokens: list[str] = []

    def remember(store: Store, context: Context) -> None:
        ids = store.read(
            lambda session: session.execute(select(Ticket.id).order_by(Ticket.id)).scalars().all()
        )
        tokens.extend(context.keys.track_token(each) for each in ids)

    with hall(waiting=PHONES, more=remember) as office:
        return asyncio.run(_measured(office, tokens))


async def _measured(office: Hall, tokens: list[str]) -> list[Row]:
    clerk = Clerk(office, *office.sign_in(0))
    lines = await open_streams(office.port, tokens)
    health = await _health(office.port)
    calls_ms = await _call(clerk, lines)
    memory = resident_megabytes(office.process_id)
    for _, writer in lines:
        writer.close()
    await asyncio.sleep(2)
    every = await _ask_in_turn(office.port, tokens, clerk)
    woken, seconds, kiosk_ms = await _wake(office, tokens)
    name = f"{PHONES} phones"
    return [
        Row(f"raw: health beside {PHONES} streams, p99", health.at(0.99), "ms", "the machine's limit"),
        Row(f"call -> phone, {name} with streams, p50", _share(calls_ms, 0.5), "ms"),
        Row(
            f"call -> phone, {name} with streams, p99",
            _share(calls_ms, 0.99),
            "ms",
            "≤ 500",
            _share(calls_ms, 0.99) <= 500,
        ),
        Row(f"memory of the server with {name}", memory, "MB"),
        Row(f"{name} that ask every 10 s: state, p50", every.at(0.5), "ms"),
        Row(f"{name} that ask every 10 s: state, p99", every.at(0.99), "ms", "≤ 500", every.at(0.99) <= 500),
        Row(f"{name} that ask every 10 s: refused", 100 * every.statuses[503] / every.statuses.total(), "%"),
        Row(f"{name} that wake at once: all have their state after", seconds, "s"),
        Row(
            f"{name} that wake at once: sent away once or more", 100 * woken.statuses[503] / len(tokens), "%"
        ),
        Row("a kiosk's ticket meanwhile, slowest", max(kiosk_ms), "ms", "≤ 1000", max(kiosk_ms) <= 1000),
    ]


def _share(times: list[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


async def open_streams(port: int, tokens: list[str]) -> list[Line]:
    """Open a stream for each ticket; its answer's head and first line are read away."""

    async def one(token: str) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /t/{token}/events HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        if b" 200 " not in await reader.readline():
            raise RuntimeError("a stream was refused")
        while b"retry: " not in await reader.readline():
            pass
        return reader, writer

    lines: list[Line] = []
    for begun in range(0, len(tokens), _CONNECT_AT_ONCE):
        lines += await asyncio.gather(*map(one, tokens[begun : begun + _CONNECT_AT_ONCE]))
    return lines


async def _call(clerk: Clerk, lines: list[Line]) -> list[float]:
    """Call the tickets in their order; return the milliseconds from each call to its phone."""
    times = []
    for reader, _ in lines[:CALLS]:
        await asyncio.to_thread(clerk.make_room)
        began = time.perf_counter()
        call = asyncio.create_task(asyncio.to_thread(clerk.call))
        while b"ticket.called" not in await asyncio.wait_for(reader.readline(), 10):
            pass
        times.append((time.perf_counter() - began) * 1e3)
        await call
    return times


async def _get(line: Line, path: str, etag: bytes = b"") -> tuple[int, bytes]:
    """Ask over a line that stays open; return the status and the answer's head."""
    reader, writer = line
    known = b"If-None-Match: " + etag + b"\r\n" if etag else b""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n".encode() + known + b"\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    status = _STATUS.match(head)
    assert status is not None
    if length is not None:
        await reader.readexactly(int(length[1]))
    elif int(status[1]) != 304:
        while (size := int((await reader.readline()).strip(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(status[1]), head


async def _health(port: int) -> Asked:
    asked, line = Asked(), await asyncio.open_connection("127.0.0.1", port)
    for _ in range(500):
        began = time.perf_counter()
        status, _ = await _get(line, "/healthz")
        asked.times_ms.append((time.perf_counter() - began) * 1e3)
        asked.statuses[status] += 1
    line[1].close()
    return asked


async def _ask_in_turn(port: int, tokens: list[str], clerk: Clerk) -> Asked:
    """Let each phone ask every ten seconds, spread as chance spreads them, while tickets are called."""
    asked, until = Asked(), time.perf_counter() + _ASKED_SECONDS

    async def phone(place: int, token: str) -> None:
        await asyncio.sleep(place / len(tokens) * _ASK_EVERY_SECONDS)
        line, etag = await asyncio.open_connection("127.0.0.1", port), b""
        while time.perf_counter() < until:
            began = time.perf_counter()
            status, head = await _get(line, f"/t/{token}/state", etag)
            asked.times_ms.append((time.perf_counter() - began) * 1e3)
            asked.statuses[status] += 1
            found = re.search(rb"etag: (\S+)", head)
            etag = found[1] if found else b""
            await asyncio.sleep(_ASK_EVERY_SECONDS)
        line[1].close()

    async def clerks() -> None:
        while time.perf_counter() < until:
            await asyncio.to_thread(clerk.make_room)
            await asyncio.to_thread(clerk.call)
            await asyncio.sleep(1)

    await asyncio.gather(clerks(), *(phone(place, token) for place, token in enumerate(tokens)))
    return asked


async def _wake(office: Hall, tokens: list[str]) -> tuple[Asked, float, list[float]]:
    """Let all ask at the same moment; who is sent away comes again as its script does."""
    asked, lines = Asked(), []
    for begun in range(0, len(tokens), _CONNECT_AT_ONCE):
        some = tokens[begun : begun + _CONNECT_AT_ONCE]
        lines += await asyncio.gather(*(asyncio.open_connection("127.0.0.1", office.port) for _ in some))

    async def phone(line: Line, token: str) -> None:
        while True:
            status, head = await _get(line, f"/t/{token}/state")
            asked.statuses[status] += 1
            if status == 200:
                break
            again = _RETRY.search(head)
            await asyncio.sleep(float(again[1] if again else 1))
        line[1].close()

    kiosk_ms: list[float] = []

    async def kiosk() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.to_thread(office.post, "/api/v1/tickets", {"service": "N"}, office.kiosk)
            kiosk_ms.append((time.perf_counter() - began) * 1e3)
            await asyncio.sleep(0.1)

    began = time.perf_counter()
    tickets = asyncio.create_task(kiosk())
    await asyncio.gather(*map(phone, lines, tokens))
    seconds = time.perf_counter() - began
    tickets.cancel()
    await asyncio.gather(tickets, return_exceptions=True)
    return asked, seconds, kiosk_ms
