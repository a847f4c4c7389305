"""What one check-in costs a hall: processor time of the server and of all clients that follow its stream."""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.hall import Hall, hall
from bench.streams import calm_down, open_stream
from bench.table import Row
from counter_client.deltas import after_fact
from display_board.board import (
    BEAT_SECONDS,
    Board,
    Event,
    FactHeard,
    LookAgain,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from wire.messages import BoardSnapshot, CounterSnapshot, FactData, ServicesAnswer

COUNTERS, BOARDS, KIOSKS, WAITING = 20, 6, 3, 300
CHECK_INS = 60
PAUSE_SECONDS = 0.5
SETTLE_SECONDS = 4.0
KIOSK_SECONDS = 5.0  # kiosk.presenter, SERVICES_MS
TICK_SECONDS = 0.1
BY_THE_CLOCK_SHARE = 0.001


def run() -> list[Row]:
    """Check in one by one in a hall full of screens; what the same hall costs when nobody comes is taken off.

    Boards and kiosks ask by the clock too, which a quiet hall pays as well: a row of its own tells what. So do
    the server's workers: the forecasts alone, a twentieth of a processor at most, would hide a check-in in their
    ups and downs. Their threads are those that work in a quiet hall; they have rows of their own.
    """
    with hall(booked=2 * CHECK_INS, waiting=WAITING, boards=BOARDS) as office:
        seconds = CHECK_INS * PAUSE_SECONDS
        _check_ins(office, office.codes[:5], time.sleep)
        calm_down(office)
        empty = _spent(office, lambda: time.sleep(seconds))
        alone = _spent(office, lambda: _check_ins(office, office.codes[5:CHECK_INS], time.sleep))
        clients = _Clients(office)
        clients.follow(SETTLE_SECONDS)
        clients.follow_to_a_beat()
        quiet = _spent(office, lambda: clients.follow(seconds))
        clients.follow_to_a_beat()
        clients.forget_figures()
        own = time.process_time()
        in_all = _spent(office, lambda: _check_ins(office, office.codes[CHECK_INS:], clients.follow))
        own = time.process_time() - own
        clients.close()
        raw_ms = _raw_ms()
    each, a_second, loop = 1e3 / CHECK_INS, 1e3 / seconds, office.process_id
    workers = _by_the_clock(office, empty, seconds) | _by_the_clock(office, quiet, seconds)
    in_all_ms = _more(quiet, in_all, workers) * each
    return [
        Row(
            "raw: a loop of 10 000 turns, woken from a pause", raw_ms, "ms of processor", "the machine's own"
        ),
        Row(
            "one check-in: server, nobody follows",
            _more(empty, alone, workers) * 1e3 / (CHECK_INS - 5),
            "ms of processor",
        ),
        Row(
            "one check-in: server in all, 20 counters, 6 boards, 3 kiosks",
            in_all_ms,
            "ms of processor",
            "≤ 3",
            in_all_ms <= 3,
        ),
        Row(
            "one check-in: of that the event loop, which feeds the streams",
            (in_all[loop] - quiet[loop]) * each,
            "ms of processor",
        ),
        Row("one check-in: these 29 clients together", own * each, "ms of processor"),
        Row("one check-in: snapshots that counters asked for", clients.counter_looks / CHECK_INS, "of 20"),
        Row("one check-in: snapshots that boards asked for", clients.board_looks / CHECK_INS, "of 6"),
        Row(
            "the same hall while nobody comes: all else of the server",
            _more(empty, quiet, workers) * a_second,
            "ms a second",
        ),
        Row("workers by the clock, while nobody comes", _of(workers, quiet) * a_second, "ms a second"),
        Row("workers by the clock, beside check-ins", _of(workers, in_all) * a_second, "ms a second"),
    ]


def _spent(office: Hall, work: Callable[[], None]) -> dict[int, float]:
    """Return the processor time of each thread of the server meanwhile, in seconds."""
    before = _threads(office.process_id)
    work()
    return {thread: spent - before.get(thread, 0.0) for thread, spent in _threads(office.process_id).items()}


def _threads(process_id: int) -> dict[int, float]:
    tasks = Path(f"/proc/{process_id}/task").iterdir()
    return {int(each.name): int((each / "schedstat").read_text().split()[0]) / 1e9 for each in tasks}


def _by_the_clock(office: Hall, quiet: dict[int, float], seconds: float) -> set[int]:
    """Return the threads that work while nobody comes; the first thread, the event loop's, is none of them."""
    return {
        thread
        for thread, spent in quiet.items()
        if spent > BY_THE_CLOCK_SHARE * seconds and thread != office.process_id
    }


def _more(than: dict[int, float], spent: dict[int, float], workers: set[int]) -> float:
    """Return how much more was spent, in seconds, by all threads but the workers'."""
    return sum(each - than.get(thread, 0.0) for thread, each in spent.items() if thread not in workers)


def _of(threads: set[int], spent: dict[int, float]) -> float:
    return sum(spent.get(thread, 0.0) for thread in threads)


def _raw_ms() -> float:
    """Measure what the machine takes for always the same loop, woken from a pause as a quiet server is."""
    each = []
    for _ in range(20):
        time.sleep(TICK_SECONDS)
        began = time.process_time()
        for _ in range(10_000):
            pass
        each.append(time.process_time() - began)
    return sorted(each)[len(each) // 2] * 1e3


def _check_ins(office: Hall, codes: Sequence[str], pause: Callable[[float], None]) -> None:
    """Check in one by one, over a connection that stays open, as a kiosk's does."""
    kiosk = http.client.HTTPConnection("127.0.0.1", office.port, timeout=10)
    headers = {"Authorization": f"Bearer {office.kiosk}", "Content-Type": "application/json"}
    for code in codes:
        body = json.dumps({"code": code})
        kiosk.request("POST", "/api/v1/check-ins", body, headers | {"Idempotency-Key": uuid.uuid4().hex})
        answer = kiosk.getresponse()
        answer.read()
        if answer.status != http.HTTPStatus.CREATED:
            raise RuntimeError(f"a check-in was answered {answer.status}")
        pause(PAUSE_SECONDS)
    kiosk.close()


class _Counter:
    """A counter's window, which changes its snapshot by facts."""

    def __init__(self, clients: _Clients, number: int, token: str) -> None:
        self._clients, self._path, self.token = clients, f"/api/v1/counters/{number}", token
        self.topics = f"hall:A,counter:{number}"
        self._snapshot = self._look()

    def take(self, number: int, kind: str, data: FactData) -> None:
        """Take a fact; look where it does not tell enough."""
        after = after_fact(self._snapshot, number, kind, data)
        if after is None:
            self._clients.counter_looks += 1
            after = self._look()
        self._snapshot = after

    def tick(self) -> None:
        """Do nothing: a counter's window looks at events only."""

    def _look(self) -> CounterSnapshot:
        return CounterSnapshot.model_validate_json(self._clients.get(self._path, self.token))


class _Board:
    """A board on the wall: the brain of the program, fed as its presenter feeds it."""

    topics = "hall:A"

    def __init__(self, clients: _Clients, token: str) -> None:
        self._clients, self.token, self._board = clients, token, Board()
        self._advance(SnapshotTaken(self._look(), anew=True))

    def take(self, number: int, kind: str, data: FactData) -> None:
        """Take a fact."""
        self._advance(FactHeard(number, kind, data))

    def tick(self) -> None:
        """Let time pass."""
        self._advance(Tick())

    def _advance(self, event: Event) -> None:
        self._board, effects = advance(self._board, event, Moment(time.monotonic(), datetime.now(UTC)))
        if any(isinstance(effect, LookAgain) for effect in effects):
            self._clients.board_looks += 1
            self._advance(SnapshotTaken(self._look()))

    def _look(self) -> BoardSnapshot:
        return BoardSnapshot.model_validate_json(self._clients.get("/api/v1/boards/A", self.token))


class _Clients:
    """All screens of the hall: counters and boards on the stream, and kiosks that ask for the services."""

    def __init__(self, office: Hall) -> None:
        self._office = office
        self.counter_looks = self.board_looks = 0
        places = [office.told["counters"][n % len(office.told["counters"])] for n in range(COUNTERS)]
        self._screens: list[_Counter | _Board] = [
            *(_Counter(self, place["number"], place["token"]) for place in places),
            *(_Board(self, token) for token in office.boards),
        ]
        self._kiosks_at = [time.monotonic() + KIOSK_SECONDS * n / KIOSKS for n in range(KIOSKS)]
        self._selector = selectors.DefaultSelector()
        self._read: dict[socket.socket, bytes] = {}
        for screen in self._screens:
            stream = open_stream(office.port, screen.token, screen.topics)
            self._selector.register(stream, selectors.EVENT_READ, screen)
            self._read[stream] = b""

    def forget_figures(self) -> None:
        """Count from here on."""
        self.counter_looks = self.board_looks = 0

    def follow(self, seconds: float) -> None:
        """Take what comes on the streams for so long, and let time pass for the boards and kiosks."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._selector.select(min(left, TICK_SECONDS)):
                stream = key.fileobj
                assert isinstance(stream, socket.socket)
                *events, self._read[stream] = (self._read[stream] + stream.recv(65_536)).split(b"\n\n")
                for event in events:
                    self._take(key.data, event.decode())
            self._pass_time()

    def follow_to_a_beat(self) -> None:
        """Follow until just after a beat of the boards: each measure then holds as many of their looks."""
        self.follow(BEAT_SECONDS - time.time() % BEAT_SECONDS + 1)

    def get(self, path: str, token: str) -> bytes:
        """Ask the server."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._office.port}{path}", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: bytes = answer.read()
        return found

    def close(self) -> None:
        """Hang up."""
        for stream in self._read:
            stream.close()
        self._selector.close()

    def _pass_time(self) -> None:
        for screen in self._screens:
            screen.tick()
        now = time.monotonic()
        for place, due_at in enumerate(self._kiosks_at):
            if now >= due_at:
                self._kiosks_at[place] = due_at + KIOSK_SECONDS
                ServicesAnswer.model_validate_json(self.get("/api/v1/services", self._office.kiosk))

    def _take(self, screen: _Counter | _Board, event: str) -> None:
        # On the wire an event stands inside a chunk, whose length is a line of its own.
        fields = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        if "id" in fields:
            data = FactData.model_validate(json.loads(fields["data"]))
            screen.take(int(fields["id"]), fields["event"], data)
