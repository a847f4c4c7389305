"""Serial scanners on pseudo-terminals that are plugged and pulled."""

from __future__ import annotations

import os
import pty
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from kiosk.scanners.scanner import ScannerState, clean_text
from kiosk.scanners.serial_port import LineBuffer, SerialScanner


class Cable:
    """A scanner's end of a serial cable, which appears at a path like /dev/serial/by-id/…"""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._end: int | None = None

    def plug(self) -> None:
        self._end, far_end = pty.openpty()
        tty.setraw(far_end)
        self.path.symlink_to(os.ttyname(far_end))
        os.close(far_end)

    def pull(self) -> None:
        self.path.unlink()
        os.close(self._end)
        self._end = None

    def send(self, data: bytes) -> None:
        os.write(self._end, data)

    def close(self) -> None:
        if self._end is not None:
            self.pull()


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "scanner")
    yield cable
    cable.close()


@pytest.fixture
def scanner(cable: Cable) -> Iterator[SerialScanner]:
    scanner = SerialScanner(str(cable.path))
    scanner.texts, scanner.states = [], []
    scanner.scanned.connect(scanner.texts.append)
    scanner.state_changed.connect(scanner.states.append)
    yield scanner
    scanner.stop()


def test_lines_become_scans(cable: Cable, scanner: SerialScanner, qtbot: QtBot):
    cable.plug()
    scanner.start()
    qtbot.waitUntil(lambda: scanner.state == "ready")
    cable.send(b"NQ1:ABC\r\n482910378\rSPL")
    qtbot.waitUntil(lambda: scanner.texts == ["NQ1:ABC", "482910378"])
    cable.send(b"IT\n")
    qtbot.waitUntil(lambda: scanner.texts == ["NQ1:ABC", "482910378", "SPLIT"])


def test_a_pulled_cable_is_told_and_a_plugged_one_found_again(cable, scanner, qtbot):
    cable.plug()
    scanner.start()
    qtbot.waitUntil(lambda: scanner.state == "ready")
    cable.pull()
    qtbot.waitUntil(lambda: scanner.state == "lost")
    cable.plug()
    qtbot.waitUntil(lambda: scanner.state == "ready")
    cable.send(b"NQ1:AFTER\r")
    qtbot.waitUntil(lambda: scanner.texts == ["NQ1:AFTER"])
    assert scanner.states == ["lost", "ready", "lost", "ready"]


def test_a_port_that_is_back_is_found_within_two_seconds_however_long_it_was_away(scanner):
    waits = []

    class Halt(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return len(waits) == 20

        def is_set(self) -> bool:
            return len(waits) == 20

    scanner._run(Halt())
    assert waits[0] < waits[1] < waits[-1] < 2


def test_a_port_that_never_was_is_lost_and_stops_at_once(scanner, qtbot):
    scanner.start()
    assert scanner.state == "lost"
    scanner.stop()
    assert scanner.state == "off"


def test_a_stopped_scanner_delivers_nothing(cable, scanner, qtbot):
    cable.plug()
    scanner.start()
    qtbot.waitUntil(lambda: scanner.state == "ready")
    scanner.stop()
    cable.send(b"NQ1:LATE\r")
    qtbot.wait(20)
    assert scanner.texts == []


def test_a_line_longer_than_a_scan_is_kept_just_so_far_that_it_is_none():
    lines = LineBuffer()
    assert lines.feed(b"A" * 100_000, 0.0) == []
    too_long, next_one = lines.feed(b"\rNQ1:B\r", 0.1)
    assert (too_long, next_one) == ("A" * 257, "NQ1:B")
    assert clean_text(too_long) is None


def test_a_line_of_exactly_256_bytes_passes():
    assert LineBuffer().feed(b"A" * 256 + b"\r", 0.0) == ["A" * 256]
    assert clean_text("A" * 256) == "A" * 256


def test_a_line_that_is_not_ascii_is_no_scan():
    strange, code = LineBuffer().feed("ŻÓŁW\r482910378\r".encode(), 0.0)
    assert (clean_text(strange), code) == (None, "482910378")


@pytest.mark.parametrize("before", [b"\x00\xff\x80\x7f", b"~#k", b"NQ1:HAL", b"\x00" * 200])
def test_noise_and_half_a_scan_before_a_qr_of_ours_do_not_spoil_it(cable, scanner, qtbot, before):
    cable.plug()
    scanner.start()
    qtbot.waitUntil(lambda: scanner.state == "ready")
    cable.send(before + b"NQ1:WHOLE\r")
    qtbot.waitUntil(lambda: scanner.texts == ["NQ1:WHOLE"])


def test_digits_behind_noise_are_no_scan_for_nine_of_them_may_be_the_end_of_another_code(scanner):
    scanner.foreigners = []
    scanner.foreign.connect(scanner.foreigners.append)
    scanner._become(ScannerState.READY)
    scanner._deliver("\ufffd482910378")
    assert (scanner.texts, scanner.foreigners) == ([], ["other"])


def test_staff_who_try_it_out_see_the_noise_too(scanner):
    seen = []
    scanner.came.connect(seen.append)
    scanner.try_out(True)
    scanner._deliver("~NQ1:WHOLE")
    assert [reading.by_code for reading in seen] == ["~NQ1:WHOLE"]


def test_half_a_line_does_not_spoil_the_next_scan():
    lines = LineBuffer()
    lines.feed(b"NQ1:HAL", 0.0)
    assert lines.feed(b"482910378\r", 1.5) == ["482910378"]


@pytest.mark.parametrize(
    "error", [termios.error(5, "gone"), OSError(5, "gone"), serial.SerialException("gone")]
)
def test_every_way_in_which_a_port_can_vanish_is_outlived(cable, scanner, qtbot, monkeypatch, error):
    def vanish(self, size: int) -> bytes:
        raise error

    cable.plug()
    with monkeypatch.context() as broken:
        broken.setattr(serial.Serial, "read", vanish)
        scanner.start()
        qtbot.waitUntil(lambda: scanner.states == ["lost", "ready", "lost"])
    qtbot.waitUntil(lambda: scanner.state == "ready")


@given(st.lists(st.binary(max_size=600), max_size=20))
def test_whatever_bytes_come_every_line_is_short_and_every_scan_ascii(chunks):
    lines = LineBuffer()
    for chunk in chunks:
        for line in lines.feed(chunk, 0.0):
            assert 0 < len(line) <= 257
            cleaned = clean_text(line)
            assert cleaned is None or (len(cleaned) <= 256 and cleaned.isascii())
