"""Clients that dribble, stop reading or never end harm themselves alone: others are served, memory stays flat."""

from __future__ import annotations

import random
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.clock import FileClock
from server.push.feed import KEPT
from server.store.facts import NewFact, note, tip
from server.store.store import Store
from tests.server.chaos.running import Prepared, Served, command, prepare_office
from wire.vocabulary import FactType

_SLOW = 400
_P99_SECONDS = 3.0  # the goal of 10 ms is the benchmark's; here other tests share the machine
_CUT_OFF_SECONDS = 25.0
_FLAT_KIB = 30_000
_REST_KIB = 100


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Give a prepared office."""
    return prepare_office(tmp_path_factory.mktemp("slow") / "office")


def test_clients_that_dribble_do_not_slow_the_others(office: Prepared) -> None:
    with office.served() as server:
        _walk_ins(office, 30)  # what is read once and kept is read now
        alone = _walk_ins(office, 100)
        before = _resident_at_rest(server)
        with _dribbling(office, _SLOW) as sent:
            beside = _walk_ins(office, 200)
            until = time.monotonic() + _CUT_OFF_SECONDS
            while (
                sent[0] <= 2 * _SLOW and time.monotonic() < until
            ):  # a fast machine is done before they dribble
                beside += _walk_ins(office, 20)
        grown = server.resident_kib() - before
        assert sent[0] > _SLOW, "nobody dribbled"
        print(
            f"\np99 alone {_p99(alone) * 1000:.0f} ms, beside {_SLOW} slow clients {_p99(beside) * 1000:.0f} ms; "
            f"memory +{grown} KiB"
        )
        assert _p99(beside) < _P99_SECONDS
        assert grown < _FLAT_KIB


def test_a_head_that_does_not_end_ends_its_connection(office: Prepared, tmp_path: Path) -> None:
    with _impatient(office, tmp_path) as server, _all_closed() as opened:
        _load_pages(office.port)  # they come after the start; from then on memory is flat
        before = _resident_at_rest(server)
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: test\r\n", _head(office, "GET", "/healthz")):
            opened.append(socket.create_connection(("127.0.0.1", office.port), 10))
            opened[-1].sendall(begun)
        said = b""
        while not said.endswith(b'{"status":"ok"}'):
            said += opened[2].recv(4_096)
        opened[2].sendall(b"GET / HTTP")  # a second request on the same connection, which never ends
        for each in opened:
            assert _end(each) == b""
        opened.append(socket.create_connection(("127.0.0.1", office.port), 10))
        with pytest.raises(OSError):
            opened[-1].sendall(b"GET / HTTP/1.1\r\nX-Much: " + b"a" * 20_000_000)
        assert server.resident_kib() - before < 10_000


def test_streams_that_nobody_reads_are_dropped_and_memory_stays_flat(office: Prepared) -> None:
    place = _fill_log(office)
    with office.served() as server, _all_closed() as stalled:
        sockets = server.open_sockets()
        _walk_ins(office, 30)
        _load_pages(office.port)
        before = _resident_at_rest(server)
        for token in office.boards[:40]:
            stalled.append(_stalled_stream(office, token, place))
        _until(lambda: server.open_sockets() >= sockets + 38, 30)
        highest = server.resident_kib()
        until = time.monotonic() + _CUT_OFF_SECONDS
        while server.open_sockets() > sockets + 4 and time.monotonic() < until:
            highest = max(highest, server.resident_kib())
            assert _p99(_walk_ins(office, 10)) < _P99_SECONDS
            time.sleep(0.2)
        left = server.open_sockets() - sockets
        print(f"\n40 stalled streams of a full log: {left} left, memory +{highest - before} KiB at most")
        assert left <= 4
        assert highest - before < _FLAT_KIB


def _impatient(office: Prepared, folder: Path) -> Served:
    """Return a server on the office that gives a request one second to arrive."""
    config = folder / "config.toml"
    config.write_text(
        f'[server]\nport = {office.port}\ndata_dir = "{office.folder}"\nrequest_seconds = 1.0\n'
        f'secrets_file = "{office.folder}/numerek.key"\n'
    )
    return Served([sys.executable, "-m", "server", "--config", str(config)], office.port, folder / "log")


def _end(connection: socket.socket) -> bytes:
    """Read until the server ends the connection."""
    try:
        return connection.recv(4_096)
    except ConnectionResetError:
        return b""


def _walk_ins(office: Prepared, count: int) -> list[float]:
    """Take tickets one after the other; return the seconds of each."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        assert command(office.port, "tickets", {"service": "N"}, office.kiosk).status == 201
        times.append(time.perf_counter() - began)
    return times


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


