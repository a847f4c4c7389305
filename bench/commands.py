"""How many durable commands a second: check-ins, tickets and calls over HTTP, beside the disk's own limit."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

from bench import load
from bench.hall import Hall, hall
from bench.table import Row

CHECK_INS = 3_000
ALONE = 400
TICKETS = 1_500
CALLS = 200


def serial_commits(folder: Path, seconds: float = 2.0) -> float:
    """Measure single rows a second, each with its own fsync (SQLite, WAL, synchronous=FULL): the raw limit."""
    path = folder / "limit.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT)")
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (body) VALUES (?)", ("x" * 100,))
        connection.execute("COMMIT")
        count += 1
    rate = count / (time.perf_counter() - began)
    connection.close()
    return rate


def run() -> list[Row]:
    """Measure check-ins with 1 and 16 clients between two looks at the disk, then tickets and calls."""
    with (
        tempfile.TemporaryDirectory(prefix="numerek-bench-") as name,
        hall(booked=CHECK_INS + ALONE) as office,
    ):
        before = serial_commits(Path(name))
        bare = _refused(office.port, TICKETS)
        alone = _check_ins(office, office.codes[:ALONE], 1)
        sixteen = _check_ins(office, office.codes[ALONE:], 16)
        os.unlink(Path(name) / "limit.db")
        after = serial_commits(Path(name))
        tickets = load.run(office.port, _tickets(office, TICKETS), 16)
        calls = timed_calls(office, CALLS)
    raw = (before + after) / 2
    return [
        Row("raw: fsync'd commits one by one", raw, "/s", "the disk's limit"),
        Row(
            "raw: the same Flask without a database, 16 clients",
            bare.per_second,
            "/s",
            "a method that it refuses: the processor's limit",
        ),
        Row("check-ins, 1 client", alone.per_second, "/s"),
        Row("check-ins, 1 client, p50", alone.p50_ms, "ms"),
        Row("check-ins, 1 client, p99", alone.p99_ms, "ms", "≤ 10", alone.p99_ms <= 10),
        Row("check-ins, 16 clients", sixteen.per_second, "/s", "≥ 1000", sixteen.per_second >= 1_000),
        Row("check-ins, 16 clients, p50", sixteen.p50_ms, "ms"),
        Row("check-ins, 16 clients, p99", sixteen.p99_ms, "ms", "≤ 30", sixteen.p99_ms <= 30),
        Row(
            "check-ins ÷ raw commits", sixteen.per_second / raw, "", "≥ 0.4", sixteen.per_second >= 0.4 * raw
        ),
        Row("walk-in tickets, 16 clients", tickets.per_second, "/s"),
        Row("walk-in tickets, 16 clients, p99", tickets.p99_ms, "ms"),
        Row("call next, 1 clerk", calls.per_second, "/s"),
        Row("call next, 1 clerk, p99", calls.p99_ms, "ms"),
    ]


def _check_ins(office: Hall, codes: tuple[str, ...], clients: int) -> load.Result:
    requests = (
        load.command("/api/v1/check-ins", office.kiosk, b'{"code":"%s"}' % code.encode()) for code in codes
    )
    result = load.run(office.port, requests, clients)
    if set(result.statuses) != {201}:
        raise RuntimeError(f"check-ins were not all admitted: {result.statuses}")
    return result


def _refused(port: int, count: int) -> load.Result:
    """Ask for what Flask alone answers: the event loop answers GET /healthz by itself, but no other method."""
    request = b"POST /healthz HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"
    result = load.run(port, repeat(request, count), 16)
    if set(result.statuses) != {405}:
        raise RuntimeError(f"something else than Flask answered: {result.statuses}")
    return result


def _tickets(office: Hall, count: int) -> Iterator[bytes]:
    return (load.command("/api/v1/tickets", office.kiosk, b'{"service":"N"}') for _ in range(count))


def timed_calls(office: Hall, count: int) -> load.Result:
    """Let one clerk call, start and finish-and-call; only the calls are timed."""
    number, token = office.sign_in(0)
    called = office.post(f"/api/v1/counters/{number}/call-next", {"finish_current": "served"}, token)
    times: list[float] = []
    for _ in range(count):
        office.post(f"/api/v1/tickets/{called['ticket']['id']}/start", {}, token)
        began = time.perf_counter()
        called = office.post(f"/api/v1/counters/{number}/call-next", {"finish_current": "served"}, token)
        times.append(time.perf_counter() - began)
    times.sort()
    return load.Result(
        count / sum(times), times[count // 2] * 1e3, times[int(count * 0.99)] * 1e3, {200: count}
    )
