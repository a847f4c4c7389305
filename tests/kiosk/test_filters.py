"""What a page costs beside itself: no filter of ours is asked of what its widgets tell each other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest

from kiosk.scanners.opened import ScannerSet
from kiosk.scanners.scanner import Added
from kiosk.scanners.wedge import WedgeScanner
from kiosk.screens.window import KioskWindow
from kiosk.staff import ScannerTest
from kiosk.staff_access import StaffAccess
from kiosk.staff_menu import StaffMenu
from terminal.kiosk_mode import KioskMode
from tests.kiosk.samples import NOON, every_screen, settle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def kiosk(qtbot, window: KioskWindow, tmp_path: Path) -> Iterator[KioskWindow]:
    """Give a window with all that listens to it in a hall."""
    mode = KioskMode(window, locked=True)
    scanners = ScannerSet([WedgeScanner()])
    scanners.start()
    ScannerTest(window, scanners, Added(), tmp_path / "kiosk.scanner")
    StaffMenu(window, StaffAccess(tmp_path / "kiosk.staff", lambda: NOON, lambda: 0.0), list, None)
    window.show_screen(every_screen()["start"])
    settle()
    yield window
    scanners.stop()
    mode.leave()


def build(window: KioskWindow) -> None:
    window.show_screen(every_screen()["menu"])
    settle()


def asked(do: Callable[[], object]) -> Counter[str]:
    """Count how often the filters in Python were asked of something meanwhile, by their classes."""
    filters: Counter[str] = Counter()

    def look(frame: FrameType, kind: str, _: object) -> None:
        if kind == "call" and frame.f_code.co_name == "eventFilter":
            filters[type(frame.f_locals["self"]).__name__] += 1

    sys.setprofile(look)
    try:
        do()
    finally:
        sys.setprofile(None)
    return filters


def test_while_a_page_is_built_no_filter_is_asked_of_its_widgets(kiosk: KioskWindow) -> None:
    """What repeats held keys listens to the window alone, which hears of a new page a few times."""
    filters = asked(lambda: build(kiosk))
    assert filters.pop("HeldKeys") <= 10
    assert not filters


def test_control_a_filter_on_the_application_is_asked_of_each_widget(qapp, kiosk: KioskWindow) -> None:
    class Everywhere(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            return False

    everywhere = Everywhere()
    qapp.installEventFilter(everywhere)
    assert asked(lambda: build(kiosk))["Everywhere"] > 200
    qapp.removeEventFilter(everywhere)


def test_of_a_key_all_of_them_are_asked(kiosk: KioskWindow, qtbot) -> None:
    kiosk.activateWindow()
    qtbot.waitUntil(kiosk.isActiveWindow)
    pressed = asked(lambda: QTest.keyPress(kiosk.windowHandle(), Qt.Key.Key_Shift))
    assert set(pressed) == {"HeldKeys", "WedgeScanner", "StaffMenu", "ScannerTest", "KioskMode"}
