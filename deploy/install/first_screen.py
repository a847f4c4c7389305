"""`python -m deploy.install.first_screen ROLE FILE`: runs a program until its start is shown; keeps a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from counter_client.__main__ import main as counter
from counter_client.views.sign_in import SignIn
from display_board.__main__ import main as board
from display_board.views.board_view import BoardView
from kiosk.__main__ import main as kiosk
from kiosk.screens.entry import StartPage

LOOK_MS = 200
LOOKS = 300


@dataclass(frozen=True)
class Program:
    """How a role's program is run in a window, and which widget is its start once the server was heard."""

    run: Callable[[list[str]], int]
    is_start: Callable[[QWidget], bool]
    options: tuple[str, ...] = ("--window",)


PROGRAMS = {
    "kiosk": Program(kiosk, lambda widget: isinstance(widget, StartPage)),
    "board": Program(board, lambda widget: isinstance(widget, BoardView) and widget.is_told),
    "counter": Program(counter, lambda widget: isinstance(widget, SignIn) and widget.is_told, ()),
}


def main(role: str, file: Path) -> int:
    """Return 0 once the start is in `file`, 1 when it was not shown within a minute."""
    application = QApplication(sys.argv[:1])
    program = PROGRAMS[role]
    looks, seen, timer = [LOOKS], [False], QTimer()

    def look() -> None:
        looks[0] -= 1
        pages = [each for each in application.allWidgets() if each.isVisible() and program.is_start(each)]
        # The second time its texts and sizes have come.
        if pages and seen[0]:
            application.exit(0 if pages[0].window().grab().save(str(file)) else 1)
        elif not looks[0]:
            application.exit(1)
        seen[0] = bool(pages)

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
    return program.run(list(program.options))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], Path(sys.argv[2])))
