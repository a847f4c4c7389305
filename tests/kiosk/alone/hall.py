"""A kiosk's whole way to the server but for Qt's network: real desk, journal and asking, on a line that fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication

from kiosk.alone.standby import Standby
from kiosk.asking import Asking
from kiosk.visit.effects import Question
from kiosk.visit.events import Answered, Problem, Unreachable
from kiosk.visit.screens import Checking
from kiosk.visit.surroundings import Surroundings
from terminal.client import Request, read_problem, unreadable
from terminal.clock import ServerClock
from tests.server.sample_office import Door, SampleOffice
from wire import messages as wire


@dataclass
class OnItsWay:
    """A request that the line holds; stands for terminal.client.Sending."""

    request: Request
    callbacks: tuple[Callable[[Any], None], Callable[[Any], None], Callable[[], None]]
    is_cancelled: bool = False

    def cancel(self) -> None:
        """Forget it."""
        self.is_cancelled = True


class Line:
    """Stands for terminal.client.Client: it is up or cut, loses answers, or brings a request much too late."""

    server_url = "http://the.server"

    def __init__(self, office: SampleOffice, door: Door) -> None:
        self.office, self.door, self.token = office, door, door.token
        self.clock = ServerClock(lambda: office.clock.now().timestamp())
        self.is_cut = False
        self.fault = ""  # of the next question: "lost" is its answer, "late" the question itself
        self.late: list[Request] = []
        self.loses_entry = False  # the answer to the next entry
        self._out: deque[OnItsWay] = deque()

    def send(self, request: Request, *callbacks: Any) -> OnItsWay:
        """Take a request."""
        self._out.append(OnItsWay(request, callbacks))
        return self._out[-1]

    def run(self) -> None:
        """Let everything on its way arrive, and the kiosk go on with the answers."""
        QCoreApplication.processEvents()
        while self._out:
            self._bring(self._out.popleft())
            QCoreApplication.processEvents()

    def deliver(self, request: Request) -> tuple[int, bytes]:
        """Let the server carry a request out."""
        path = "/" + request.path
        if request.method == "GET":
            answer = self.door.get(path)
        else:
            body = request.body.model_dump(mode="json", exclude_none=True) if request.body else {}
            answer = self.door.post(path, body, request.key)
        return answer.status_code, answer.data

    def _bring(self, sent: OnItsWay) -> None:
        is_question = sent.request.path in ("/api/v1/check-ins", "/api/v1/tickets")
        fault, self.fault = (self.fault, "") if is_question else ("", self.fault)
        answer = None
        if fault == "late":
            self.late.append(sent.request)
        elif not self.is_cut:
            answer = self.deliver(sent.request)
            if self.loses_entry and sent.request.path == "/api/v1/offline/entries":
                self.loses_entry, answer = False, None
        if sent.is_cancelled:
            return
        if answer is None or fault:
            sent.callbacks[2]()
            return
        self.clock.heard(self.office.clock.now())
        status, body = answer
        if status < 300:
            kind = sent.request.answer
            sent.callbacks[0](kind.model_validate_json(body) if kind and status != 204 else None)
        else:
            sent.callbacks[1](read_problem(body) or unreadable(status))


class AloneKiosk:
    """A kiosk in the sample office, with its files in a folder."""

    def __init__(self, office: SampleOffice, door: Door, folder: Path) -> None:
        self.office, self.folder = office, folder
        self.line = Line(office, door)
        status, body = self.line.deliver(
            Request("POST", "/api/v1/devices/me/status", wire.Device, wire.StatusRequest())
        )
        assert status == 200
        self.device = wire.Device.model_validate_json(body)
        self.standby: Standby | None = None
        self.start()
        self.standby.remember(self.device)
        self.line.run()
        assert self.standby.desk.is_open

    def start(self) -> None:
        """Start the program, anew if it ran: what it kept is what lies on its disk."""
        if self.standby is not None:
            self.asking.stop()
            self.standby.stop()
            self.line._out.clear()
            self.line.clock = ServerClock(lambda: self.office.clock.now().timestamp())
        now = self.office.clock.now
        self.standby = Standby(self.line, self.folder / "kiosk.token", now, has_line=True)
        self.asking = Asking(self.line, self.standby, lambda: self.screen)
        self.asking.happened.connect(self._heard)
        self.screen: Checking | None = None
        self.told: Any = None
        self.standby.start()
        self.line.run()

    def asks(self, question: Question, fault: str = "") -> Answered | Problem | Unreachable:
        """Let a visitor ask; return what the kiosk tells."""
        self.line.fault = fault
        self.screen = Checking(Surroundings(alone=self.line.is_cut), question, 0.0)
        self.told = None
        self.asking.ask(question)
        self.line.run()
        self.line.fault = ""
        told = self.told
        assert told is not None, "every question has an answer"
        self.asking.forget()
        self.line.run()
        return told

    def sends(self) -> None:
        """Let it send what it gave alone."""
        self.standby.entries.knock()
        self.line.run()

    def takes_a_list(self) -> None:
        """Let it ask for its list."""
        self.standby._ask()
        self.line.run()

    def close(self) -> None:
        """End it."""
        self.asking.stop()
        self.standby.stop()

    def _heard(self, event: object) -> None:
        if isinstance(event, Answered | Problem | Unreachable):
            self.told = event
