"""Keys that are held down: they count once, however the system tells of them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class HeldKeys(QObject):
    """Swallows the repetitions that come to a window, not those that a text field within it takes itself.

    X11 repeats a key as a release and a press of one instant, and Qt calls that a repetition only where it finds
    both waiting together: on a busy machine it does not.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._released: dict[int, int] = {}
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow a press that only repeats (Qt's own name and signature)."""
        if not isinstance(event, QKeyEvent):
            return False
        key = event.nativeScanCode() or event.key()
        if event.type() == QEvent.Type.KeyRelease:
            self._released[key] = event.timestamp()
        if event.type() != QEvent.Type.KeyPress:
            return False
        is_same_instant = event.timestamp() > 0 and self._released.get(key) == event.timestamp()
        return event.isAutoRepeat() or is_same_instant
