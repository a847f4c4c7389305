"""A whole hall for each file of stories: server process, printer on a socket, the three programs offscreen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from deploy.demo.offscreen.stage import Stage
from deploy.demo.offscreen.waiting import until
from kiosk.alone.desk import Desk
from kiosk.visit.screens import SlipState, TicketShown
from wire.messages import Ticket


class Hall(Stage):
    """A stage with the words of the stories."""

    def __init__(self, root: Path, clock: Path | None = None) -> None:
        super().__init__(root, clock)
        self._given: set[str] = set()
        self._serving: set[int] = set()

    def visitor(self, service: str = "P") -> dict[str, Any]:
        """Give the confirmation of somebody who may check in now, and has not."""
        found = next(each for each in self.folder.admitted(service) if each["code"] not in self._given)
        self._given.add(found["code"])
        return found

    def ready_kiosk(self) -> None:
        """Have the kiosk at its start, with its server and its paper."""
        kiosk = self.kiosk
        until(lambda: kiosk.screen.around.offers and kiosk.screen.around.reachable, "the kiosk's server", 25)
        until(lambda: kiosk.window.place.office, "the kiosk knows what its branch rules")
        until(lambda: self.kiosk.running.paper.state.can_print, "the kiosk's printer")
        self.kiosk.go_home()

    def without_list(self) -> None:
        """Let the kiosk have no list by which it could go on alone, and take none as long as this hall stands."""
        standby, desk = self.kiosk.running.presenter._standby, self.desk_alone()
        if standby._timer.isActive():
            until(lambda: desk.is_open, "the kiosk's list", 25)
            standby._timer.stop()
            standby._ask = lambda: None  # another would be asked for after a report, or after a cut
            if standby._asking is not None:
                standby._asking.cancel()
                standby._asking = None
        desk.listed = None

    def desk_alone(self) -> Desk:
        """Return what answers at the kiosk while the server is away."""
        standby = self.kiosk.running.presenter._standby
        assert standby is not None
        return standby.desk

    def ticket(self) -> Ticket:
        """Return the ticket on the kiosk's screen."""
        assert isinstance(self.kiosk.screen, TicketShown)
        return self.kiosk.screen.ticket

    def slip_is(self, state: SlipState) -> bool:
        """Tell what became of the slip on the screen."""
        return isinstance(self.kiosk.screen, TicketShown) and self.kiosk.screen.slip is state

    def call(self, counter: int, clerk: str) -> str:
        """Finish what is in hand at another counter, call the next and serve them; return the number."""
        body = {"finish_current": "served"} if counter in self._serving else {}
        status, answer = self.ask("POST", f"/api/v1/counters/{counter}/call-next", clerk, body)
        assert status == 200, answer
        status, _ = self.ask("POST", f"/api/v1/tickets/{answer['ticket']['id']}/start", clerk, {})
        assert status == 200
        self._serving.add(counter)
        return answer["ticket"]["number"]


TEN = datetime.fromisoformat("2027-05-12T10:00:00+02:00")


@dataclass
class MovedClock:
    """The server's time, as a file says it."""

    file: Path
    now: datetime = TEN

    def is_now(self, at: datetime) -> None:
        """Let it be this instant."""
        self.now = at
        fresh = self.file.with_suffix(".new")
        fresh.write_text(at.isoformat())
        fresh.replace(self.file)

    def advance(self, **time: float) -> None:
        """Let time pass: `minutes=5`."""
        self.is_now(self.now + timedelta(**time))


@pytest.fixture(scope="module")
def hall(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """Give the hall, with its server running."""
    stage = Hall(tmp_path_factory.mktemp("hall"))
    yield stage
    stage.close()


@pytest.fixture
def stopped_clock(tmp_path: Path) -> MovedClock:
    """Give a clock that stands at ten in the morning."""
    clock = MovedClock(tmp_path / "clock")
    clock.is_now(TEN)
    return clock


@pytest.fixture
def hall_at_ten(qapp: QApplication, tmp_path: Path, stopped_clock: MovedClock) -> Iterator[Hall]:
    """Give a hall of its own whose time a test moves."""
    stage = Hall(tmp_path / "hall", stopped_clock.file)
    yield stage
    stage.close()
