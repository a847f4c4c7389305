"""Keyboard-wedge scanners: bursts of keys faster than any hand, read by scan code whatever the layout."""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from kiosk.scanners.scanner import MAX_TEXT, Scanner, ScannerState

MAX_GAP_MS = 60
_GRACE_MS = 10
# Fingers roll over two or three keys within the gap; the shortest code of ours has nine characters.
MIN_CHARS = 6

# Rows of a US keyboard: first scan code (X11: evdev + 8), characters without and with Shift.
_US_ROWS = (
    (10, "1234567890-=", "!@#$%^&*()_+"),
    (24, "qwertyuiop[]", "QWERTYUIOP{}"),
    (38, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (51, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (63, "*", "*"),
    (65, " ", " "),
    (79, "789-456+1230.", "789-456+1230."),
    (106, "/", "/"),
)
_US = {
    first + place: pair
    for first, low, high in _US_ROWS
    for place, pair in enumerate(zip(low, high, strict=True))
}
_END_CODES = frozenset({23, 36, 104})
_END_KEYS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_SHIFTS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_Meta,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_CapsLock,
    }
)
_COMMANDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class WedgeScanner(Scanner):
    """Hold keys back for a moment: a burst becomes a scan, and what a hand typed goes on to the window untouched.

    A burst with a function or control key in it, or one that is too long, is dropped whole.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("wedge", parent)
        self._held: list[QKeyEvent] = []
        self._chars: list[str] = []
        self._is_spoilt = False
        self._last_ms = 0
        self._tail_ms = -MAX_GAP_MS - 1
        self._awaiting_release: set[int] = set()
        self._window: QWindow | None = None
        self._is_giving_back = False
        self._was_overdue = False
        self._pause = QTimer(self, singleShot=True)
        self._pause.timeout.connect(self._on_pause)

    def start(self) -> None:
        """Watch the keys of whichever window has the focus."""
        app = QGuiApplication.instance()
        if not isinstance(app, QGuiApplication) or self.state is not ScannerState.OFF:
            return
        app.focusWindowChanged.connect(self._watch)
        self._watch(app.focusWindow())
        super().start()

    def stop(self) -> None:
        """Let all keys through again."""
        app = QGuiApplication.instance()
        self._give_back()
        if isinstance(app, QGuiApplication) and self.state is not ScannerState.OFF:
            app.focusWindowChanged.disconnect(self._watch)
        self._watch(None)
        super().stop()

    def _watch(self, window: QWindow | None) -> None:
        if self._window is not None and shiboken6.isValid(self._window):
            self._window.removeEventFilter(self)
        self._window = window
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow the key events of a burst (Qt's own name and signature)."""
        kind = event.type()
        if self._is_giving_back or not isinstance(event, QKeyEvent):
            return False
        if kind == QEvent.Type.KeyRelease:
            return self._on_release(event)
        if kind != QEvent.Type.KeyPress or event.key() in _SHIFTS:
            return False
        if event.isAutoRepeat():
            self._give_back()
            return False
        return self._on_press(event)

    def _on_press(self, event: QKeyEvent) -> bool:
        now = event.timestamp() or int(time.monotonic() * 1000)
        if self._held and now - self._last_ms >= MAX_GAP_MS:
            self._finish()
        self._last_ms = now
        if now - self._tail_ms < MAX_GAP_MS:
            self._tail_ms = now
            self._awaiting_release.add(_key_id(event))
            return True
        if _is_end(event):
            if not self._held:
                return False
            is_swallowed = self._finish()
            if is_swallowed:
                self._awaiting_release.add(_key_id(event))
            return is_swallowed
        self._hold(event)
        return True

    def _on_release(self, event: QKeyEvent) -> bool:
        key = _key_id(event)
        if key in self._awaiting_release:
            self._awaiting_release.discard(key)
            return True
        if any(_key_id(held) == key for held in self._held):
            self._held.append(_copy(event))
            return True
        return False

    def _hold(self, event: QKeyEvent) -> None:
        char = _decoded(event)
        self._is_spoilt = self._is_spoilt or char is None or len(self._chars) >= MAX_TEXT
        if len(self._chars) < MAX_TEXT:
            self._chars.append(char or "")
            self._held.append(_copy(event))
        else:
            self._awaiting_release.add(_key_id(event))
        self._was_overdue = False
        self._pause.start(MAX_GAP_MS)

    def _on_pause(self) -> None:
        """End the burst, but let keys be delivered first that queued up while the window was busy."""
        if not self._was_overdue:
            self._was_overdue = True
            self._pause.start(_GRACE_MS)
            return
        self._finish()

    def _finish(self) -> bool:
        """Decide what the held keys were; return whether they were swallowed."""
        is_burst = len(self._chars) >= MIN_CHARS or (self._is_spoilt and len(self._chars) > 1)
        if not is_burst:
            self._give_back()
            return False
        text = "" if self._is_spoilt else "".join(self._chars)
        held = self._take_held()
        self._tail_ms = self._last_ms
        released = {_key_id(event) for event in held if event.type() == QEvent.Type.KeyRelease}
        self._awaiting_release |= {_key_id(event) for event in held} - released
        self._deliver(text)
        return True

    def _give_back(self) -> None:
        held = self._take_held()
        if self._window is None or not held or not shiboken6.isValid(self._window):
            return
        self._is_giving_back = True
        try:
            for event in held:
                QCoreApplication.sendEvent(self._window, event)
        finally:
            self._is_giving_back = False

    def _take_held(self) -> list[QKeyEvent]:
        held, self._held, self._chars, self._is_spoilt = self._held, [], [], False
        self._pause.stop()
        return held


def _decoded(event: QKeyEvent) -> str | None:
    """Return the character that a US keyboard has on this key, or None for a function or control key."""
    if event.modifiers() & _COMMANDS:
        return None
    code = event.nativeScanCode()
    if code:
        pair = _US.get(code)
        return None if pair is None else pair[bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)]
    text = event.text()
    return text if len(text) == 1 and text.isascii() and text.isprintable() else None


def _is_end(event: QKeyEvent) -> bool:
    is_command = bool(event.modifiers() & _COMMANDS)
    return not is_command and (event.nativeScanCode() in _END_CODES or event.key() in _END_KEYS)


def _key_id(event: QKeyEvent) -> int:
    return event.nativeScanCode() or event.key()


def _copy(event: QKeyEvent) -> QKeyEvent:
    """Copy an event that Qt owns and will delete after the filter returns."""
    copy = QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
    copy.setTimestamp(event.timestamp())
    return copy
