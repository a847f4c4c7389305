"""All scanners of a kiosk as one: debounce, states, and which are opened."""

from __future__ import annotations

import pytest

from kiosk.scanners import ScannerSet, ScannerSettings, ScriptedScanner, open_scanners
from kiosk.scanners.scanner import clean_text


class Clock:
    """A clock that stands until it is moved, in seconds."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pair(clock: Clock, qapp) -> ScannerSet:
    scanners = ScannerSet([ScriptedScanner(), ScriptedScanner()], clock=clock)
    scanners.texts = []
    scanners.scanned.connect(scanners.texts.append)
    scanners.start()
    return scanners


def test_the_same_text_from_two_scanners_counts_once(pair, clock):
    first, second = pair.scanners
    first.scan("NQ1:A")
    clock.now += 1.9
    second.scan("NQ1:A")
    assert pair.texts == ["NQ1:A"]


def test_after_two_seconds_out_of_sight_the_same_text_counts_again(pair, clock):
    for wait_s in (0.0, 2.0):
        clock.now += wait_s
        pair.scanners[0].scan("NQ1:A")
    assert pair.texts == ["NQ1:A", "NQ1:A"]


def test_a_code_held_before_the_camera_for_a_minute_is_one_scan(pair, clock):
    for _ in range(120):
        clock.now += 0.5
        pair.scanners[0].scan("NQ1:A")
    assert pair.texts == ["NQ1:A"]


def test_another_text_in_between_changes_nothing(pair, clock):
    for text in ("NQ1:A", "NQ1:B", "NQ1:A", "NQ1:B"):
        clock.now += 0.3
        pair.scanners[0].scan(text)
    assert pair.texts == ["NQ1:A", "NQ1:B"]


def test_one_lost_scanner_is_told_with_its_name_and_the_others_go_on(pair):
    told: list[tuple[str, str]] = []
    pair.state_changed.connect(lambda name, state: told.append((name, state)))
    pair.scanners[0].lose()
    pair.scanners[1].scan("NQ1:A")
    assert (told, pair.state, pair.texts) == ([("scripted", "lost")], "lost", ["NQ1:A"])


def test_a_stopped_set_is_off_and_silent(pair):
    pair.stop()
    pair.scanners[0].scan("NQ1:A")
    assert (pair.state, pair.texts) == ("off", [])


@pytest.mark.parametrize("text", ["", "  ", "a\x00b", "NQ1:\x1b[2J", "ŻÓŁW", "A" * 257, "two\nlines"])
def test_texts_with_control_characters_or_without_bounds_are_refused(text):
    assert clean_text(text) is None


def test_blanks_around_a_text_are_dropped():
    assert clean_text(" 482910378\r\n") == "482910378"


def test_the_settings_say_which_scanners_there_are(qapp):
    everything = ScannerSettings(wedge=True, serial="/dev/x", camera="default", images="pictures")
    assert [s.name for s in open_scanners(everything).scanners] == ["wedge", "serial", "camera", "images"]
    assert open_scanners(ScannerSettings(wedge=False)).scanners == []
