"""A code that stays before the lens is taken once, also after *Done*; once it was taken away, it counts anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from kiosk.flow import advance
from kiosk.qr.decoder import GLANCE_S, LIVE_S, Accept, QrDecoder
from kiosk.qr.pixels import Gray
from kiosk.qr.sight import Sight
from kiosk.scanners import ScannerSet, ScannerState, ScriptedScanner
from kiosk.scanners.frames import GONE_LOOKS, FrameScanner
from kiosk.scanners.opened import is_booking_qr
from kiosk.visit.effects import Effect, PrintSlip, SubmitCode
from kiosk.visit.events import Answered, Event, Press, Scanned
from kiosk.visit.screens import Screen, Start, TicketShown
from kiosk.visit.surroundings import Office, Surroundings
from tests.kiosk.samples import OTHER_QR, QR, ticket

FRAME = np.zeros((64, 64), np.uint8)
PATIENCE_MS = 20_000


class Kiosk:
    """The conversation behind scanners, on a clock that is moved; what it asked the server is remembered."""

    def __init__(self, *, is_lens: bool) -> None:
        self.now = 100.0
        self.screen: Screen = Start(
            Surroundings(Office(idle_seconds=60, touch_pause_seconds=0), now_s=self.now)
        )
        self.lens = ScriptedScanner()
        self.lens.sees_absence = is_lens
        self.scanners = ScannerSet([self.lens], clock=lambda: self.now)
        self.scanners.scanned.connect(lambda text: self.happens(Scanned(text)))
        self.scanners.start()
        self.asked: list[str] = []
        self.slips = 0

    def happens(self, event: Event) -> None:
        self.screen, effects = advance(self.screen, event, self.now)
        for effect in effects:
            self.run(effect)

    def run(self, effect: Effect) -> None:
        if isinstance(effect, SubmitCode):
            is_repeat = effect.text in self.asked
            self.asked.append(effect.text)
            self.happens(Answered(effect.ask, ticket(), is_repeat))
        self.slips += isinstance(effect, PrintSlip)

    def sees(self, text: str, after_s: float = 0.0) -> None:
        self.now += after_s
        self.lens.scan(text)

    def done(self) -> None:
        self.happens(Press.HOME)
        assert isinstance(self.screen, Start)


def test_a_code_that_is_still_there_after_done_opens_no_visit_and_prints_no_copy(qapp) -> None:
    kiosk = Kiosk(is_lens=True)
    kiosk.sees(QR)
    assert isinstance(kiosk.screen, TicketShown)
    kiosk.done()
    # Not legible for longer than any debounce, then seen again without having been away.
    for after_s in (9.0, 3.0, 60.0):
        kiosk.sees(QR, after_s)
        assert isinstance(kiosk.screen, Start)
    assert (kiosk.asked, kiosk.slips) == ([QR], 1)


def test_control_a_scanner_that_cannot_tell_takes_it_again(qapp) -> None:
    kiosk = Kiosk(is_lens=False)
    kiosk.sees(QR)
    kiosk.done()
    kiosk.sees(QR, 9.0)
    assert kiosk.asked == [QR, QR]
    assert isinstance(kiosk.screen, TicketShown)


def test_once_the_lens_saw_nothing_the_same_code_counts_again(qapp) -> None:
    kiosk = Kiosk(is_lens=True)
    kiosk.sees(QR)
    kiosk.done()
    kiosk.now += 3.0
    kiosk.lens.left.emit()
    kiosk.sees(QR)
    assert kiosk.asked == [QR, QR]


def test_the_next_visitors_code_counts_at_once_and_then_the_first_ones_again(qapp) -> None:
    kiosk = Kiosk(is_lens=True)
    kiosk.sees(QR)
    kiosk.done()
    kiosk.sees(OTHER_QR, 0.5)
    kiosk.done()
    kiosk.sees(QR, 3.0)
    assert kiosk.asked == [QR, OTHER_QR, QR]


class Reader:
    """A decoder whose readings are said beforehand; how much each look might cost is remembered."""

    def __init__(self, *texts: str | None) -> None:
        self.texts, self.budgets = [*texts], []
        self.sight, self.foreign = Sight.NOTHING, None

    def open(self) -> None:
        """Be ready."""

    def read(self, gray: Gray, accept: Accept, budget_s: float) -> str | None:
        self.budgets.append(budget_s)
        return self.texts.pop(0)


@pytest.fixture
def lens(qapp) -> Iterator[FrameScanner]:
    scanner = FrameScanner("lens", is_booking_qr)
    scanner.heard = []
    scanner.scanned.connect(scanner.heard.append)
    scanner.left.connect(lambda: scanner.heard.append("left"))
    scanner._become(ScannerState.READY)
    yield scanner
    scanner.stop()


def looks(scanner: FrameScanner, *texts: str | None, frame: Gray | None = FRAME) -> Reader:
    reader = Reader(*texts)
    for _ in texts:
        scanner._look(cast(QrDecoder, reader), lambda: frame)
    return reader


def test_a_code_has_left_after_as_many_looks_as_see_every_rung(lens: FrameScanner, qtbot: QtBot) -> None:
    looks(lens, QR, *[None] * (GONE_LOOKS - 1), QR, *[None] * GONE_LOOKS, *[None] * 50, OTHER_QR)
    qtbot.waitUntil(lambda: lens.heard == [QR, QR, "left", OTHER_QR], timeout=PATIENCE_MS)


def test_a_lens_that_saw_no_code_yet_says_nothing(lens: FrameScanner, qtbot: QtBot) -> None:
    looks(lens, *[None] * 100, QR)
    qtbot.waitUntil(lambda: lens.heard == [QR], timeout=PATIENCE_MS)


def test_a_frame_that_is_no_picture_is_no_empty_frame(lens: FrameScanner, qtbot: QtBot) -> None:
    looks(lens, QR)
    for _ in range(GONE_LOOKS):
        lens._look(cast(QrDecoder, Reader()), lambda: None)
    looks(lens, QR)
    qtbot.waitUntil(lambda: lens.heard == [QR, QR], timeout=PATIENCE_MS)


def test_while_a_code_may_be_there_no_look_is_a_glance(
    lens: FrameScanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lens._stillness, "is_still", lambda gray, now: True)
    budgets = looks(lens, None, QR, *[None] * (GONE_LOOKS + 1)).budgets
    assert budgets == [GLANCE_S, GLANCE_S, *[LIVE_S] * GONE_LOOKS, GLANCE_S]


def test_pictures_of_a_folder_are_each_shown_anew(qapp) -> None:
    assert not FrameScanner("pictures", is_booking_qr, is_thorough=True).sees_absence
    assert FrameScanner("lens", is_booking_qr).sees_absence
