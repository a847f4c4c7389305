"""`python -m deploy.install.first_screen FILE`: runs the kiosk until its start is shown, and keeps a picture."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kiosk.__main__ import main as kiosk
from kiosk.screens.entry import StartPage

LOOK_MS = 200
LOOKS = 300


def main(file: Path) -> int:
    """Return 0 once the start screen is in `file`, 1 when it was not shown within a minute."""
    application = QApplication(sys.argv[:1])
    looks, seen, timer = [LOOKS], [False], QTimer()

    def look() -> None:
        looks[0] -= 1
        pages = [
            each for each in application.allWidgets() if isinstance(each, StartPage) and each.isVisible()
        ]
        # The second time its texts and sizes have come.
        if pages and seen[0]:
            application.exit(0 if pages[0].window().grab().save(str(file)) else 1)
        elif not looks[0]:
            application.exit(1)
        seen[0] = bool(pages)

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    return kiosk(["--window"])


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
