"""Prints where a kiosk of 1080 by 1920 dots has its keys, as JSON: for whoever touches one from outside."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from kiosk.__main__ import TEXTS
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import Digit, Press
from kiosk.visit.screens import CodeEntry, Screen
from kiosk.visit.surroundings import Surroundings
from terminal.clock import ServerClock
from terminal.texts import Texts

WANTED: tuple[tuple[Screen, dict[str, object]], ...] = (
    (CodeEntry(Surroundings()), {"7": Digit("7"), "erase": Press.ERASE, "back": Press.BACK}),
)


def main() -> int:
    """Show each screen and print the middles of its keys."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    clock = ServerClock()
    clock.heard(datetime.now(UTC))
    window = KioskWindow(Texts(TEXTS), clock)
    window.resize(1080, 1920)
    window.show()
    found = {}
    for screen, keys in WANTED:
        window.show_screen(screen)
        application.processEvents()
        assert window.frame is not None
        for name, meaning in keys.items():
            tile = next(each for each in window.frame.tiles() if each.meaning == meaning)
            middle = tile.mapTo(window, QPoint(tile.width() // 2, tile.height() // 2))
            found[name] = (middle.x(), middle.y())
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
