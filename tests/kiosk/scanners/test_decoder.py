"""The reading process and its ladder: what is read, what is refused, what it survives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from bench.hard_set import CONDITIONS, EMPTY, FOREIGN, Scan
from kiosk.qr import pixels
from kiosk.qr.decoder import LIVE_S, MAX_SIDE, REST_S, THOROUGH_S, QrDecoder, ReaderUnavailable
from kiosk.qr.ladder import FIRST_RUNGS, OTHER_RUNGS, RUNGS, THOROUGH_RUNGS, printable
from kiosk.qr.ladder import FOREIGN as FOREIGN_LOOK
from kiosk.scanners.opened import is_booking_qr
from tests.kiosk.scanners.pictures_of_codes import QR, frame_with, frame_with_eci

BOOKED = "NQ1:MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"


@pytest.fixture(scope="module")
def decoder() -> Iterator[QrDecoder]:
    with QrDecoder(patience_s=5.0) as decoder:
        yield decoder


def test_a_clean_code_is_read(decoder):
    assert decoder.read(frame_with(QR), is_booking_qr) == QR


def test_an_inverted_code_is_read(decoder):
    assert decoder.read(255 - frame_with(QR), is_booking_qr) == QR


def test_a_view_that_is_not_contiguous_is_read(decoder):
    wide = np.repeat(frame_with(QR), 2, axis=1)
    assert decoder.read(wide[:, ::2], is_booking_qr) == QR


def test_a_large_photograph_is_reduced_and_read(decoder):
    assert decoder.read(frame_with(QR, module=30, size=(3000, 4000)), is_booking_qr, THOROUGH_S) == QR


@pytest.mark.parametrize(
    "text", ["https://example.org/", "NQ1:short", "NQ1:" + "a" * 32, "482910378", "NQ2:" + QR[4:]]
)
def test_a_text_that_is_not_ours_is_refused(decoder, text):
    assert decoder.read(frame_with(text), lambda found: found == text, THOROUGH_S) == text
    assert decoder.read(frame_with(text), is_booking_qr, THOROUGH_S) is None


def test_each_rung_says_nothing_about_an_empty_frame(decoder):
    assert decoder.read(frame_with(""), lambda text: True, THOROUGH_S) is None
    assert decoder.restarts == 0


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (31, 31)])
def test_a_frame_too_small_for_a_code_reads_as_nothing(decoder, shape):
    assert decoder.read(np.zeros(shape, np.uint8), is_booking_qr) is None


@pytest.mark.parametrize("shape", [(32, 32), (32, 300), (300, 32), (401, 399)])
def test_every_rung_bears_odd_frames(shape):
    for rung in RUNGS:
        assert rung(np.zeros(shape, np.uint8)) == []


def test_a_frame_larger_than_any_camera_s_reads_as_nothing(decoder):
    assert decoder.read(np.zeros((40, MAX_SIDE + 1), np.uint8), is_booking_qr) is None


def test_control_an_eci_header_kills_whoever_reads_it_with_zbar(tmp_path):
    np.save(tmp_path / "frame.npy", frame_with_eci(0, QR))
    program = "import numpy, sys; from kiosk.qr.ladder import by_zbar; by_zbar(numpy.load(sys.argv[1]))"
    environment = {**os.environ, "PYTHONFAULTHANDLER": ""}
    ended = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "frame.npy"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert ended.returncode == -signal.SIGABRT


def test_an_eci_header_costs_a_frame_and_not_the_kiosk():
    with QrDecoder(patience_s=5.0) as decoder:
        assert decoder.read(frame_with_eci(0, QR), lambda text: False, THOROUGH_S) is None
        assert decoder.restarts == 1
        assert decoder.read(frame_with(QR), is_booking_qr) == QR


def test_the_rung_that_brought_the_process_down_rests_a_minute():
    now = 1_000.0
    with QrDecoder(patience_s=30.0, clock=lambda: now) as decoder:

        def seen() -> tuple[str | None, int]:
            return decoder.read(frame_with_eci(0, QR), lambda text: False, THOROUGH_S), decoder.restarts

        killers = 0
        while seen() and decoder.restarts > killers:
            killers = decoder.restarts
        assert 1 <= killers <= len(THOROUGH_RUNGS)
        now += REST_S - 1
        assert seen() == (None, killers)
        now += 1
        assert seen() == (None, killers + 1)


def test_a_camera_s_frames_are_never_given_to_zbar():
    with QrDecoder(patience_s=30.0) as decoder:
        for _ in OTHER_RUNGS:
            assert decoder.read(frame_with_eci(0, QR), lambda text: False, LIVE_S) is None
        assert decoder.restarts == 0


def test_frames_with_time_for_one_more_rung_see_all_of_them_within_a_second():
    decoder, live = QrDecoder(), len(FIRST_RUNGS) + len(OTHER_RUNGS)
    tried = [list(islice(decoder._rungs(is_thorough=False), len(FIRST_RUNGS) + 1)) for _ in range(15)]
    assert {rung for frame in tried for rung in frame} == {*range(live), FOREIGN_LOOK}


def test_a_process_that_answers_no_more_is_replaced():
    with QrDecoder(patience_s=0.05, rest_s=0.0) as decoder:
        while decoder.read(frame_with(QR), is_booking_qr) != QR:
            assert decoder.restarts < 20
        before = decoder.restarts
        os.kill(decoder._child.pid, signal.SIGSTOP)
        assert decoder.read(frame_with(QR), is_booking_qr) is None
        assert decoder.restarts == before + 1


def test_a_reader_that_cannot_start_is_told(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with QrDecoder() as decoder, pytest.raises(ReaderUnavailable):
        decoder.read(frame_with(QR), is_booking_qr)


def test_a_closed_decoder_leaves_no_process():
    decoder = QrDecoder()
    decoder.read(frame_with(QR), is_booking_qr)
    child = decoder._child
    decoder.close()
    assert child.poll() is not None
    decoder.close()


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_mild_case_of_each_condition_is_read_in_one_scan(decoder, condition):
    scan = Scan(condition, 0.2, BOOKED, seed=5)
    assert BOOKED in (decoder.read(frame, is_booking_qr) for frame in scan.frames(4))


@pytest.mark.parametrize("condition", [EMPTY, FOREIGN])
def test_nothing_is_read_where_there_is_nothing_of_ours(decoder, condition):
    scan = Scan(condition, 0.0, "", seed=6)
    assert [decoder.read(frame, is_booking_qr, THOROUGH_S) for frame in scan.frames(2)] == [None, None]


def test_only_printable_texts_of_bounded_length_leave_the_process():
    texts = ["good", "good", "", "bad\x07", "bad\nline", "żółw", "A" * 256, "A" * 257]
    assert printable(texts) == ["good", "A" * 256]


def test_binning_smoothing_and_doubling_keep_a_flat_frame_flat():
    flat = np.full((90, 120), 77, np.uint8)
    for changed in (
        pixels.binned(flat, 3),
        pixels.smoothed(flat, 5),
        pixels.doubled(flat),
        pixels.sharpened(flat, 5, 4),
    ):
        assert set(np.unique(changed)) == {77}


def test_the_busiest_square_holds_the_code():
    frame = np.full((720, 1280), 128, np.uint8)
    frame[500:650, 1000:1150] = frame_with(QR, module=4, size=(150, 150))
    cut = pixels.busiest(frame, 400)
    assert cut.shape == (400, 400)
    assert np.count_nonzero(cut != 128) == np.count_nonzero(frame != 128)


def test_a_reader_that_is_still_held_at_exit_makes_the_library_say_nothing():
    held = (
        "import ctypes, numpy; from kiosk.qr.ladder import by_zxing;"
        "by_zxing(numpy.full((90, 90), 255, numpy.uint8));"
        "ctypes.pythonapi.Py_IncRef(ctypes.py_object(by_zxing))"
    )
    done = subprocess.run([sys.executable, "-c", held], capture_output=True, text=True, check=True)
    assert done.stderr == ""
