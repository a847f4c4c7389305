"""Scanners that look at pictures: the newest frame goes to the QR reader in a thread, older ones are lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from kiosk.qr.decoder import GLANCE_S, LIVE_S, REST_S, THOROUGH_S, Accept, QrDecoder, ReaderUnavailable
from kiosk.qr.pixels import Gray, binned
from kiosk.qr.sight import Sight
from kiosk.scanners.scanner import Scanner, ScannerState
from kiosk.visit.foreign import Foreign

# A visitor holds a code up for a second or more: fifteen looks are enough, and leave half a core idle.
_LIVE_PERIOD_S = 1 / 15
_UNAVAILABLE_S = 5.0
# So many looks in a row that find no code have tried every rung: then there is none before the lens.
GONE_LOOKS = 20
# What somebody sees of themselves need not be smoother or finer.
PREVIEW_PERIOD_S, PREVIEW_WIDTH = 0.1, 320


class FrameScanner(Scanner):
    """Read QRs in frames that are offered; `offer` never blocks and keeps only the newest frame.

    While `is_watched`, `looked` carries a small picture (rows × columns of brightness) and the Sight of a frame,
    ten times a second at most; the picture is kept nowhere.
    """

    frame_read = Signal()
    looked = Signal(object, str)
    _text_read = Signal(str)
    _reader_told = Signal(bool)
    _nothing_there = Signal()
    _foreign_seen = Signal(str)

    def __init__(
        self,
        name: str,
        accept: Accept,
        parent: QObject | None = None,
        is_thorough: bool = False,
        rest_s: float = REST_S,
    ) -> None:
        super().__init__(name, parent)
        self._accept = accept
        self._is_thorough = is_thorough
        self._rest_s = rest_s
        self._newest: Callable[[], Gray | None] | None = None
        self._has_work = threading.Condition()
        self._is_halted = False
        self._has_reader = True
        self._stillness = Stillness()
        self._held_up = HeldUp()
        self.is_watched = False
        self._shown_at = 0.0
        self._looks_without_code = GONE_LOOKS
        # Each picture of a folder is shown anew; what is before a lens stays there until it is taken away.
        self.sees_absence = not is_thorough
        self._thread: threading.Thread | None = None
        self._text_read.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._foreign_seen.connect(self._on_foreign, Qt.ConnectionType.QueuedConnection)
        self._nothing_there.connect(self.left, Qt.ConnectionType.QueuedConnection)
        self._reader_told.connect(self._on_reader, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start the reading thread, which starts the decoder's process."""
        if self._thread is not None:
            return
        self._is_halted = False
        self._thread = threading.Thread(target=self._run, name=f"{self.name} scanner", daemon=True)
        self._thread.start()
        super().start()

    def stop(self) -> None:
        """End the thread and the decoder's process."""
        with self._has_work:
            self._is_halted = True
            self._newest = None
            self._has_work.notify()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None
        super().stop()

    def offer(self, frame: Callable[[], Gray | None]) -> None:
        """Take a frame in place of any that still waits; `frame` is called in the reading thread."""
        with self._has_work:
            self._newest = frame
            self._has_work.notify()

    def _become(self, state: ScannerState) -> None:
        is_blind = state is ScannerState.READY and not self._has_reader
        super()._become(ScannerState.LOST if is_blind else state)

    def _on_reader(self, has_reader: bool) -> None:
        self._has_reader = has_reader
        if self.state is not ScannerState.OFF and not has_reader:
            self._become(ScannerState.LOST)

    def _run(self) -> None:
        with QrDecoder(rest_s=self._rest_s) as decoder:
            next_at = self._look(decoder, _nothing)
            while (take := self._next_frame(next_at)) is not None:
                next_at = self._look(decoder, take)
                self.frame_read.emit()

    def _next_frame(self, not_before: float) -> Callable[[], Gray | None] | None:
        """Wait for the newest frame, at the earliest at a time of the monotonic clock; None means stop."""
        with self._has_work:
            self._has_work.wait_for(lambda: self._is_halted, max(0.0, not_before - time.monotonic()))
            self._has_work.wait_for(lambda: self._newest is not None or self._is_halted)
            take, self._newest = self._newest, None
            return None if self._is_halted else take

    def _look(self, decoder: QrDecoder, take: Callable[[], Gray | None]) -> float:
        """Read one frame; return when the next one may be read."""
        began = time.monotonic()
        try:
            decoder.open()
            gray = take()
            text = None if gray is None else decoder.read(gray, self._accept, self._budget_s(gray))
        except ReaderUnavailable:
            self._reader_told.emit(False)
            return began + _UNAVAILABLE_S
        self._reader_told.emit(True)
        if gray is not None:
            self._show(gray, decoder.sight, began)
            # A picture of a folder comes once; before a lens a code stays.
            is_news = self._is_thorough or self._held_up.is_news(decoder.foreign, began)
            if decoder.foreign is not None and is_news:
                self._foreign_seen.emit(decoder.foreign.value)
        if text is not None:
            self._looks_without_code = 0
            self._text_read.emit(text)
        elif gray is not None:
            self._saw_no_code()
        return began if self._is_thorough else began + _LIVE_PERIOD_S

    def _show(self, gray: Gray, sight: Sight, now: float) -> None:
        if self.is_watched and now - self._shown_at >= PREVIEW_PERIOD_S:
            self._shown_at = now
            self.looked.emit(binned(gray, min(16, max(1, gray.shape[1] // PREVIEW_WIDTH))), sight.value)

    def _on_foreign(self, kind: str) -> None:
        if self.state is not ScannerState.OFF and not self.is_tried_out:
            self.foreign.emit(kind)

    def _saw_no_code(self) -> None:
        if self._looks_without_code < GONE_LOOKS:
            self._looks_without_code += 1
            if self._looks_without_code == GONE_LOOKS:
                self._nothing_there.emit()

    def _budget_s(self, gray: Gray) -> float:
        if self._is_thorough:
            return THOROUGH_S
        if self._looks_without_code < GONE_LOOKS:
            # A glance might miss a code that lies there still.
            return LIVE_S
        return GLANCE_S if self._stillness.is_still(gray, time.monotonic()) else LIVE_S


class HeldUp:
    """Tells when a code that is not ours is held up: seen twice within seconds, told once as long as it stays.

    So a code on a poster behind the visitors is told once and not to each of them.
    """

    def __init__(self, twice_within_s: float = 2.0, gone_after_s: float = 3.0) -> None:
        self._twice_within_s, self._gone_after_s = twice_within_s, gone_after_s
        self._seen: Foreign | None = None
        self._seen_at = 0.0
        self._is_told = False

    def is_news(self, kind: Foreign | None, now: float) -> bool:
        """Tell whether the kind seen now (None: none), on a clock in seconds, is to be told."""
        if kind is None:
            return False
        since_s, self._seen_at = now - self._seen_at, now
        if kind is not self._seen or since_s > self._gone_after_s:
            self._seen, self._is_told = kind, False
            return False
        is_news = not self._is_told and since_s <= self._twice_within_s
        self._is_told = self._is_told or is_news
        return is_news


class Stillness:
    """Tells when nothing moves before the camera: then a quick look is enough, and an idle kiosk rests."""

    def __init__(self, patience_s: float = 3.0) -> None:
        self._patience_s = patience_s
        self._seen: NDArray[np.int16] = np.zeros((0, 0), np.int16)
        self._moved_at = 0.0

    def is_still(self, gray: Gray, now: float) -> bool:
        """Tell whether the picture has stayed the same for `patience_s` seconds up to `now`."""
        cells = binned(gray, 16).astype(np.int16)
        if cells.shape != self._seen.shape or np.mean(np.abs(cells - self._seen) > 12) > 0.005:
            self._seen, self._moved_at = cells, now
        return now - self._moved_at > self._patience_s


def _nothing() -> None:
    """Stand for a frame when the reader is only to be started."""


def gray_of_image(image: QImage) -> Gray | None:
    """Return an image's brightness, rows × columns, or None for an empty image."""
    if image.isNull():
        return None
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return gray_of_rows(gray.constBits(), gray.width(), gray.height(), gray.bytesPerLine())


def gray_of_rows(
    data: bytes | bytearray | memoryview, width: int, height: int, bytes_per_line: int, step: int = 1
) -> Gray | None:
    """Copy the brightness out of rows that may be padded; `step` bytes belong to each pixel, the first counts."""
    if len(data) < bytes_per_line * (height - 1) + width * step:
        return None
    flat = np.frombuffer(data, np.uint8, count=len(data))
    rows = np.lib.stride_tricks.as_strided(flat, (height, width), (bytes_per_line, step), writeable=False)
    return np.array(rows, order="C")
