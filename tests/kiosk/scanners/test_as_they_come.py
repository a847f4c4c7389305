"""Scanners as they come out of the box: what they add, how they are set, how slow they are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from kiosk.scanners.opened import ScannerSettings, open_scanners
from kiosk.scanners.scanner import Added, clean_text
from kiosk.scanners.serial_port import LineBuffer
from kiosk.scanners.wedge import UNFINISHED_MS, WedgeScanner
from tests.kiosk.scanners.test_wedge import NONE, QR, SCAN_CODES, SHIFT, field, keyboard, scans  # noqa: F401
from wire.codes import MalformedCode, parse_scan

CODE = "482910378"
CONTROL = Qt.KeyboardModifier.ControlModifier
# A German keyboard by its scan codes: Y and Z change places, the colon is Shift and the full stop.
GERMAN = SCAN_CODES | {"Y": SCAN_CODES["Z"], "Z": SCAN_CODES["Y"], ":": 60}


@pytest.mark.parametrize(
    ("came", "meant"),
    [
        (f"]Q1{QR}", QR),
        (f"\x02{CODE}\x03", CODE),
        (f"{CODE}\x1d", CODE),
        (f"{CODE}\x1e\x04", CODE),
        (QR.lower(), QR),
        (f"\x02]Q1{QR.lower()}\x03\r\n", QR),
        (f"]C0{CODE}", CODE),
    ],
)
def test_what_a_scanner_puts_around_a_code_is_taken_off(came: str, meant: str) -> None:
    assert clean_text(came) == meant


@pytest.mark.parametrize(
    ("added", "came", "meant"),
    [
        (Added(prefix="%"), f"%{CODE}", CODE),
        (Added(suffix="#"), f"{CODE}#", CODE),
        (Added("QR-", "-END"), f"QR-{QR}-END", QR),
        (Added("QR-", "-END"), f"qr-{QR.lower()}-end", QR),
        (Added(prefix="%"), f"%]Q1{QR}\r\n", QR),
        (Added(prefix="%"), f"]Q1%{QR}", QR),
        (Added(prefix="%"), f"\x02%{CODE}\x03", CODE),
        (Added("%", "#"), CODE, CODE),
        (Added("%", "#"), f"%{CODE}\x1d#\r", CODE),
    ],
)
def test_what_a_scanner_is_set_to_add_is_taken_off(added: Added, came: str, meant: str) -> None:
    assert clean_text(came, added) == meant


def test_a_prefix_is_taken_off_once_and_only_where_it_is_set() -> None:
    assert clean_text(f"%%{CODE}", Added(prefix="%")) == f"%{CODE}"
    assert clean_text(f"%]Q1%{CODE}", Added(prefix="%")) == f"%{CODE}"
    assert clean_text(f"%{CODE}") == f"%{CODE}"


def test_keyboard_and_serial_scanners_take_it_off_and_cameras_add_nothing() -> None:
    added = Added("%", "#")
    opened = open_scanners(ScannerSettings(serial="/dev/null", camera="default", added=added))
    assert {each.name: each.added == added for each in opened.scanners} == {
        "wedge": True,
        "serial": True,
        "camera": False,
    }


def test_a_keyboard_scanner_with_a_prefix_is_read_in_the_host_s_layout_too(
    qtbot,
    field,  # noqa: F811
    keyboard,  # noqa: F811
) -> None:
    prefixed = WedgeScanner()
    prefixed.added = Added(prefix="%")
    texts: list[str] = []
    prefixed.scanned.connect(texts.append)
    prefixed.start()
    keyboard.key(ord("%"), "%", SCAN_CODES["5"], SHIFT)
    typed(keyboard, QR, GERMAN)
    keyboard.enter()
    prefixed.stop()
    assert texts == [QR]


@pytest.mark.parametrize("came", ["48291\x1d0378", "NQ1:ABC\x02DEF", "\x1d", "]Q1"])
def test_a_control_character_inside_refuses_all_of_it(came: str) -> None:
    assert clean_text(came) is None


@pytest.mark.parametrize("came", ["nq1:short", "NQ1>ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "]Q1hello"])
def test_the_grammar_stays_strict(came: str) -> None:
    cleaned = clean_text(came)
    assert cleaned is not None
    with pytest.raises(MalformedCode):
        parse_scan(cleaned)


def test_a_serial_scanner_that_ends_its_codes_with_etx_is_read() -> None:
    assert [clean_text(line) for line in LineBuffer().feed(b"\x02482910378\x03", 1.0)] == [CODE]


def typed(keyboard, text: str, layout: dict[str, int], gap_ms: int = 5) -> None:  # noqa: F811
    """Type as a scanner that is set to a layout, on a host that has the same one."""
    for char in text:
        shifted = char == ":" or char.isalpha()
        keyboard.key(ord(char), char, layout[char], SHIFT if shifted else NONE, gap_ms)


def test_scanner_and_host_in_german_are_read_by_the_host_s_text(field, keyboard, scans) -> None:  # noqa: F811
    typed(keyboard, QR, GERMAN)
    keyboard.enter()
    assert scans == [QR]


def test_control_by_scan_codes_alone_the_same_keys_are_no_code() -> None:
    us = {code: char for char, code in SCAN_CODES.items()} | {60: ">"}
    as_us = "".join(us[GERMAN[char]] for char in QR)
    assert as_us.startswith("NQ1>")
    with pytest.raises(MalformedCode):
        parse_scan(as_us)


def test_a_scanner_set_to_us_on_another_host_is_read_by_scan_codes(field, keyboard, scans) -> None:  # noqa: F811
    for char in QR:
        shifted = char == ":" or char.isalpha()
        keyboard.key(0x0416, "ж", SCAN_CODES[char], SHIFT if shifted else NONE)
    keyboard.enter()
    assert scans == [QR]


def test_a_separator_at_the_end_of_a_burst_does_not_drop_it(field, keyboard, scans) -> None:  # noqa: F811
    keyboard.characters(QR)
    keyboard.key(Qt.Key.Key_BracketRight, "\x1d", modifiers=CONTROL)
    keyboard.enter()
    assert scans == [QR]


def test_a_slow_scanner_is_waited_for_once_its_code_has_begun(field, keyboard, scans) -> None:  # noqa: F811
    keyboard.characters(QR[:3])
    keyboard.characters(QR[3:], gap_ms=80)
    keyboard.enter(gap_ms=80)
    assert scans == [QR]


def test_a_slow_scanner_of_digits_is_read_with_its_own_gap(qtbot, field, keyboard) -> None:  # noqa: F811
    texts: list[str] = []
    scanner = WedgeScanner(gap_ms=120)
    scanner.scanned.connect(texts.append)
    scanner.start()
    keyboard.characters(CODE, gap_ms=80)
    keyboard.enter(gap_ms=80)
    scanner.stop()
    assert texts == [CODE]


def test_an_unfinished_code_is_not_waited_for_longer_than_said(qtbot, field, keyboard, scans) -> None:  # noqa: F811
    keyboard.characters("NQ1:ABCDEF")
    qtbot.waitUntil(lambda: field.text() == "" and scans == ["NQ1:ABCDEF"], timeout=UNFINISHED_MS + 15_000)


@pytest.mark.parametrize(("pause_ms", "came"), [(UNFINISHED_MS - 10, [QR]), (UNFINISHED_MS + 10, [QR[:12]])])
def test_an_unfinished_code_is_waited_for_as_long_as_said(field, keyboard, scans, pause_ms, came) -> None:  # noqa: F811
    keyboard.characters(QR[:12])
    keyboard.characters(QR[12], gap_ms=pause_ms)
    keyboard.characters(QR[13:])
    keyboard.enter()
    assert scans[:1] == came


def test_how_long_an_unfinished_code_is_waited_for_is_a_setting(qtbot, field, keyboard) -> None:  # noqa: F811
    texts: list[str] = []
    patient = WedgeScanner(unfinished_ms=900)
    patient.scanned.connect(texts.append)
    patient.start()
    keyboard.characters(QR[:12])
    keyboard.characters(QR[12:], gap_ms=850)
    keyboard.enter()
    patient.stop()
    assert texts == [QR]
