"""Runs what the conversation asks for, and feeds what comes back into it as events."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from kiosk.alone.standby import Standby
from kiosk.asking import Asking
from kiosk.device_report import paper_report
from kiosk.flow import advance
from kiosk.office import office_of
from kiosk.scanners.scanner import ScannerState
from kiosk.screens.look import Place
from kiosk.slips import USUAL, Paper, layout_of, slip_of
from kiosk.visit.effects import (
    Effect,
    Forget,
    IssueTicket,
    LoadServices,
    PrintSlip,
    SayAgain,
    SubmitCode,
)
from kiosk.visit.events import (
    Event,
    GoesAlone,
    HallCodeChanged,
    OfficeLoaded,
    Problem,
    Scanned,
    ServicesLoaded,
    Tick,
    Unreachable,
)
from kiosk.visit.screens import Screen, Start
from kiosk.visit.steps import surround
from kiosk.visit.surroundings import Office, Surroundings
from terminal.client import Client, Request, Sending
from terminal.hall_codes import HallCodes
from terminal.texts import Texts
from wire import messages as wire
from wire.version import VERSION

log = logging.getLogger(__name__)

SERVICES_MS = 5_000
SERVICES_WHEN_CUT_OFF_MS = 3_000
SERVICES_PATIENCE_S = 2.5
# A server that is gone is noticed within three seconds also while nobody asks: a beat, and the patience for it.
BEAT_MS = 1_000
BEAT_PATIENCE_S = 1.8
STATUS_MS = 60_000
TICK_MS = 1_000


class Presenter(QObject):
    """Holds the screen of the moment; `shown` carries each new one, `place_changed` where the kiosk stands.

    `came` tells that another screen stands now, and for how many seconds no finger comes down for it;
    `say_again` asks for the screen to be read aloud once more.
    """

    say_again = Signal()
    shown = Signal(object)
    came = Signal(float)
    place_changed = Signal(object)

    def __init__(
        self,
        client: Client,
        texts: Texts,
        idle_seconds: float,
        monotonic: Callable[[], float] = time.monotonic,
        touch_pause_seconds: float = 0.4,
        standby: Standby | None = None,
    ) -> None:
        super().__init__()
        self._client, self._texts, self._standby = client, texts, standby
        self._own = Office(idle_seconds=idle_seconds, touch_pause_seconds=touch_pause_seconds)
        self._monotonic = monotonic
        self.place = Place()
        self.slip_layout = USUAL
        self.paper: Paper | None = None
        self.scanner_state = ScannerState.OFF
        self.screen: Screen = Start(Surroundings(self._own, now_s=monotonic()))
        self._asking = Asking(client, standby, lambda: self.screen)
        self._asking.happened.connect(self.happened)
        if standby is not None:
            standby.called.connect(self._called)
        self._loading: Sending | None = None
        self._reporting: Sending | None = None
        self._beating: Sending | None = None
        self._hall_codes = HallCodes(client, self)
        self._hall_codes.changed.connect(lambda address: self.happened(HallCodeChanged(address)))
        self._timers = [
            self._timer(TICK_MS, lambda: self.happened(Tick())),
            self._timer(SERVICES_MS, self._load_services),
            self._timer(STATUS_MS, self.report_status),
            self._timer(BEAT_MS, self._beat),
        ]

    def start(self) -> None:
        """Ask the server who this kiosk is and what the branch offers, and go on asking."""
        if self._standby is not None:
            self._standby.start()
            if self._standby.device is not None:
                self._take(self._standby.device)
        self.report_status()
        self._load_services()
        for timer in self._timers:
            timer.start()

    def stop(self) -> None:
        """Ask nothing more, and let go of what is on its way."""
        for timer in self._timers:
            timer.stop()
        if self._standby is not None:
            self._standby.stop()
        self._hall_codes.stop()
        for sending in (self._loading, self._reporting, self._beating):
            if sending is not None:
                sending.cancel()
        self._loading = self._reporting = self._beating = None
        self._asking.stop()
        self._forget()

    @property
    def is_idle(self) -> bool:
        """Say whether nobody is at the kiosk and nothing is on its way."""
        return isinstance(self.screen, Start) and self._asking.is_idle

    def use_paper(self, paper: Paper) -> None:
        """Print on this printer from now on, and report how it is."""
        self.paper = paper
        paper.happened.connect(self.happened)
        paper.state_changed.connect(lambda _: self.report_status())

    def scanned(self, text: str) -> None:
        """Take in what a scanner read."""
        self.happened(Scanned(text))

    def scanner_changed(self, state: ScannerState) -> None:
        """Take in how the scanners are, and report it."""
        if state is not self.scanner_state:
            self.scanner_state = state
            self.report_status()

    def happened(self, event: Event) -> None:
        """Let the conversation go on with an event, show the screen it leads to, run its effects."""
        before_s = self.screen.around.changed_s
        self.screen, effects = advance(self.screen, event, self._monotonic())
        for effect in effects:
            self._run(effect)
        self.shown.emit(self.screen)
        if self.screen.around.changed_s != before_s:
            self._is_seen()

    def _is_seen(self) -> None:
        """Count the pause for touches from now on: one that waited while the screen was drawn is not for it."""
        around = replace(self.screen.around, changed_s=self._monotonic())
        self.screen = surround(self.screen, around)
        self.came.emit(around.office.touch_pause_seconds)

    # --- effects -------------------------------------------------------------------------------------

    def _run(self, effect: Effect) -> None:
        match effect:
            case SubmitCode() | IssueTicket():
                self._asking.ask(effect)
            case PrintSlip():
                self._print(effect)
            case SayAgain():
                self.say_again.emit()
            case LoadServices():
                self._load_services()
            case Forget():
                self._forget()

    def _print(self, order: PrintSlip) -> None:
        if self.paper is not None:
            self.paper.print(order.ask, slip_of(order, self.place, self._texts, self.slip_layout))

    def _forget(self) -> None:
        self._asking.forget()
        if self.paper is not None:
            self.paper.forget()
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.clear()

    # --- the branch ----------------------------------------------------------------------------------

    def _load_services(self) -> None:
        if self._loading is not None:
            return
        request = Request(
            "GET", "/api/v1/services", wire.ServicesAnswer, patience_seconds=SERVICES_PATIENCE_S
        )
        self._loading = self._client.send(
            request,
            lambda answer: self._loaded(ServicesLoaded(tuple(answer.services))),
            lambda problem: self._loaded(self._asking.meaning(problem)),
            lambda: self._loaded(self._asking.cut_off),
        )

    def _loaded(self, event: ServicesLoaded | Problem | GoesAlone | Unreachable) -> None:
        self._loading = None
        was_heard = self._is_heard
        self.happened(event)
        self._timers[1].setInterval(SERVICES_MS if self._is_heard else SERVICES_WHEN_CUT_OFF_MS)
        if self._is_heard and not was_heard:
            self.report_status()
            if self._standby is not None:
                self._standby.is_back()

    def _called(self) -> None:
        """Show whom a counter called from this kiosk's own line."""
        if self.screen.around.alone:
            self.happened(self._asking.cut_off)

    @property
    def _is_heard(self) -> bool:
        """Tell whether the server answered last."""
        return self.screen.around.reachable and not self.screen.around.alone

    def _beat(self) -> None:
        """Ask whether the server is there, which it answers without its database."""
        if self._beating is None:
            request = Request("GET", "/healthz", wire.Alive, patience_seconds=BEAT_PATIENCE_S)
            self._beating = self._client.send(
                request, lambda _: self._beat_heard(), lambda _: self._beat_heard(), self._beat_lost
            )

    def _beat_heard(self) -> None:
        self._beating = None
        if not self._is_heard:
            self._load_services()

    def _beat_lost(self) -> None:
        self._beating = None
        if self._is_heard:
            self.happened(self._asking.cut_off)

    def report_status(self) -> None:
        """Tell the server how the devices are; the answer tells what the office rules."""
        if self._reporting is not None:
            self._reporting.cancel()
        body = wire.StatusRequest(
            **paper_report(self.paper),
            scanner=self.scanner_state.value,
            version=VERSION,
            clock=datetime.now(UTC),
            offline_entries=self._standby.unsent if self._standby is not None else None,
        )
        request = Request("POST", "/api/v1/devices/me/status", wire.Device, body)
        self._reporting = self._client.send(request, self._reported, self._report_refused, self._report_lost)

    def _reported(self, device: wire.Device) -> None:
        self._reporting = None
        if self._standby is not None:
            self._standby.remember(device)
        self._take(device)

    def _take(self, device: wire.Device) -> None:
        """Take in where the kiosk stands and what the office rules."""
        self._texts.use_zone(device.branch.zone)
        if self.paper is not None and self.paper.consumables is not None:
            self.paper.consumables.told(device.new_rolls)
        place = Place(device.branch.name, device.hall.name)
        if place != self.place:
            self.place = place
            self.place_changed.emit(place)
        self.slip_layout = layout_of(device.settings.slip)
        self._hall_codes.follow(device.settings.paperless_tickets)
        office = office_of(device.settings, self._own, self._texts.languages)
        if office != self.screen.around.office:
            self.happened(OfficeLoaded(office))

    def _report_refused(self, problem: wire.Problem) -> None:
        self._reporting = None
        log.warning("The server does not take this kiosk's report: %s (%s)", problem.title, problem.reason)

    def _report_lost(self) -> None:
        self._reporting = None

    def _timer(self, interval_ms: int, action: Callable[[], None]) -> QTimer:
        timer = QTimer(self, interval=interval_ms)
        timer.timeout.connect(action)
        return timer
