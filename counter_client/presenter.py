"""Runs what the desk wants done, and feeds the answers back as events."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Literal, cast

from PySide6.QtCore import QObject, QTimer, Signal

from counter_client.desk import advance
from counter_client.events import (
    Answered,
    Chose,
    DeviceKnown,
    DeviceRefused,
    Effect,
    Enter,
    Event,
    FactHeard,
    GaveUp,
    Leave,
    LineSeen,
    LinkChanged,
    Look,
    Looked,
    LookRefused,
    Picked,
    Pressed,
    PrintEnded,
    PrintSlip,
    Refused,
    Scanned,
    Send,
    SignInTyped,
    TakesLong,
    Ticked,
    TimePassed,
    Withdrawn,
)
from counter_client.kiosk_lines import KioskLines
from counter_client.state import KEY_PAUSE_MS, SETTLE_MS, Ask, Desk, Key
from counter_client.views.intents import Intents
from terminal.client import Client, Request, Sending
from terminal.shown import ShownReports
from terminal.stream import EventStream
from wire.messages import (
    MOST_SHOWN,
    CounterSnapshot,
    Device,
    FactData,
    IssueAnswer,
    Message,
    Problem,
    SignInAnswer,
    TicketAnswer,
    VerifyAnswer,
)

DEVICE_EVERY_MS = 3000
DEVICE_PATIENCE_SECONDS = 2.5
LOOK_PATIENCE_SECONDS = 6.0
TIME_EVERY_MS = 30_000
SLOW_MS = 1_000
"""So long a command may be without an answer before the clerk reads that the server is slow."""
ANSWERS: dict[Ask, type[Message] | None] = {
    Ask.SIGN_IN: SignInAnswer,
    Ask.SIGN_OUT: None,
    Ask.CALL_NEXT: TicketAnswer,
    Ask.ACT: TicketAnswer,
    Ask.VERIFY: VerifyAnswer,
    Ask.STATE: None,
    Ask.ISSUE: IssueAnswer,
    Ask.CHECK: TicketAnswer,
}


class Presenter(QObject):
    """Holds the desk's state; `changed(desk)` tells every new one, `print_wanted(ticket)` a slip to print."""

    changed = Signal(object)
    print_wanted = Signal(object)

    def __init__(
        self,
        client: Client,
        can_print: bool = False,
        settle_ms: int = SETTLE_MS,
        key_pause_ms: int = KEY_PAUSE_MS,
        kiosk_lines: Sequence[str] = (),
    ) -> None:
        """Take the device's client; the clerk's token goes into a second one, so that neither is mixed up.

        `kiosk_lines` are the addresses of kiosks whose own lines can be called while the server is away.
        """
        super().__init__()
        self.desk = Desk(can_print=can_print, settle_ms=settle_ms, key_pause_ms=key_pause_ms)
        self._device, self._clerk = client, Client(client.server_url, None, client.clock)
        self._lines = KioskLines(self._clerk, kiosk_lines, lambda: self.desk, self)
        self._lines.changed.connect(lambda line, key: self.handle(LineSeen(line, _now_ms(), key)))
        self._counter = 0
        self._stream: EventStream | None = None
        self._stream_wants = False
        self._asking: Sending | None = None
        self._looking = 0
        self._unseen: deque[str] = deque(maxlen=MOST_SHOWN)
        self._reports = ShownReports(client, self)
        self._delay = QTimer(self, singleShot=True)
        self._delay.timeout.connect(self._look)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._takes_long)
        self._device_timer = QTimer(self, interval=DEVICE_EVERY_MS)
        self._device_timer.timeout.connect(self._ask_device)
        self._time = QTimer(self, interval=TIME_EVERY_MS)
        self._time.timeout.connect(lambda: self.handle(TimePassed()))

    def listen(self, intents: Intents) -> None:
        """Take what the clerk wants from the views."""
        intents.pressed.connect(self._pressed)
        intents.picked.connect(lambda ticket: self.handle(Picked(ticket, _now_ms())))
        intents.withdrawn.connect(lambda ticket: self.handle(Withdrawn(ticket, _now_ms())))
        intents.chose.connect(lambda place, note: self.handle(Chose(place, _now_ms(), note)))
        intents.scanned.connect(lambda text: self.handle(Scanned(text)))
        intents.ticked.connect(lambda item: self.handle(Ticked(item)))
        intents.sign_in.connect(lambda login, password: self.handle(SignInTyped(login, password)))

    def start(self) -> None:
        """Ask the server who this device is, for as long as it takes."""
        self._ask_device()
        self._device_timer.start()
        self._time.start()

    def stop(self) -> None:
        """Let the server go; no signal comes after this."""
        for timer in (self._device_timer, self._time, self._delay, self._slow):
            timer.stop()
        self._lines.stop()
        self._reports.stop()
        self._close_stream()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def _pressed(self, key: Key) -> None:
        at_ms = _now_ms()
        counts = self.desk.hears(key, at_ms)
        if self._lines.press(key, at_ms):
            if not counts:
                self.desk = self.desk.ignoring(key, at_ms)
        else:
            self.handle(Pressed(key, at_ms))

    def told_printed(self, number: str, printed: bool) -> None:
        """Take the end of a print job."""
        self.handle(PrintEnded(number, printed))

    def handle(self, event: Event) -> None:
        """Take one event through the desk and run what follows."""
        self.desk, effects = advance(self.desk, event)
        for effect in effects:
            self._run(effect)
        self.changed.emit(self.desk)
        if self._unseen and self.desk.looking is None:
            self._reports.note(self._unseen)
            self._unseen.clear()
        if isinstance(event, LinkChanged):
            self._lines.linked()

    def _run(self, effect: Effect) -> None:
        match effect:
            case Send():
                self._send(effect)
            case Look(serial, delay_ms):
                self._looking = serial
                self._delay.start(delay_ms)
            case Enter(token, counter):
                self._clerk.token, self._counter = token, counter
            case Leave():
                self._clerk.token = None
                self._lines.forget()
                self._delay.stop()
                self._close_stream()
                self._ask_device()
            case PrintSlip(ticket):
                self.print_wanted.emit(ticket)

    # --- requests ------------------------------------------------------------------------------------

    def _send(self, effect: Send) -> None:
        command, serial = effect.command, effect.serial
        client = self._device if command.ask is Ask.SIGN_IN else self._clerk
        method = cast(Literal["POST", "DELETE"], command.method)
        if self.desk.under_way is not None and self.desk.under_way.serial == serial:
            self._slow.start()
        client.send(
            Request(method, command.path, ANSWERS[command.ask], command.body),
            lambda answer: self.handle(Answered(serial, answer, _now_ms())),
            lambda problem: self.handle(Refused(serial, problem, _now_ms())),
            lambda: self.handle(GaveUp(serial)),
        )

    def _takes_long(self) -> None:
        if self.desk.under_way is not None:
            self.handle(TakesLong(self.desk.under_way.serial))

    def _look(self) -> None:
        serial = self._looking

        def seen(snapshot: CounterSnapshot) -> None:
            self.handle(Looked(serial, snapshot, _now_ms()))
            self._follow(snapshot)

        path = f"/api/v1/counters/{self._counter}"
        self._clerk.send(
            Request("GET", path, CounterSnapshot, patience_seconds=LOOK_PATIENCE_SECONDS),
            seen,
            lambda problem: self.handle(LookRefused(serial, problem)),
            lambda: self.handle(GaveUp(serial)),
        )

    def _ask_device(self) -> None:
        is_served = self._stream is not None and self.desk.connected
        if self._asking is not None or is_served:
            return
        request = Request("GET", "/api/v1/devices/me", Device, patience_seconds=DEVICE_PATIENCE_SECONDS)
        self._asking = self._device.send(
            request, self._device_known, self._device_problem, self._device_unreachable
        )

    def _device_known(self, device: Device) -> None:
        self._asking = None
        if self._stream is None:
            self._link(True)
        self.handle(DeviceKnown(device))

    def _device_problem(self, problem: Problem) -> None:
        self._asking = None
        if problem.status in (401, 403):
            self._link(True)
            self.handle(DeviceRefused())
        else:
            self._link(False)

    def _device_unreachable(self) -> None:
        self._asking = None
        self._link(False)

    def _link(self, connected: bool) -> None:
        if self.desk.connected is not connected:
            self.handle(LinkChanged(connected))

    # --- the stream ----------------------------------------------------------------------------------

    def _follow(self, snapshot: CounterSnapshot) -> None:
        if self.desk.clerk is None or (self._stream is not None and not self._stream_wants):
            return
        if self._stream is None:
            topics = (f"hall:{snapshot.hall.code}", f"counter:{snapshot.number}")
            self._stream = EventStream(self._device, topics, self)
            self._stream.fact.connect(self._fact)
            self._stream.connected.connect(lambda: self._link(True))
            self._stream.lost.connect(lambda: self._link(False))
            self._stream.snapshot_needed.connect(self._gap)
        self._stream_wants = False
        self._stream.open(snapshot.as_of)

    def _fact(self, fact: str, data: FactData) -> None:
        assert self._stream is not None
        if self._stream.traceparent:
            self._unseen.append(self._stream.traceparent)
        self.handle(FactHeard(fact, data, self._stream.after))

    def _gap(self) -> None:
        self._stream_wants = True
        self.handle(LinkChanged(True))

    def _close_stream(self) -> None:
        self._unseen.clear()
        if self._stream is not None:
            self._stream.close()
            self._stream.deleteLater()
            self._stream = None


def _now_ms() -> int:
    return int(time.monotonic() * 1000)
