"""A country before the door: the waiting page from a proxy's cache, and a crowd that is let in in turn."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from bench import load
from bench.hall import free_port
from bench.stampede import Wave, count_sold, prepare, served
from bench.table import Row
from server.store.engine import open_single

PEOPLE, PLACES, PACE = 600, 400, 40
_GOAL, _SECONDS, _CONNECTIONS, _THREADS = 20_000, 5, 64, 8
_LONGEST_SECONDS = 50.0
_FRONT = """
global
    maxconn 4000
    nbthread 1
defaults
    mode http
    timeout connect 3s
    timeout client 30s
    timeout server 30s
cache waiting
    total-max-size 4
    max-object-size 20000
    max-age 60
frontend people
    bind 127.0.0.1:{port}
    acl waits path_reg ^/[a-z][a-z]/wait/[0-9]+$
    http-request return status 200 content-type text/plain string "ok" if {{ path /raw }}
    http-request cache-use waiting if waits
    http-response cache-store waiting
    default_backend server
backend server
    server one 127.0.0.1:{server}
"""


def run() -> list[Row]:
    """Measure the page beside the same front's smallest answer, then let a crowd come to a server on SQLite."""
    with tempfile.TemporaryDirectory(prefix="numerek-bench-") as text:
        folder, port = Path(text), free_port()
        database = f"sqlite:///{folder}/numerek.db"
        (wave, *_) = prepare(folder, database, PEOPLE)
        with served(folder, database, port, f"admit_per_second = {PACE}"):
            rows = _crowd(port, wave)
            with Session(open_single(database)) as session:
                sold = count_sold(session, wave.service_id)
            over = f"{sold.held} held by {sold.people}, {sold.taken} taken, {sold.wrong} hours wrong"
            is_right = sold.wrong == 0 and sold.held == sold.people == sold.taken
            rows.append(Row("country: sold", over, "", "none twice", is_right))
            return [*_pages(folder, port), *rows]


# --- the page of those who wait -------------------------------------------------------------------------


def _pages(folder: Path, port: int) -> list[Row]:
    bare, look = _per_second(port, "/healthz"), _per_second(port, "/pl/wait", _waits(port))
    rows = [
        Row("raw, the server's own smallest answer", bare, "/s", "the processor's limit"),
        Row("country: looks whose turn it is, at one server", look, "/s"),
        Row("country: such a look ÷ its smallest answer", look / bare, ""),
    ]
    if shutil.which("haproxy") is None:
        return [*rows, Row("country: the page from a proxy", "HAProxy is not installed", "")]
    with _front(folder, port) as front:
        raw, page = _per_second(front, "/raw"), _per_second(front, "/pl/wait/5")
    return [
        *rows,
        Row("raw, HAProxy's smallest answer, one thread", raw, "/s", "the front's limit"),
        Row("country: the page from HAProxy's cache", page, "/s", f"≥ {_GOAL}", page >= _GOAL),
        Row("country: the page ÷ HAProxy's smallest answer", page / raw, ""),
    ]


def _per_second(port: int, path: str, cookie: str = "") -> float:
    """Ask for a path as fast as it is answered; by `wrk` where it is installed, else by our own load."""
    if shutil.which("wrk") is None:
        asked = f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n".encode()
        return load.run(port, (asked for _ in range(20_000)), _CONNECTIONS).per_second
    options = ("-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS}s", "-H", f"Cookie: {cookie}")
    told = subprocess.run(
        ["wrk", *options, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if found is None or ("Non-2xx" in told and path != "/pl/wait"):
        raise RuntimeError(f"wrk was not answered well: {told}")
    return float(found[1])


@contextmanager
def _front(folder: Path, server: int) -> Iterator[int]:
    """Start HAProxy with its cache before a server; give its port."""
    port, settings = free_port(), folder / "haproxy.cfg"
    settings.write_text(_FRONT.format(port=port, server=server))
    with subprocess.Popen(["haproxy", "-db", "-f", str(settings)], stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _waits(port: int) -> str:
    """Come as many as are let in at once and one more; return the cookie of somebody who waits."""
    client = _Client(port)
    while True:
        status, cookie = client.ask(_get("/pl/", ""))
        if status == 303:
            return cookie


# --- a crowd --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Person:
    """Somebody with a place, or in, who wants one thing: to hold an hour."""

    hold: bytes
    cookie: str = ""
    is_in: bool = False
    in_at: float = 0.0


@dataclass(slots=True)
class _Told:
    """What the people saw: seconds that answers took to those who are in, and what they were answered."""

    times: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def _crowd(port: int, wave: Wave) -> list[Row]:
    """Let all come at once; each looks in turn until they are in, then asks for an hour."""
    people = [_Person(each) for each in wave.requests]
    client, began = _Client(port), time.perf_counter()
    for each in people:
        status, each.cookie = client.ask(_get("/pl/", ""))
        each.is_in = status == 200
    arrived = time.perf_counter() - began
    waiting = deque(each for each in people if not each.is_in)
    at_once, told = len(people) - len(waiting), _Told()
    for each in people:
        each.in_at = began
    holders = [threading.Thread(target=_look_and_hold, args=(port, waiting, told)) for _ in range(_THREADS)]
    for thread in holders:
        thread.start()
    inside = [each for each in people if each.is_in]
    _hold(_Client(port), inside, told)
    for thread in holders:
        thread.join()
    came = sorted(each.in_at for each in people if each.in_at > began)
    rate = (len(came) - 1) / (came[-1] - came[0]) if len(came) > 1 else 0.0
    p99 = sorted(told.times)[int(len(told.times) * 0.99)] * 1e3
    refused = sum(status >= 500 for status in told.statuses)
    return [
        Row("country: people who come at once", len(people) / arrived, "/s"),
        Row("country: let in at once, before there was a line", float(at_once), "people"),
        Row("country: let in while others waited", rate, "/s", f"set {PACE}", abs(rate - PACE) <= PACE / 10),
        Row("country: an hour held or refused to those who are in, p99", p99, "ms"),
        Row("country: sent away (503) of those who are in", float(refused), "people", "0", refused == 0),
        Row("country: not let in within the time", float(len(waiting)), "people", "0", not waiting),
    ]


def _look_and_hold(port: int, waiting: deque[_Person], told: _Told) -> None:
    client, until = _Client(port), time.perf_counter() + _LONGEST_SECONDS
    while time.perf_counter() < until:
        try:
            one = waiting.popleft()
        except IndexError:
            return
        status, _ = client.ask(_get("/pl/wait?look", one.cookie))
        if status != 204:
            waiting.appendleft(one)
            time.sleep(0.05)
            continue
        one.in_at = time.perf_counter()
        _, one.cookie = client.ask(_get("/pl/wait", one.cookie))
        _hold(client, [one], told)


def _hold(client: _Client, people: Sequence[_Person], told: _Told) -> None:
    for one in people:
        began = time.perf_counter()
        status, _ = client.ask(one.hold.replace(b"\r\nCookie: ", f"\r\nCookie: {one.cookie}; ".encode()))
        told.times.append(time.perf_counter() - began)
        told.statuses.append(status)


class _Client:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[int, str]:
        """Send a request; return its status and the cookie of the line that came with it."""
        self._socket.sendall(request)
        received = bytearray()
        while (status := load.complete(received)) is None:
            more = self._socket.recv(65_536)
            if not more:
                raise ConnectionError("the server hung up")
            received += more
        found = re.search(rb"set-cookie: (numerek-place=[^;]+)", received)
        return status, found[1].decode() if found else ""


def _get(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n".encode()