def _load_pages(port: int) -> None:
    """Have the pages loaded, which a server does beside its first requests and no stream costs."""
    for path in ("/pl/", "/staff/sign-in"):
        with socket.create_connection(("127.0.0.1", port), 30) as asking:
            asking.sendall(f"GET {path} HTTP/1.1\r\nHost: numerek\r\nConnection: close\r\n\r\n".encode())
            while asking.recv(65_536):
                pass


def _resident_at_rest(server: Served) -> int:
    """Return the memory in KiB once two seconds bring nothing more: workers load modules beside requests."""
    resident = server.resident_kib()
    for _ in range(15):
        time.sleep(2.0)
        before, resident = resident, server.resident_kib()
        if resident - before < _REST_KIB:
            return resident
    raise AssertionError("memory did not come to rest in 30 s")


def _until(holds: object, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)


def _head(office: Prepared, method: str, path: str, more: str = "", token: str = "") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token or office.kiosk}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: slow-{random.random()}\r\n{more}\r\n"
    ).encode()


@contextmanager
def _all_closed() -> Iterator[list[socket.socket]]:
    opened: list[socket.socket] = []
    try:
        yield opened
    finally:
        for each in opened:
            each.close()


@contextmanager
def _dribbling(office: Prepared, count: int) -> Iterator[list[int]]:
    """Hold connections of which half send their head and half their body a byte at a time."""
    ended, sent = threading.Event(), [0]
    with _all_closed() as opened:
        rests = []
        for turn in range(count):
            opened.append(socket.create_connection(("127.0.0.1", office.port), 10))
            opened[-1].setblocking(False)
            head = _head(office, "POST", "/api/v1/tickets", "Content-Length: 50000\r\n")
            if turn % 2:
                opened[-1].send(head)
                rests.append(iter(b"{" + b" " * 50_000))
            else:
                rests.append(iter(head))

        def dribble() -> None:
            while not ended.wait(0.2):
                for client, rest in zip(opened, rests, strict=True):
                    try:
                        client.send(bytes([next(rest)]))
                        sent[0] += 1
                    except (OSError, StopIteration):
                        continue

        thread = threading.Thread(target=dribble)
        thread.start()
        try:
            yield sent
        finally:
            ended.set()
            thread.join(10)


def _fill_log(office: Prepared) -> int:
    """Write as many facts for the hall's boards as a stream can have at once; return the place before them."""
    store = Store(office.database)
    now = FileClock(office.folder / "clock").now()
    data = {"hall": "A", "ticket": 1, "number": "N001", "service": "N"}
    place = store.read(lambda session: tip(session.connection()))[0]

    def work(session: Session) -> None:
        for _ in range(KEPT - 500):
            note(session, NewFact(FactType.TICKET_WITHDRAWN, now, 1, data))

    store.write(work)
    store.close()
    return place


def _stalled_stream(office: Prepared, token: str, place: int) -> socket.socket:
    """Ask for all behind a place of the log, and read no more than that it comes."""
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    stalled.connect(("127.0.0.1", office.port))
    stalled.sendall(_head(office, "GET", f"/api/v1/stream?topics=hall:A&after={place}", token=token))
    assert stalled.recv(12) == b"HTTP/1.1 200"
    return stalled
