"""Keyboard-wedge scanners beside typing hands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from kiosk.scanners.wedge import WedgeScanner
from terminal.kiosk_mode import KioskMode

QR = "NQ1:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SHIFT = Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier
# Scan codes of the keys as X11 gives them, written down independently of the product's table.
SCAN_CODES = dict(zip("1234567890", range(10, 20), strict=True))
SCAN_CODES |= dict(zip("QWERTYUIOP", range(24, 34), strict=True))
SCAN_CODES |= dict(zip("ASDFGHJKL", range(38, 47), strict=True))
SCAN_CODES |= dict(zip("ZXCVBNM", range(52, 59), strict=True))
SCAN_CODES |= {":": 47}


class Keyboard:
    """Sends key events with times of its own to a window, as the windowing system does."""

    def __init__(self, field: QLineEdit) -> None:
        self.window = field.window().windowHandle()
        self.now_ms = 1_000

    def key(self, key: int, text: str, code: int = 0, modifiers=NONE, gap_ms: int = 5, repeat=False) -> None:
        self.now_ms += gap_ms
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, code, 0, 0, text, repeat)
            event.setTimestamp(self.now_ms)
            QCoreApplication.sendEvent(self.window, event)

    def characters(self, text: str, gap_ms: int = 5) -> None:
        for char in text:
            self.key(ord(char.upper()), char, gap_ms=gap_ms)

    def enter(self, gap_ms: int = 5) -> None:
        self.key(Qt.Key.Key_Return, "\r", gap_ms=gap_ms)


@pytest.fixture
def field(qtbot: QtBot) -> QLineEdit:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    qtbot.waitUntil(field.isActiveWindow)
    field.setFocus()
    return field


@pytest.fixture
def keyboard(field: QLineEdit) -> Keyboard:
    return Keyboard(field)


@pytest.fixture
def scans(field: QLineEdit) -> Iterator[list[str]]:
    scanner, texts = WedgeScanner(), []
    scanner.scanned.connect(texts.append)
    scanner.start()
    yield texts
    scanner.stop()


def test_a_burst_ending_with_enter_is_a_scan_and_never_reaches_the_field(field, keyboard, scans):
    confirmed: list[bool] = []
    field.returnPressed.connect(lambda: confirmed.append(True))
    keyboard.characters(QR)
    keyboard.enter()
    assert scans == [QR]
    assert (field.text(), confirmed) == ("", [])


def test_without_the_scanner_the_same_burst_ends_in_the_field(field, keyboard):
    keyboard.characters(QR)
    assert field.text() == QR


def test_a_ukrainian_layout_garbles_the_text_but_not_the_scan(field, keyboard, scans):
    for char in QR:
        modifiers = SHIFT if not char.isdigit() else NONE
        keyboard.key(0x0416, "Ж", SCAN_CODES[char], modifiers)
    keyboard.key(Qt.Key.Key_Return, "\r", 36)
    assert scans == [QR]


def test_a_scanner_that_sends_no_enter_ends_with_a_pause(field, keyboard, scans, qtbot):
    keyboard.characters("482910378")
    assert scans == []
    qtbot.waitUntil(lambda: scans == ["482910378"])


def test_slow_typing_goes_to_the_field_untouched(field, keyboard, scans, qtbot):
    confirmed: list[bool] = []
    field.returnPressed.connect(lambda: confirmed.append(True))
    keyboard.characters("482910378", gap_ms=150)
    keyboard.enter(gap_ms=150)
    assert (field.text(), confirmed, scans) == ("482910378", [True], [])


def test_rolling_fingers_are_not_a_scan(field, keyboard, scans, qtbot):
    keyboard.characters("abc", gap_ms=20)
    keyboard.enter(gap_ms=20)
    qtbot.waitUntil(lambda: field.text() == "abc")
    assert scans == []


def test_a_key_held_down_is_a_hand(field, keyboard, scans):
    keyboard.key(ord("7"), "7")
    for _ in range(12):
        keyboard.key(ord("7"), "7", gap_ms=33, repeat=True)
    assert field.text() == "7" * 13
    assert scans == []


@pytest.mark.parametrize(
    ("key", "modifiers"),
    [
        (Qt.Key.Key_F4, NONE),
        (Qt.Key.Key_Escape, NONE),
        (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_a_burst_with_a_function_or_control_key_is_dropped_whole(field, keyboard, scans, key, modifiers):
    keyboard.characters("NQ1:AB")
    keyboard.key(key, "", modifiers=modifiers)
    keyboard.characters("CDEF")
    keyboard.enter()
    assert (scans, field.text()) == ([], "")


@pytest.mark.parametrize("key", [Qt.Key.Key_W, Qt.Key.Key_Q])
def test_the_kiosk_mode_hides_no_control_key_of_a_burst_from_its_scanner(field, keyboard, key):
    mode = KioskMode(field, locked=True)
    scanner, scans = WedgeScanner(), []
    scanner.scanned.connect(scans.append)
    scanner.start()
    try:
        keyboard.characters("482910")
        keyboard.key(key, chr(key - 0x40), modifiers=Qt.KeyboardModifier.ControlModifier)
        keyboard.characters("378")
        keyboard.enter()
        keyboard.key(Qt.Key.Key_A, "", modifiers=Qt.KeyboardModifier.ControlModifier, gap_ms=2_000)
        assert (scans, field.text(), field.hasSelectedText()) == ([], "", False)
    finally:
        scanner.stop()
        mode.leave()


def test_a_burst_that_is_too_long_is_dropped_whole(field, keyboard, scans):
    keyboard.characters("A" * 300)
    keyboard.enter()
    assert (scans, field.text()) == ([], "")


def test_what_follows_a_scan_at_once_is_swallowed_until_a_pause(field, keyboard, scans):
    confirmed: list[bool] = []
    field.returnPressed.connect(lambda: confirmed.append(True))
    keyboard.characters(QR)
    keyboard.enter()
    keyboard.enter()
    keyboard.characters("x")
    keyboard.enter(gap_ms=500)
    assert (scans, field.text(), confirmed) == ([QR], "", [True])


def test_two_scans_after_each_other_are_two(field, keyboard, scans):
    for code in ("482910378", "190822775"):
        keyboard.now_ms += 400
        keyboard.characters(code)
        keyboard.enter()
    assert scans == ["482910378", "190822775"]
