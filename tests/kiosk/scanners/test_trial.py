"""The staff's scanner test: both readings, what fits, and the pause that a slow scanner needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk import staff
from kiosk.scanners.opened import ScannerSet
from kiosk.scanners.scanner import Added, Reading, ScriptedScanner
from kiosk.scanners.trial import Fits, advised_gap_ms, fitting, keep_gap_ms, kept_gap_ms, visible
from kiosk.scanners.wedge import WedgeScanner
from kiosk.screens.window import KioskWindow
from kiosk.staff import SCANNER_TEST_KEYS, ScannerTest
from tests.kiosk.samples import every_screen
from tests.kiosk.scanners.test_as_they_come import GERMAN, typed
from tests.kiosk.scanners.test_wedge import QR, Keyboard

CODE = "482910378"


class Bench:
    """A kiosk window with a keyboard scanner, the test, and what would have reached the presenter."""

    def __init__(self, window: KioskWindow, kept_in: Path) -> None:
        self.window = window
        self.scripted = ScriptedScanner()
        self.scanners = ScannerSet([WedgeScanner(), self.scripted])
        self.scanners.start()
        self.test = ScannerTest(window, self.scanners, Added("%"), kept_in)
        self.delivered: list[str] = []
        self.scanners.scanned.connect(self.delivered.append)
        self.events: list[object] = []
        window.happened.connect(self.events.append)
        self.keyboard = Keyboard(window)

    def press_staff_keys(self) -> None:
        event = QKeyEvent(
            QEvent.Type.KeyPress, SCANNER_TEST_KEYS.key(), SCANNER_TEST_KEYS.keyboardModifiers()
        )
        QApplication.sendEvent(self.window.windowHandle(), event)

    def said(self, name: str) -> str:
        assert self.test.page is not None
        return str(getattr(self.test.page, name).text()).replace("\u200b", "").replace("\u00a0", " ")


@pytest.fixture
def bench(qtbot: QtBot, window: KioskWindow, tmp_path: Path) -> Iterator[Bench]:
    window.show_screen(every_screen()["start"])
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bench = Bench(window, tmp_path / "kiosk.scanner")
    yield bench
    bench.scanners.stop()


def test_control_characters_are_seen() -> None:
    assert visible("\x02]Q1NQ1\x1d\x03\r\n\x7f") == "‹STX›]Q1NQ1‹GS›‹ETX›‹CR›‹LF›‹DEL›"


@pytest.mark.parametrize(
    ("by_code", "by_layout", "fits"),
    [
        (f"%{QR}\r", "%ТЙ1Ж", Fits.BY_CODE),
        (QR.replace(":", ">"), QR, Fits.BY_LAYOUT),
        (QR, QR, Fits.BY_CODE),
        ("hello there", "hello there", Fits.NEITHER),
        ("482910379", None, Fits.NEITHER),
    ],
)
def test_the_reading_that_fits_is_named(by_code: str, by_layout: str | None, fits: Fits) -> None:
    assert fitting(Reading("wedge", by_code, by_layout), Added("%")) is fits


@pytest.mark.parametrize(
    ("longest", "advised"), [(0, 60), (40, 60), (41, 70), (80, 120), (199, 300), (600, 300)]
)
def test_half_as_much_again_as_the_longest_pause_is_advised(longest: int, advised: int) -> None:
    assert advised_gap_ms(longest) == advised


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"gap_ms": "120"}', '{"gap_ms": 5000}', '{"gap_ms": true}']
)
def test_what_was_kept_is_read_again_and_nonsense_is_not(tmp_path: Path, broken: str) -> None:
    file = tmp_path / "kiosk.scanner"
    assert kept_gap_ms(file, otherwise=60) == 60
    keep_gap_ms(file, 130)
    assert kept_gap_ms(file, otherwise=60) == 130
    file.write_text(broken)
    assert kept_gap_ms(file, otherwise=70) == 70


def test_a_slow_scanner_is_measured_and_read_from_then_on(bench: Bench, tmp_path: Path) -> None:
    bench.keyboard.characters(CODE, gap_ms=90)
    bench.keyboard.enter(gap_ms=90)
    assert bench.delivered == [], "control: its digits are taken for a hand"
    bench.press_staff_keys()
    bench.keyboard.now_ms += 5_000
    bench.keyboard.characters(CODE, gap_ms=90)
    bench.keyboard.enter(gap_ms=90)
    assert bench.said("by_code") == f"{CODE}‹CR›"
    assert "90 ms" in bench.said("pause")
    assert "140 ms" in bench.said("pause")
    QTest.mouseClick(bench.test.page.keep, Qt.MouseButton.LeftButton)
    assert not bench.test.page.keep.isVisible()
    assert kept_gap_ms(tmp_path / "kiosk.scanner", otherwise=60) == 140
    assert bench.delivered == []
    bench.test.close()
    bench.keyboard.now_ms += 5_000
    bench.keyboard.characters(CODE, gap_ms=90)
    bench.keyboard.enter(gap_ms=90)
    assert bench.delivered == [CODE]


def test_the_keys_open_it_though_a_scanner_that_types_is_asked_first(bench: Bench, qtbot: QtBot) -> None:
    """As after another window had the focus: the scanner keeps them a moment, for they may begin a burst."""
    bench.scanners.stop()
    bench.scanners.start()
    bench.press_staff_keys()
    qtbot.waitUntil(lambda: bench.test.page is not None, timeout=20_000)


def test_both_readings_of_a_german_scanner_are_shown(bench: Bench) -> None:
    bench.press_staff_keys()
    typed(bench.keyboard, QR, GERMAN)
    bench.keyboard.enter()
    assert bench.said("by_code").startswith("NQ1>")
    assert bench.said("by_layout") == f"{QR}‹CR›"
    assert "układu biletomatu" in bench.said("verdict")
    assert not bench.test.page.keep.isVisible()


def test_a_scanner_without_keys_has_one_reading_and_no_pause(bench: Bench) -> None:
    bench.press_staff_keys()
    bench.scripted.scan(f"\x02{CODE}\x03")
    assert bench.said("by_code") == f"‹STX›{CODE}‹ETX›"
    assert (bench.said("by_layout"), bench.said("pause")) == ("–", "–")
    assert bench.delivered == []


def test_a_pause_that_cannot_be_stored_is_used_and_told(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "kiosk.scanner.new").mkdir()
    bench.press_staff_keys()
    bench.keyboard.characters(CODE, gap_ms=90)
    bench.keyboard.enter(gap_ms=90)
    bench.test.keep()
    assert "Nie udało się zapisać" in bench.said("pause")
    assert bench.scanners.gap_ms == 140


def test_the_test_covers_the_screen_and_gives_it_back(bench: Bench, qtbot: QtBot) -> None:
    bench.press_staff_keys()
    bench.press_staff_keys()
    page = bench.test.page
    bench.window.show_screen(every_screen()["code"])
    assert bench.window.childAt(bench.window.rect().center()) in (page, *page.findChildren(object))
    bench.events.clear()
    QTest.mouseClick(page, Qt.MouseButton.LeftButton)
    QTest.keyClick(page, Qt.Key.Key_5)
    qtbot.waitUntil(lambda: not bench.scanners.scanners[0]._held, timeout=20_000)
    assert bench.events == []
    QTest.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: bench.test.page is None, timeout=20_000)
    assert bench.window.childAt(bench.window.rect().center()) is not page
    bench.scripted.scan(CODE)
    assert bench.delivered == [CODE]


def test_a_test_that_is_left_alone_ends(bench: Bench) -> None:
    bench.press_staff_keys()
    assert bench.test._left_alone.interval() == staff.LEFT_ALONE_MS == 180_000
    bench.test._left_alone.timeout.emit()
    assert bench.test.page is None
    assert not any(scanner.is_tried_out for scanner in bench.scanners.scanners)
