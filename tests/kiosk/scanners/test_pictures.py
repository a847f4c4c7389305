"""Frames from picture files and from video, on their way to the reader."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat, QVideoSink
from pytestqt.qtbot import QtBot

from kiosk.scanners import camera
from kiosk.scanners.camera import CameraScanner, gray_of_frame
from kiosk.scanners.frames import FrameScanner, Stillness
from kiosk.scanners.opened import is_booking_qr
from kiosk.scanners.pictures import PictureScanner
from tests.kiosk.scanners.pictures_of_codes import QR, frame_with

SECOND = "NQ1:MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
PATIENCE_MS = 30_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def pictures(folder: Path, qtbot: QtBot) -> Iterator[PictureScanner]:
    scanner = PictureScanner(str(folder), is_booking_qr)
    scanner.texts = []
    scanner.scanned.connect(scanner.texts.append)
    yield scanner
    scanner.stop()


def test_a_picture_dropped_into_the_folder_is_a_scan_and_an_old_one_is_not(folder, pictures, qtbot):
    Image.fromarray(frame_with(QR)).save(folder / "old.png")
    pictures.start()
    Image.fromarray(frame_with(SECOND)).save(folder / "new.png")
    qtbot.waitUntil(lambda: pictures.texts == [SECOND], timeout=PATIENCE_MS)


def test_a_picture_of_another_s_code_is_told_by_its_kind(folder, pictures, qtbot):
    kinds: list[str] = []
    pictures.foreign.connect(kinds.append)
    pictures.start()
    Image.fromarray(frame_with("https://example.org/menu")).save(folder / "link.png")
    qtbot.waitUntil(lambda: kinds == ["web_link"], timeout=PATIENCE_MS)
    assert pictures.texts == []


def test_two_pictures_at_once_are_both_read_and_broken_ones_are_passed_over(folder, pictures, qtbot):
    pictures.start()
    (folder / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (folder / "b.txt").write_text("not a picture")
    Image.fromarray(frame_with(QR)).save(folder / "c.png")
    Image.fromarray(frame_with(SECOND)).convert("RGB").save(folder / "d.jpg")
    qtbot.waitUntil(lambda: pictures.texts == [QR, SECOND], timeout=PATIENCE_MS)


def test_a_folder_that_vanishes_is_lost_and_found_again(folder, pictures, qtbot):
    pictures.start()
    folder.rmdir()
    qtbot.waitUntil(lambda: pictures.state == "lost")
    folder.mkdir()
    qtbot.waitUntil(lambda: pictures.state == "ready")


def test_a_single_file_is_read_at_the_start(folder, qtbot):
    path = folder / "code.png"
    Image.fromarray(frame_with(QR)).save(path)
    scanner = PictureScanner(str(path), is_booking_qr)
    with qtbot.waitSignal(scanner.scanned, timeout=PATIENCE_MS) as scan:
        scanner.start()
    scanner.stop()
    assert scan.args == [QR]


@pytest.mark.parametrize("width", [1280, 1277])
def test_padded_rows_of_a_video_frame_are_read_right(width):
    gray = frame_with(QR)[:, :width].copy()
    image = QImage(gray.data, width, 720, width, QImage.Format.Format_Grayscale8)
    for made in (image.copy(), image.convertToFormat(QImage.Format.Format_RGB32)):
        assert np.array_equal(gray_of_frame(QVideoFrame(made)), gray)


@pytest.mark.parametrize(("name", "step"), [("YUYV", 2), ("NV12", 1)])
def test_the_brightness_of_yuv_frames_is_taken_as_it_is(name, step):
    gray = frame_with(QR)
    kind = QVideoFrameFormat.PixelFormat[f"Format_{name}"]
    frame = QVideoFrame(QVideoFrameFormat(QImage(1280, 720, QImage.Format.Format_Grayscale8).size(), kind))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    stride = frame.bytesPerLine(0)
    plane = np.frombuffer(frame.bits(0), np.uint8)[: stride * 720].reshape(720, stride)
    plane[:, : 1280 * step : step] = gray
    frame.unmap()
    assert np.array_equal(gray_of_frame(frame), gray)


# Qt says so where it finds no graphics card to decode video with.
@pytest.mark.qt_log_ignore("^Couldn't (load|resolve) ", "^Using Qt multimedia")
def test_a_code_before_the_camera_is_a_scan(qtbot, monkeypatch):
    monkeypatch.setattr(camera, "_device", lambda wanted: None)
    scanner, sink, states = CameraScanner("default", is_booking_qr), QVideoSink(), []
    scanner.state_changed.connect(states.append)
    scanner.start()
    scanner.watch(sink)
    gray = frame_with(QR)
    frame = QVideoFrame(QImage(gray.data, 1280, 720, 1280, QImage.Format.Format_Grayscale8).copy())
    with qtbot.waitSignal(scanner.scanned, timeout=PATIENCE_MS) as scan:
        sink.setVideoFrame(frame)
    scanner.stop()
    assert scan.args == [QR]
    assert states == ["lost", "ready", "off"]


@pytest.mark.qt_log_ignore("^Couldn't (load|resolve) ", "^Using Qt multimedia")
def test_a_camera_that_was_silent_is_looked_for_anew_and_heard_again(qtbot, monkeypatch):
    monkeypatch.setattr(camera, "_device", lambda wanted: None)
    monkeypatch.setattr(camera, "_WATCHDOG_MS", 20)
    scanner, sink, states = CameraScanner("default", is_booking_qr), QVideoSink(), []
    scanner.state_changed.connect(states.append)
    scanner.watch(sink)
    scanner.start()
    image = QImage(1280, 720, QImage.Format.Format_Grayscale8)
    image.fill(0)
    sink.setVideoFrame(QVideoFrame(image))
    qtbot.waitUntil(lambda: states == ["lost", "ready", "lost"])
    qtbot.wait(50)  # what was to be deleted is
    sink.setVideoFrame(QVideoFrame(image))
    assert states == ["lost", "ready", "lost", "ready"]
    scanner.stop()


def test_frames_that_come_too_fast_are_forgotten_and_the_window_stays_alive(qtbot):
    scanner, taken, ticks = FrameScanner("flood", is_booking_qr), [], []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: ticks.append(time.monotonic()))
    timer.start()

    def frame(number: int) -> np.ndarray:
        taken.append(number)
        return frame_with(QR if number == 499 else "")

    scanner.start()
    with qtbot.waitSignal(scanner.scanned, timeout=PATIENCE_MS):
        for number in range(500):
            scanner.offer(lambda number=number: frame(number))
    scanner.stop()
    assert taken[-1] == 499
    # Reading all 500 would take ten seconds, in which the window would stand still.
    assert len(taken) <= 50
    assert max(np.diff(ticks)) < 5


def test_a_camera_without_a_reader_is_lost_though_frames_come(qtbot, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    scanner = FrameScanner("blind", is_booking_qr)
    scanner.start()
    qtbot.waitUntil(lambda: scanner.state == "lost")
    scanner.stop()


def test_a_hall_where_nobody_moves_is_still_until_a_code_is_held_up():
    stillness, noise = Stillness(patience_s=3.0), np.random.default_rng(1)

    def seen(frame: np.ndarray) -> np.ndarray:
        return np.clip(frame + noise.normal(0, 20, frame.shape), 0, 255).astype(np.uint8)

    assert [stillness.is_still(seen(frame_with("")), at) for at in (0.0, 2.0, 4.0)] == [False, False, True]
    assert not stillness.is_still(seen(frame_with(QR, module=3)), 5.0)
    assert not stillness.is_still(seen(frame_with(QR, module=3)), 7.0)
