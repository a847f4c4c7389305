"""A window that visitors cannot leave: full screen, no close, no menus, no drops, no pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

FORBIDDEN = (QEvent.Type.ContextMenu, QEvent.Type.DragEnter, QEvent.Type.Drop, QEvent.Type.Shortcut)
MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
# The staff's way out, Ctrl+Alt+Shift+Q: more keys than a visitor's keypad or a scanner has.
STAFF_KEYS = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier,
    Qt.Key.Key_Q,
)


class KioskMode(QObject):
    """Hold one window full screen; `leave()`, a signal and STAFF_KEYS are the only ways out."""

    def __init__(self, window: QWidget, show_pointer: bool = False) -> None:
        """Take `window` to the full screen at once; without `show_pointer` the mouse pointer is hidden."""
        super().__init__(window)
        self._window = window
        flags = window.windowFlags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        window.setWindowFlags(flags)
        window.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        if not show_pointer:
            QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self._shows_pointer = show_pointer
        _application().installEventFilter(self)
        window.showFullScreen()

    def leave(self) -> None:
        """Let the window go again, for a clean end of the program."""
        _application().removeEventFilter(self)
        if not self._shows_pointer:
            QApplication.restoreOverrideCursor()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what would open, close or move anything."""
        kind = event.type()
        if isinstance(event, QKeyEvent) and event.keyCombination() == STAFF_KEYS:
            # Not quit(): that asks every window first, and this one never closes.
            QApplication.exit(0)
            return True
        if kind in FORBIDDEN:
            return True
        if kind == QEvent.Type.Close and watched is self._window:
            event.ignore()
            return True
        if kind == QEvent.Type.WindowStateChange and watched is self._window:
            self._stay_full_screen()
        return isinstance(event, QKeyEvent) and bool(event.modifiers() & MODIFIERS)

    def _stay_full_screen(self) -> None:
        if not self._window.isFullScreen():
            self._window.showFullScreen()


def _application() -> QApplication:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    return application
