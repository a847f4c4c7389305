"""Picture files as a scanner: a picture dropped into a folder is a frame."""

from __future__ import annotations

import os
from collections import deque
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImageReader

from kiosk.qr.decoder import MAX_SIDE, Accept
from kiosk.qr.pixels import Gray
from kiosk.scanners.frames import FrameScanner, gray_of_image
from kiosk.scanners.scanner import ScannerState

_POLL_MS = 100
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".pgm"})
_MAX_BYTES = 20_000_000

Stamp = tuple[int, int]


class PictureScanner(FrameScanner):
    """Watch a picture file, or a folder whose new and changed pictures are frames, one after the other.

    What lies in a folder at the start is old and not read; a single file is read then and when it changes.
    """

    def __init__(self, path: str, accept: Accept, parent: QObject | None = None) -> None:
        super().__init__("images", accept, parent, is_thorough=True)
        self._path = Path(path)
        self._known: dict[str, Stamp] = {}
        self._settling: dict[str, Stamp] = {}
        self._waiting: deque[str] = deque()
        self._is_busy = False
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.frame_read.connect(self._on_frame_read)

    def start(self) -> None:
        """Remember what is there and begin to watch."""
        super().start()
        self._known = self._listing() if self._path.is_dir() else {}
        self._settling = dict(self._known)
        self._timer.start()
        self._poll()

    def stop(self) -> None:
        """Stop watching; pictures that still wait are forgotten."""
        self._timer.stop()
        self._waiting.clear()
        self._is_busy = False
        super().stop()

    def _poll(self) -> None:
        """Queue each new picture whose size and time stood still since the last look (it may be half written)."""
        listing = self._listing()
        self._become(ScannerState.READY if self._path.exists() else ScannerState.LOST)
        for name, stamp in listing.items():
            if self._known.get(name) != stamp and self._settling.get(name) == stamp:
                self._known[name] = stamp
                self._waiting.append(name)
        self._settling = listing
        self._offer_next()

    def _listing(self) -> dict[str, Stamp]:
        try:
            entries = list(os.scandir(self._path)) if self._path.is_dir() else [self._path]
            stats = {os.fspath(e): e.stat() for e in entries if Path(e).suffix.lower() in _SUFFIXES}
        except OSError:
            return {}
        return {
            name: (s.st_mtime_ns, s.st_size)
            for name, s in sorted(stats.items())
            if 0 < s.st_size <= _MAX_BYTES
        }

    def _offer_next(self) -> None:
        if self._waiting and not self._is_busy:
            self._is_busy = True
            self.offer(partial(_loaded, self._waiting.popleft()))

    def _on_frame_read(self) -> None:
        self._is_busy = False
        self._offer_next()


def _loaded(path: str) -> Gray | None:
    """Load a picture's brightness, or None if it is broken or too large."""
    reader = QImageReader(path)
    size = reader.size()
    if max(size.width(), size.height()) > MAX_SIDE:
        return None
    return gray_of_image(reader.read())
