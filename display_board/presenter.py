"""Feeds the board with snapshots, facts and time, and does what it says: show, announce, look again."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from PySide6.QtCore import QObject, QTimer, Signal

from display_board.board import (
    CALLS,
    Announce,
    Board,
    Event,
    FactHeard,
    HallCodeChanged,
    LineDown,
    LineUp,
    LookAgain,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from display_board.memory import Memory
from display_board.traced_calls import TracedCalls
from display_board.wording import Words
from terminal.client import Client, Request, Sending
from terminal.hall_codes import HallCodes
from terminal.shown import ShownReports
from terminal.stream import EventStream
from wire.messages import BoardSnapshot, Device, FactData, Problem
from wire.vocabulary import FactType

log = logging.getLogger(__name__)

TICK_MS = 125
LOOK_AGAIN_MS = (400, 1000)
ASK_AGAIN_MS = 1000
REFUSED_AGAIN_MS = 10_000
PATIENCE_SECONDS = 4.0


class BoardPresenter(QObject):
    """Run one board; `face_changed` tells what to show, `announced` which call to chime for and to speak.

    `calls_changed` tells the numbers that are called now, `arrived` one whose visitor is at the counter: only who
    is called and has not arrived need be spoken to.
    """

    face_changed = Signal(object)
    announced = Signal(object)
    calls_changed = Signal(object)
    arrived = Signal(str)

    def __init__(self, client: Client, wording: Words, memory: Memory, hall: str | None = None) -> None:
        """Show `hall`, or the hall that the device is enrolled for."""
        super().__init__()
        self._client, self._wording, self._memory = client, wording, memory
        self._hall = hall
        self._is_introduced = False
        self._board = Board(announced=memory.load())
        self._called: frozenset[str] = frozenset()
        self._stream: EventStream | None = None
        self._asking: Sending | None = None
        self._follows = False
        self._traced, self._reports = TracedCalls(), ShownReports(client, self)
        self._hall_codes = HallCodes(client, self)
        self._hall_codes.changed.connect(lambda address: self._take(HallCodeChanged(address or "")))
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._ask)
        self._ticks = QTimer(self, interval=TICK_MS)
        self._ticks.timeout.connect(self._tick)

    def start(self) -> None:
        """Show the waiting face at once, and connect as soon as the server is there."""
        self._take(LineDown())
        self._ticks.start()
        self._ask()

    def stop(self) -> None:
        """Close the line; no signal comes after this."""
        self._ticks.stop()
        self._again.stop()
        self._hall_codes.stop()
        self._reports.stop()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        if self._stream is not None:
            self._stream.close()

    def painted(self) -> None:
        """Take that the face which was told last is painted."""
        if painted := self._traced.painted():
            self._reports.note(painted)

    def _ask(self) -> None:
        """Ask who this board is, once, and then for its snapshot; one question at a time."""
        if self._asking is not None:
            return
        if not self._is_introduced:
            request = Request("GET", "/api/v1/devices/me", Device, patience_seconds=PATIENCE_SECONDS)
            answered: Callable[[Any], None] = self._introduced
        else:
            path = f"/api/v1/boards/{quote(self._hall or '', safe='')}"
            request = Request("GET", path, BoardSnapshot, patience_seconds=PATIENCE_SECONDS)
            answered = self._snapshot
        self._asking = self._client.send(request, answered, self._refused, self._unreachable)

    def _introduced(self, device: Device) -> None:
        self._asking = None
        self._is_introduced = True
        self._hall = self._hall or device.hall.code
        self._wording.use_languages(device.settings.languages)
        self._wording.use_zone(device.branch.zone)
        self._hall_codes.follow(device.settings.paperless_tickets)
        self._ask()

    def _snapshot(self, snapshot: BoardSnapshot) -> None:
        self._asking = None
        self._wording.use_zone(snapshot.branch.zone)
        anew, self._follows = not self._follows, True
        self._take(SnapshotTaken(snapshot, anew))
        if anew:
            self._open_stream(snapshot)

    def _open_stream(self, snapshot: BoardSnapshot) -> None:
        if self._stream is None:
            self._stream = EventStream(self._client, [f"hall:{snapshot.hall.code}"], self)
            self._stream.fact.connect(self._fact)
            self._stream.connected.connect(lambda: self._take(LineUp()))
            self._stream.lost.connect(lambda silent_seconds: self._take(LineDown(silent_seconds)))
            self._stream.snapshot_needed.connect(self._begin_anew)
        self._stream.open(snapshot.as_of)

    def _begin_anew(self) -> None:
        self._follows = False
        self._again.stop()
        self._ask()

    def _fact(self, kind: str, data: FactData) -> None:
        assert self._stream is not None
        if kind == FactType.OFFICE_CHANGED:
            self._is_introduced = False
        if self._stream.traceparent and kind in CALLS and data.call is not None:
            self._traced.heard(data.call, self._stream.traceparent)
        self._take(FactHeard(self._stream.after, kind, data))
        if kind == FactType.TICKET_STARTED and data.number is not None:
            self.arrived.emit(data.number)

    def _refused(self, problem: Problem) -> None:
        self._asking = None
        log.warning("The server refused the board: %s (%s)", problem.reason, problem.status)
        if not self._follows:
            self._take(LineDown())
        self._again.start(REFUSED_AGAIN_MS)

    def _unreachable(self) -> None:
        self._asking = None
        if not self._follows:
            self._take(LineDown())
        self._again.start(ASK_AGAIN_MS)

    def _tick(self) -> None:
        self._take(Tick())

    def _take(self, event: Event) -> None:
        moment = Moment(time.monotonic(), self._client.clock.now())
        self._board, effects = advance(self._board, event, moment)
        announced = [effect.call for effect in effects if isinstance(effect, Announce)]
        if announced:
            # Remembered first: a board that dies here shows the call, and does not chime for it twice.
            self._memory.keep(self._board.announced)
        if LookAgain() in effects and not self._again.isActive():
            self._again.start(random.randint(*LOOK_AGAIN_MS))  # noqa: S311
        # The screen first, then the voice.
        self.face_changed.emit(self._wording.face(self._board, moment, self._client.clock.is_known))
        self._traced.look(lambda call: self._wording.shows(self._board, call))
        self._tell_called()
        for call in announced:
            self.announced.emit(call)

    def _tell_called(self) -> None:
        board = self._board
        called = frozenset(call.number for call in (*board.queue, *board.recent) if call.active)
        if called != self._called:
            self._called = called
            self.calls_changed.emit(called)
