"""Scanners that look at pictures: the newest frame goes to the QR reader in a thread, older ones are lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from kiosk.qr.decoder import Accept, QrDecoder
from kiosk.qr.pixels import Gray
from kiosk.scanners.scanner import Scanner

# A visitor holds a code up for a second or more: fifteen looks are enough, and leave half a core idle.
_LIVE_PERIOD_S = 1 / 15


class FrameScanner(Scanner):
    """Read QRs in frames that are offered; `offer` never blocks and keeps only the newest frame."""

    frame_read = Signal()
    _text_read = Signal(str)

    def __init__(
        self, name: str, accept: Accept, parent: QObject | None = None, is_thorough: bool = False
    ) -> None:
        super().__init__(name, parent)
        self._accept = accept
        self._is_thorough = is_thorough
        self._newest: Callable[[], Gray | None] | None = None
        self._has_work = threading.Condition()
        self._is_halted = False
        self._thread: threading.Thread | None = None
        self._text_read.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start the reading thread and, with the first frame, the decoder's process."""
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

    def _run(self) -> None:
        next_at = 0.0
        with QrDecoder() as decoder:
            while True:
                with self._has_work:
                    self._has_work.wait_for(lambda: self._is_halted, max(0.0, next_at - time.monotonic()))
                    self._has_work.wait_for(lambda: self._newest is not None or self._is_halted)
                    take, self._newest = self._newest, None
                    if self._is_halted or take is None:
                        return
                next_at = 0.0 if self._is_thorough else time.monotonic() + _LIVE_PERIOD_S
                gray = take()
                text = None if gray is None else decoder.read(gray, self._accept, self._is_thorough)
                if text is not None:
                    self._text_read.emit(text)
                self.frame_read.emit()


def gray_of_image(image: QImage) -> Gray | None:
    """Return an image's brightness, rows × columns, or None for an empty image."""
    if image.isNull():
        return None
    gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
    return gray_of_rows(gray.constBits(), gray.width(), gray.height(), gray.bytesPerLine())


def gray_of_rows(
    data: memoryview, width: int, height: int, bytes_per_line: int, step: int = 1
) -> Gray | None:
    """Copy the brightness out of rows that may be padded; `step` bytes belong to each pixel, the first counts."""
    if len(data) < bytes_per_line * (height - 1) + width * step:
        return None
    flat = np.frombuffer(data, np.uint8, count=len(data))
    rows = np.lib.stride_tricks.as_strided(flat, (height, width), (bytes_per_line, step), writeable=False)
    return np.array(rows, order="C")
