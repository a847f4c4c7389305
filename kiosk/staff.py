"""What staff can do at the kiosk itself: the scanner test, opened by keys that no visitor and no scanner has."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from kiosk.scanners import ScannerSet
from kiosk.scanners.scanner import Added, Reading
from kiosk.scanners.trial import advised_gap_ms, fitting, keep_gap_ms, visible
from kiosk.screens.scanner_test import ScannerTestPage
from kiosk.screens.window import KioskWindow
from terminal.kiosk_mode import STAFF_MODIFIERS, handle_of

SCANNER_TEST_KEYS = QKeyCombination(STAFF_MODIFIERS, Qt.Key.Key_S)
# A test that was left open gives the kiosk back to visitors.
LEFT_ALONE_MS = 180_000


class ScannerTest(QObject):
    """Opens the scanner test on its keys, and keeps the pause that it found in a file of this terminal."""

    def __init__(
        self, window: KioskWindow, scanners: ScannerSet, added: Added, kept_in: Path, *, by_keys: bool = True
    ) -> None:
        """Watch for the keys, unless the test is opened by the staff's menu only."""
        super().__init__(window)
        self._window, self._scanners, self._added, self._kept_in = window, scanners, added, kept_in
        self.page: ScannerTestPage | None = None
        self._longest_ms = 0
        self._left_alone = QTimer(self, singleShot=True, interval=LEFT_ALONE_MS)
        self._left_alone.timeout.connect(self.close)
        scanners.came.connect(self._on_reading)
        if by_keys:
            handle_of(window).installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the staff's keys, before the mode of the kiosk swallows them (Qt's own name and signature)."""
        is_press = event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.keyCombination() == SCANNER_TEST_KEYS:
            self.open()
            return True
        return False

    def open(self) -> None:
        """Show the test, unless the staff have a page open; scans reach no visitor until it is closed."""
        if self._window.is_covered:
            return
        self.page = ScannerTestPage(self._window.staff_look())
        self.page.closed.connect(self.close)
        self.page.kept.connect(self.keep)
        self._longest_ms = 0
        self._window.cover(self.page)
        self._scanners.try_out(True)
        self._left_alone.start()

    def close(self) -> None:
        """End the test."""
        self.page = None
        self._left_alone.stop()
        self._scanners.try_out(False)
        self._window.uncover()

    def keep(self) -> None:
        """Let the scanner make the advised pauses from now on, also after the next start."""
        if self.page is None:
            return
        self._left_alone.start()
        advised = advised_gap_ms(self._longest_ms)
        self._scanners.gap_ms = advised
        try:
            keep_gap_ms(self._kept_in, advised)
        except OSError as error:
            self.page.show_not_kept(error.strerror or str(error))
        else:
            self.page.show_pause(self._longest_ms, advised, advised, is_kept=True)

    def _on_reading(self, reading: Reading) -> None:
        if self.page is None:
            return
        self._left_alone.start()
        by_layout = None if reading.by_layout is None else visible(reading.by_layout)
        fits = fitting(reading, self._added)
        self.page.show_reading(reading.scanner, visible(reading.by_code), by_layout, fits)
        if reading.by_layout is None:
            self.page.show_no_pause()
            return
        # Of all scans of this test: one may have been quicker by chance.
        self._longest_ms = max(self._longest_ms, reading.longest_gap_ms)
        self.page.show_pause(self._longest_ms, self._scanners.gap_ms, advised_gap_ms(self._longest_ms))
