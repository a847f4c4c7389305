"""The small picture of the camera on the code's screen: who watches, what answers, what is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from kiosk.qr.decoder import QrDecoder
from kiosk.qr.pixels import Gray
from kiosk.qr.sight import Sight
from kiosk.scanners import ScannerState
from kiosk.scanners.frames import PREVIEW_PERIOD_S, PREVIEW_WIDTH, FrameScanner, HeldUp
from kiosk.screens import lens as lens_module
from kiosk.screens.lens import HINTS, Lens, LensView
from kiosk.screens.parts import Words
from kiosk.screens.window import KioskWindow
from kiosk.visit.events import Press
from kiosk.visit.foreign import Foreign
from kiosk.visit.screens import CodeEntry, Start
from kiosk.visit.surroundings import Manner
from tests.kiosk.samples import around
from tests.kiosk.scanners.pictures_of_codes import QR, frame_with
from tests.kiosk.test_texts import LANGUAGES, TEXTS

HALF_LIT: Gray = np.hstack([np.zeros((90, 80), np.uint8), np.full((90, 80), 255, np.uint8)])


@pytest.fixture
def lens(window: KioskWindow) -> Lens:
    window.lens = Lens(window)
    return window.lens


@pytest.fixture
def view(window: KioskWindow, lens: Lens, qtbot: QtBot) -> LensView:
    window.show_screen(CodeEntry(around()))
    shown = window.findChildren(LensView)[-1]
    qtbot.waitUntil(shown.isVisible)
    return shown


def hints(window: KioskWindow) -> set[str]:
    said = {TEXTS.say("pl", key): key for key in HINTS.values()}
    return {said[words.text()] for words in window.frame.page.findChildren(Words) if words.text() in said}


def test_the_camera_is_watched_on_the_code_s_screen_alone(
    window: KioskWindow, lens: Lens, qtbot: QtBot
) -> None:
    told: list[bool] = []
    lens.watched.connect(told.append)
    window.show_screen(Start(around()))
    assert told == []
    window.show_screen(CodeEntry(around()))
    qtbot.waitUntil(lambda: told == [True])
    window.show_screen(Start(around()))
    qtbot.waitUntil(lambda: told == [True, False])


def test_without_a_camera_there_is_no_picture(window: KioskWindow) -> None:
    window.show_screen(CodeEntry(around()))
    assert window.findChildren(LensView) == []


def test_the_picture_is_mirrored(lens: Lens, view: LensView) -> None:
    lens.seen.emit(HALF_LIT, Sight.NOTHING.value)
    left, right = (
        view.grab().toImage().pixelColor(x, view.height() // 2).value() for x in (20, view.width() - 20)
    )
    assert left > 200 > 50 > right


@pytest.mark.parametrize(("sight", "hint"), [*HINTS.items(), (Sight.NOTHING, None), (Sight.FOREIGN, None)])
def test_the_corners_and_the_words_answer(
    window: KioskWindow, lens: Lens, view: LensView, sight: Sight, hint: str | None
) -> None:
    lens.seen.emit(HALF_LIT, sight.value)
    assert view.sight is sight
    assert hints(window) == ({hint} if hint else set())


def test_corners_have_a_colour_for_each_answer(lens: Lens, view: LensView) -> None:
    pictures = []
    for sight in (Sight.NOTHING, Sight.LIKE_ONE, Sight.READ):
        view._answer_with(sight)
        pictures.append(bytes(view.grab().toImage().constBits()))
    assert len(set(pictures)) == 3


def test_an_answer_ends_and_an_old_picture_is_taken_away(lens: Lens, view: LensView, qtbot: QtBot) -> None:
    view._answer.setInterval(10)
    view._stale.setInterval(30)
    lens.seen.emit(HALF_LIT, Sight.READ.value)
    assert not view._picture.isNull()
    qtbot.waitUntil(lambda: view.sight is Sight.NOTHING)
    qtbot.waitUntil(lambda: view._picture.isNull())
    assert lens_module.ANSWER_MS < lens_module.STALE_MS


def test_a_hidden_view_keeps_no_picture(window: KioskWindow, lens: Lens, view: LensView) -> None:
    lens.seen.emit(HALF_LIT, Sight.READ.value)
    view.hide()
    assert view._picture.isNull()
    lens.seen.emit(HALF_LIT, Sight.READ.value)
    assert view._picture.isNull()


def test_the_hint_moves_nothing(window: KioskWindow, lens: Lens, view: LensView) -> None:
    before = [tile.geometry() for tile in window.frame.tiles()]
    lens.seen.emit(HALF_LIT, Sight.SEVERAL.value)
    window.grab()
    assert [tile.geometry() for tile in window.frame.tiles()] == before
    assert Press.NEXT in [tile.meaning for tile in window.frame.tiles()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hints_are_said_in_every_language(language: str) -> None:
    assert all(TEXTS.has(language, key) for key in ("lens.how", *HINTS.values()))


def camera(qapp: object) -> tuple[FrameScanner, list[tuple[tuple[int, ...], str]]]:
    scanner, seen = FrameScanner("lens", lambda text: text == QR), []
    scanner.looked.connect(lambda picture, sight: seen.append((picture.shape, sight)))
    scanner._become(ScannerState.READY)
    return scanner, seen


def test_a_camera_shows_small_pictures_only_while_it_is_watched(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner, seen = camera(qapp)
    now = 100.0
    monkeypatch.setattr("kiosk.scanners.frames.time.monotonic", lambda: now)
    with QrDecoder(patience_s=30.0) as decoder:
        scanner._look(decoder, lambda: frame_with(QR))
        assert seen == []
        scanner.is_watched = True
        for _ in range(5):
            now += PREVIEW_PERIOD_S / 2 + 0.001
            scanner._look(decoder, lambda: frame_with(QR))
    assert seen == [((180, PREVIEW_WIDTH), "read")] * 3


def test_a_foreign_code_is_told_when_it_was_seen_twice_and_once_as_long_as_it_stays() -> None:
    held = HeldUp()
    payment, link = Foreign.PAYMENT, Foreign.WEB_LINK
    assert [held.is_news(payment, at) for at in (10.0, 10.5, 11.0, 12.0, 14.9)] == [
        False,
        True,
        False,
        False,
        False,
    ]
    # Another one, and the first again after it was away.
    assert [held.is_news(link, at) for at in (15.0, 15.2)] == [False, True]
    assert [held.is_news(payment, at) for at in (30.0, 32.5, 33.0)] == [False, False, True]
    assert not held.is_news(None, 33.1)


def test_another_s_code_before_the_lens_is_told_once_by_its_kind(qtbot: QtBot) -> None:
    scanner, _ = camera(None)
    kinds: list[str] = []
    scanner.foreign.connect(kinds.append)
    frame = frame_with("|PL|00114020040000300201355387|012345|Abonent|||||")
    with QrDecoder(patience_s=30.0) as decoder:
        for _ in range(40):
            scanner._look(decoder, lambda: frame)
    qtbot.waitUntil(lambda: kinds == ["payment"], timeout=60_000)
    scanner.try_out(True)
    with QrDecoder(patience_s=30.0) as decoder, qtbot.assertNotEmitted(scanner.foreign):
        for _ in range(20):
            scanner._look(decoder, lambda: frame)
    scanner.stop()


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080)])
@pytest.mark.parametrize("language", ["pl", "uk", "ar", "ka", "vi"])
def test_the_page_with_the_camera_fits_with_larger_letters_too(
    window: KioskWindow, lens: Lens, language: str, size: tuple[int, int]
) -> None:
    window.resize(*size)
    for is_larger in (False, True):
        manner = Manner(language=language, larger_text=is_larger)
        window.show_screen(CodeEntry(replace(around(), manner=manner)))
        lens.seen.emit(HALF_LIT, Sight.SEVERAL.value)
        assert window._fits(window.frame)
