"""Folded, creased, dim, reflecting and half hidden codes; what must never be read; two codes at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bench.faults import FAULTS, WRONG, FaultyScan, foreign_modules
from bench.hard_set import text_of
from bench.photograph import View, hall, modules_of, placed, sheet, taken
from kiosk.qr import bent_reader
from kiosk.qr.bent import SIDE, agreement, best_grid, equalised, fixed, redrawn
from kiosk.qr.bent_reader import LIKE_ONE, SAME_CODE, BentReader
from kiosk.qr.decoder import ALONE_FRAMES, THOROUGH_S, QrDecoder
from kiosk.qr.finders import finders
from kiosk.qr.ladder import by_zxing, foreign_kind
from kiosk.qr.pixels import Gray, busiest, smoothed
from kiosk.qr.sight import Sight
from kiosk.scanners.opened import is_booking_qr
from kiosk.visit.foreign import Foreign
from tests.kiosk.scanners.pictures_of_codes import QR, frame_with

RNG = np.random.default_rng(3)
BOOKED = text_of(np.random.default_rng(3))


@pytest.fixture(scope="module")
def decoder() -> Iterator[QrDecoder]:
    with QrDecoder(patience_s=30.0) as decoder:
        yield decoder


def near(frame: Gray) -> Gray:
    return smoothed(busiest(frame, 400), 3)


@pytest.mark.parametrize("condition", FAULTS)
def test_a_plain_case_of_each_fault_is_read_in_one_scan(decoder: QrDecoder, condition: str) -> None:
    scan = FaultyScan(condition, 0.6, BOOKED, seed=12)
    assert BOOKED in [decoder.read(frame, is_booking_qr, THOROUGH_S) for frame in scan.frames(5)]


@pytest.mark.parametrize("condition", WRONG)
def test_where_no_single_code_of_ours_is_nothing_is_read(decoder: QrDecoder, condition: str) -> None:
    scan = FaultyScan(condition, 0.5, "", seed=6)
    assert [decoder.read(frame, is_booking_qr, THOROUGH_S) for frame in scan.frames(3)] == [None] * 3


@pytest.mark.parametrize("condition", ["fold", "creased paper", "partly off the frame"])
def test_a_bent_grid_reads_what_a_flat_one_does_not(condition: str) -> None:
    scan, read = FaultyScan(condition, 0.7, BOOKED, seed=12), BentReader(by_zxing)
    frames = list(scan.frames(4))
    assert [BOOKED] in [read(near(frame)) for frame in frames]
    # The control: the same pictures, by the reader with a flat grid.
    assert sum(by_zxing(near(frame)) == [BOOKED] for frame in frames) < len(frames)


def half_hidden(is_left: bool, text: str = QR) -> Gray:
    """Draw a code of which a lamp has made one half of the middle white."""
    frame = frame_with(text)
    rows, columns = slice(330, 390), slice(566, 640) if is_left else slice(640, 714)
    frame[rows, columns] = 230
    return near(frame)


def test_what_two_frames_have_shown_is_added_up() -> None:
    left, right = half_hidden(is_left=True), half_hidden(is_left=False)
    # The control: neither can be read alone.
    assert [BentReader(by_zxing)(frame) for frame in (left, right)] == [[], []]
    reader = BentReader(by_zxing, clock=lambda: 0.0)
    assert [QR] in [reader(frame) for frame in (left, right, left, right)]


def test_the_next_visitor_s_code_is_not_added_to_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown_after_another() -> tuple[float, list[str]]:
        reader = BentReader(by_zxing, clock=lambda: 0.0)
        for is_left in (True, False, True, False):
            reader(half_hidden(is_left))
        texts = reader(half_hidden(True, BOOKED))
        alone = BentReader(by_zxing, clock=lambda: 0.0)
        alone(half_hidden(True, BOOKED))
        return float(np.abs(reader._shown.dark - alone._shown.dark).max()), texts

    assert shown_after_another() == (0.0, [])
    # The control: without the comparison the visitor before would be read of this one's code.
    monkeypatch.setattr(bent_reader, "SAME_CODE", 0.0)
    mixed, texts = shown_after_another()
    assert mixed > 0.5
    assert texts == [QR]


def test_two_looks_at_one_code_agree_and_two_codes_do_not() -> None:
    def clear(frame: Gray) -> np.ndarray:
        reader = BentReader(lambda gray: [])
        reader(frame)
        return reader._shown.clear

    codes = [clear(near(frame_with(text_of(RNG)))) for _ in range(12)]
    others = [agreement(one, other) for place, one in enumerate(codes) for other in codes[:place]]
    assert max(others) < SAME_CODE - 0.1
    looks = [clear(half_hidden(is_left)) for is_left in (True, False)]
    assert agreement(*looks) > SAME_CODE


def test_what_was_shown_long_ago_is_forgotten() -> None:
    now = 0.0
    reader = BentReader(lambda gray: [], clock=lambda: now)
    frame = near(frame_with(QR))
    reader(frame)
    first = reader._shown
    now = 0.5
    reader(frame)
    assert np.abs(reader._shown.dark).sum() > np.abs(first.dark).sum()
    now = 10.0
    reader(frame)
    assert np.allclose(reader._shown.dark, first.dark)


def test_what_is_fixed_is_what_every_code_of_ours_shows() -> None:
    known = fixed()[2:-2, 2:-2]
    for _ in range(20):
        dark = modules_of(text_of(RNG))[4:-4, 4:-4]
        assert dark.shape == (SIDE, SIDE)
        assert (known == 0).sum() < dark.size * 0.7
        assert np.all((known == 0) | ((known > 0) == dark))


def test_a_drawing_of_modules_is_read_and_a_wrong_one_is_not() -> None:
    dark = np.pad(np.where(modules_of(QR)[4:-4, 4:-4], 1.0, -1.0), 2, constant_values=-1).astype(np.float32)
    assert by_zxing(redrawn(dark)) == [QR]
    assert by_zxing(redrawn(-dark)) == []


def test_a_smear_to_the_side_is_taken_out() -> None:
    dark = np.pad(np.where(modules_of(QR)[4:-4, 4:-4], 1.0, -1.0), 2, constant_values=-1).astype(np.float32)
    smeared = 0.4 * dark + 0.4 * np.roll(dark, 1, 1) + 0.2 * np.roll(dark, 1, 0)
    clear, surety = equalised(smeared)
    assert by_zxing(redrawn(smeared)) == []
    assert by_zxing(redrawn(clear)) == [QR]
    assert surety > 0.9


def test_marks_and_grids_tell_a_code_from_a_hall() -> None:
    def likeness(frame: Gray) -> float:
        found = best_grid(near(frame).astype(np.float32), finders(near(frame)))
        return 0.0 if found is None else found[1]

    assert likeness(frame_with(QR)) > 0.9
    empty = [likeness(next(FaultyScan("no code", 0, "", seed).frames(1))) for seed in range(12)]
    assert max(empty) < LIKE_ONE


@pytest.mark.parametrize("shape", [(64, 64), (65, 401), (400, 70)])
def test_odd_and_flat_pictures_are_borne(shape: tuple[int, int]) -> None:
    reader = BentReader(by_zxing)
    assert reader(np.zeros(shape, np.uint8)) == []
    assert reader(RNG.integers(0, 256, shape, np.uint8)) == []


def photographed(*texts: str) -> Gray:
    """Photograph codes beside each other."""
    view, scene = View(module=6.0), hall(np.random.default_rng(4))
    for number, text in enumerate(texts):
        scene = placed(*sheet(modules_of(text), view), replace(view, centre=(320 + 320 * number, 360)), scene)
    return taken(scene, view, np.random.default_rng(5))


def test_of_two_codes_of_ours_none_is_taken_until_one_is_alone(decoder: QrDecoder) -> None:
    assert decoder.read(photographed(QR, BOOKED), is_booking_qr) is None
    assert decoder.sight is Sight.SEVERAL
    alone = photographed(BOOKED)
    for _ in range(ALONE_FRAMES):
        assert (decoder.read(alone, is_booking_qr), decoder.sight) == (None, Sight.SEVERAL)
    assert (decoder.read(alone, is_booking_qr), decoder.sight) == (BOOKED, Sight.READ)


def test_another_visitor_s_code_is_taken_at_once_after_two(decoder: QrDecoder) -> None:
    third = text_of(RNG)
    assert decoder.read(photographed(QR, BOOKED), is_booking_qr) is None
    assert decoder.read(photographed(third), is_booking_qr) == third


def test_the_same_code_twice_is_one(decoder: QrDecoder) -> None:
    fourth = text_of(RNG)
    assert decoder.read(photographed(fourth, fourth), is_booking_qr) == fourth


def test_a_code_that_cannot_be_read_is_told_as_something_like_one(decoder: QrDecoder) -> None:
    frame = next(FaultyScan("damaged beyond repair", 0.5, "", 6).frames(1))
    assert decoder.read(frame, is_booking_qr, THOROUGH_S) is None
    assert decoder.sight is Sight.LIKE_ONE
    decoder.read(frame_with(""), is_booking_qr, THOROUGH_S)
    assert decoder.sight is Sight.NOTHING


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("foreign QR", Foreign.PAYMENT),
        ("PDF417", Foreign.TRAVEL_TICKET),
        ("DataMatrix", Foreign.OTHER),
    ],
)
def test_the_kind_of_a_code_that_is_held_up_is_told(decoder: QrDecoder, name: str, kind: Foreign) -> None:
    frame = next(FaultyScan(name, 0.5, "", 11).frames(1))
    assert decoder.read(frame, is_booking_qr, THOROUGH_S) is None
    assert (decoder.sight, decoder.foreign) == (Sight.FOREIGN, kind)


def test_a_small_one_on_a_poster_is_not(decoder: QrDecoder) -> None:
    view, scene = View(module=2.0), hall(np.random.default_rng(4))
    frame = taken(
        placed(*sheet(foreign_modules("foreign QR"), view), view, scene), view, np.random.default_rng(5)
    )
    assert foreign_kind(frame) is None
    assert foreign_kind(next(FaultyScan("foreign QR", 0.5, "", 6).frames(1))) is Foreign.PAYMENT


def test_ours_beside_another_s_is_read_and_the_other_not_told(decoder: QrDecoder) -> None:
    ours = text_of(RNG)
    assert decoder.read(photographed(ours, "https://example.org/menu"), is_booking_qr) == ours
    assert decoder.foreign is None
