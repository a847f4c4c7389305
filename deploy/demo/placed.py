"""`python -m deploy.demo.placed PROGRAM PLACE …`: a program of the hall in its place on the screen.

PLACE is left, top, width and height as shares of the screen. With `--sign-in FOLDER` the clerk's form is filled
in once from the demo's folder, so that nobody has to type at its counter. The programs know nothing of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, QSize, QTimer
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from counter_client.__main__ import main as counter_main
from counter_client.views.window import DeskWindow
from deploy.demo import paper_window
from deploy.demo.folder import DemoFolder
from display_board.__main__ import main as board_main
from kiosk.__main__ import main as kiosk_main

PROGRAMS: dict[str, Callable[[list[str]], int]] = {
    "kiosk": kiosk_main,
    "board": board_main,
    "counter": counter_main,
    "paper": paper_window.main,
}
_LOOK_MS = 200


class Place(QObject):
    """Puts the program's first window where it belongs, once it is shown."""

    def __init__(self, application: QApplication, shares: tuple[float, ...]) -> None:
        super().__init__(application)
        self._application, self._shares = application, shares
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the window (Qt's own name and signature)."""
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self._application.removeEventFilter(self)
            watched.setGeometry(_area(watched, self._shares))
        return False


class SignIn(QObject):
    """Fills the clerk's form in when it can be sent, once; whoever signs out stays signed out."""

    def __init__(self, application: QApplication, clerk: dict[str, str]) -> None:
        super().__init__(application)
        self._clerk = clerk
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, DeskWindow)]
        for window in windows:
            form = window.sign_in
            button = form.findChild(QPushButton, "enter")
            if form.isVisible() and button is not None and button.isEnabled():
                self._timer.stop()
                form.login.setText(self._clerk["login"])
                form.password.setText(self._clerk["password"])
                form.password.returnPressed.emit()


def _area(window: QWidget, shares: tuple[float, ...]) -> QRect:
    screen = window.screen().availableGeometry()
    left, top, width, height = shares
    size = QSize(round(width * screen.width()), round(height * screen.height()))
    size = size.expandedTo(window.minimumSize()).boundedTo(screen.size())
    return QRect(
        screen.x() + min(round(left * screen.width()), screen.width() - size.width()),
        screen.y() + min(round(top * screen.height()), screen.height() - size.height()),
        size.width(),
        size.height(),
    )


def main(arguments: list[str]) -> int:
    """Run the program in its place; return its exit code."""
    parser = argparse.ArgumentParser(prog="deploy.demo.placed", allow_abbrev=False)
    parser.add_argument("program", choices=PROGRAMS)
    parser.add_argument("place", type=lambda text: tuple(float(each) for each in text.split(",")))
    parser.add_argument("--sign-in", type=Path, metavar="FOLDER")
    chosen, others = parser.parse_known_args(arguments)
    application = QApplication(sys.argv[:1])
    place = Place(application, chosen.place)
    signing = SignIn(application, DemoFolder(chosen.sign_in).clerk()) if chosen.sign_in else None
    code = PROGRAMS[chosen.program](others)
    del place, signing
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
