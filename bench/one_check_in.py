"""What one check-in costs a hall: processor time of the server and of all clients that follow its stream."""

from __future__ import annotations

import json
import selectors
import socket
import time
import urllib.request
from collections.abc import Callable

import psutil

from bench.hall import Hall, hall
from bench.streams import open_stream
from bench.table import Row
from counter_client.deltas import after_fact
from wire.messages import BoardSnapshot, CounterSnapshot, FactData

COUNTERS, BOARDS, WAITING = 20, 6, 300
CHECK_INS, TICKETS = 12, 120
SETTLE_SECONDS = 4.0
# So long after a fact the last board has looked again (display_board.presenter, LOOK_AGAIN_MS).
PAUSE_SECONDS, SHORT_PAUSE_SECONDS = 1.2, 0.12


def run() -> list[Row]:
    """Check in one by one in a hall of 20 counters, 6 boards and a long line; the idle server is taken off.

    Kiosks ask for the services by the clock, not at an event: they are no part of it.
    """
    with hall(booked=CHECK_INS, waiting=WAITING, boards=BOARDS) as office:
        clients = _Clients(office)
        clients.follow(SETTLE_SECONDS)  # the server loads its pages after its start
        idle = _server_seconds(office, lambda: clients.follow(CHECK_INS * PAUSE_SECONDS))
        own = time.process_time()
        with_boards = _server_seconds(office, lambda: _check_ins(office, clients))
        own = time.process_time() - own
        clients.renew()
        # The booked visits are used up: walk-ins cost the same on the stream.
        counters_only = _server_seconds(office, lambda: _tickets(office, clients))
        clients.close()
    each = 1e3 / CHECK_INS
    alone = (counters_only - idle) * 1e3 / TICKETS
    in_all = (with_boards - idle) * each
    return [
        Row("one check-in: server, without the boards' looks", alone, "ms of processor"),
        Row("one check-in: server in all", in_all, "ms of processor", "≤ 3", in_all <= 3),
        Row("one check-in: 20 counters and 6 boards together", own * each, "ms of processor"),
        Row(
            "one check-in: facts that counters took instead", clients.deltas / (TICKETS + CHECK_INS), "of 20"
        ),
        Row(
            "one check-in: snapshots that 20 counters asked for",
            clients.looks / (TICKETS + CHECK_INS),
            "of 20",
        ),
    ]


def _server_seconds(office: Hall, work: Callable[[], None]) -> float:
    process = psutil.Process(office.process_id)
    before = process.cpu_times()
    work()
    after = process.cpu_times()
    return after.user - before.user + after.system - before.system


def _check_ins(office: Hall, clients: _Clients) -> None:
    for code in office.codes:
        office.post("/api/v1/check-ins", {"code": code}, office.kiosk)
        clients.follow(PAUSE_SECONDS)
        clients.boards_look()


def _tickets(office: Hall, clients: _Clients) -> None:
    for _ in range(TICKETS):
        office.post("/api/v1/tickets", {"service": "N"}, office.kiosk)
        clients.follow(SHORT_PAUSE_SECONDS)


class _Clients:
    """Counters that change their snapshots by facts, and boards that look again."""

    def __init__(self, office: Hall) -> None:
        self._office = office
        self.looks = self.deltas = 0
        self._selector = selectors.DefaultSelector()
        self._places = [office.told["counters"][n % len(office.told["counters"])] for n in range(COUNTERS)]
        self._snapshots: list[CounterSnapshot] = []
        self._read: dict[socket.socket, bytes] = {}
        for place, counter in enumerate(self._places):
            stream = open_stream(office.port, counter["token"], f"hall:A,counter:{counter['number']}")
            self._selector.register(stream, selectors.EVENT_READ, place)
            self._read[stream] = b""
        for token in office.boards:
            stream = open_stream(office.port, token, "hall:A")
            self._selector.register(stream, selectors.EVENT_READ, None)
            self._read[stream] = b""
        self.renew()

    def renew(self) -> None:
        """Take every counter's snapshot."""
        self._snapshots = [self._look(place) for place in range(COUNTERS)]

    def follow(self, seconds: float) -> None:
        """Take what comes on the streams for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                stream = key.fileobj
                assert isinstance(stream, socket.socket)
                *events, self._read[stream] = (self._read[stream] + stream.recv(65_536)).split(b"\n\n")
                for event in events if key.data is not None else ():
                    self._take(key.data, event.decode())

    def boards_look(self) -> None:
        """Let each board take its snapshot."""
        for token in self._office.boards:
            BoardSnapshot.model_validate_json(_get(self._office, "/api/v1/boards/A", token))

    def close(self) -> None:
        """Hang up."""
        for stream in self._read:
            stream.close()
        self._selector.close()

    def _take(self, place: int, event: str) -> None:
        # On the wire an event stands inside a chunk, whose length is a line of its own.
        fields = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        if "id" not in fields:
            return
        data = FactData.model_validate(json.loads(fields["data"]))
        after = after_fact(self._snapshots[place], int(fields["id"]), fields["event"], data)
        if after is None:
            self.looks += 1
            after = self._look(place)
        else:
            self.deltas += 1
        self._snapshots[place] = after

    def _look(self, place: int) -> CounterSnapshot:
        counter = self._places[place]
        path = f"/api/v1/counters/{counter['number']}"
        return CounterSnapshot.model_validate_json(_get(self._office, path, counter["token"]))


def _get(office: Hall, path: str, token: str) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{office.port}{path}", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: bytes = answer.read()
    return found
