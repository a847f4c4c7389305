"""A kiosk whose visitors come one after the other, each for a ticket (`bench.kiosk_visits COUNT --config FILE`).

Prints a line of JSON for each hundredth part of the visits: how many there were.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from kiosk.__main__ import TEXTS, Running, _printer, add_options
from kiosk.presenter import Presenter
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import Event, Press, PriorityChosen, ServiceChosen
from kiosk.visit.screens import PriorityQuestion, Start, TicketShown, WalkInMenu
from terminal.launch import start
from terminal.texts import Texts
from wire.vocabulary import DeviceRole

SERVICE = "N"
_STEP_MS = 1
_STUCK_STEPS = 60_000


class Visitors(QObject):
    """Does at each screen what a visitor in a hurry does; ends the program after so many tickets."""

    def __init__(self, presenter: Presenter, count: int, end: Callable[[int], None]) -> None:
        super().__init__()
        self._presenter, self._count, self._end = presenter, count, end
        self._been = self._steps = 0
        self._timer = QTimer(self, interval=_STEP_MS)
        self._timer.timeout.connect(self._step)
        self._timer.start()

    def _step(self) -> None:
        screen = self._presenter.screen
        self._steps += 1
        if isinstance(screen, TicketShown):
            self._gone()
        touch = _touch_at(screen)
        if touch is not None:
            self._presenter.happened(touch)
        elif self._steps > _STUCK_STEPS:
            print(f"stuck at {type(screen).__name__}", file=sys.stderr)
            self._end(1)

    def _gone(self) -> None:
        self._been += 1
        self._steps = 0
        if self._been % max(1, self._count // 100) == 0:
            print(json.dumps({"visits": self._been}), flush=True)
        if self._been == self._count:
            self._end(0)


def _touch_at(screen: object) -> Event | None:
    match screen:
        case Start():
            return Press.WALK_IN if screen.around.offers else None
        case WalkInMenu():
            return ServiceChosen(SERVICE)
        case PriorityQuestion():
            return PriorityChosen(None)
        case TicketShown():
            return Press.HOME
    return None


def main(arguments: list[str]) -> int:
    """Run the kiosk in a window; 0 after the last visit."""
    station = start(DeviceRole.KIOSK, [*arguments[1:], "--window"], add_options)
    texts = Texts(TEXTS)
    window = KioskWindow(texts, station.clock)
    window.resize(540, 960)
    running = Running(station, _printer(station), texts, window)
    visitors = Visitors(running.presenter, int(arguments[0]), station.application.exit)
    code = station.run(window)
    del visitors
    running.stop()
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
