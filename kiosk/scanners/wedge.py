"""Keyboard-wedge scanners: bursts of keys faster than any hand, read by scan code whatever the layout."""

from __future__ import annotations

import time

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from kiosk.scanners.scanner import MAX_TEXT, Added, Reading, Scanner, ScannerState
from kiosk.scanners.trial import is_ours

MAX_GAP_MS = 60
# A burst that begins as a QR of ours waits so long for its end: a slow scanner, as over Bluetooth, is no hand.
UNFINISHED_MS = 300
# At the scanner test even the slowest scanner is waited for, so that its pauses can be measured.
TRIAL_MS = 600
_BEGINS_AS_OURS = "NQ1"
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

    Each key is read twice: by its scan code, as a US keyboard has it, and by the text of the host's layout, for
    scanners that were set to that. Whichever reading is a code of ours counts. A function key inside a burst
    refuses it; one that is too long is kept a character longer than may be. `gap_ms` is the longest pause within
    a burst.
    """

    def __init__(
        self, parent: QObject | None = None, gap_ms: int = MAX_GAP_MS, unfinished_ms: int = UNFINISHED_MS
    ) -> None:
        super().__init__("wedge", parent)
        self.gap_ms = gap_ms
        self._longest_gap_ms = 0
        self._unfinished_ms = unfinished_ms
        self._texts: list[str] = []
        self._held: list[QKeyEvent] = []
        self._chars: list[str] = []
        self._is_spoilt = False
        self._last_ms = 0
        self._tail_ms = -gap_ms - 1
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
        if self._held and now - self._last_ms >= self._patience_ms:
            self._finish()
        if self._held:
            self._longest_gap_ms = max(self._longest_gap_ms, now - self._last_ms)
        self._last_ms = now
        if now - self._tail_ms < self.gap_ms:
            self._tail_ms = now
            self._awaiting_release.add(_key_id(event))
            return True
        if _is_end(event):
            if not self._held:
                return False
            is_swallowed = self._finish("\t" if event.key() == Qt.Key.Key_Tab else "\r")
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
        self._is_spoilt = self._is_spoilt or char is None
        if len(self._chars) <= MAX_TEXT:
            self._chars.append(char or "")
            self._texts.append(event.text())
            self._held.append(_copy(event))
        else:
            self._awaiting_release.add(_key_id(event))
        self._was_overdue = False
        self._pause.start(self._patience_ms)

    @property
    def _patience_ms(self) -> int:
        """Return how long the next key may take: longer where a QR of ours has begun."""
        if self.is_tried_out:
            return TRIAL_MS
        read = "".join(self._chars).upper()
        return max(self._unfinished_ms, self.gap_ms) if _BEGINS_AS_OURS in read else self.gap_ms

    def _on_pause(self) -> None:
        """End the burst, but let keys be delivered first that queued up while the window was busy."""
        if not self._was_overdue:
            self._was_overdue = True
            self._pause.start(_GRACE_MS)
            return
        self._finish()

    def _finish(self, end: str = "") -> bool:
        """Decide what the keys held before an end key or a pause were; return whether they were swallowed."""
        is_burst = len(self._chars) >= MIN_CHARS or (self._is_spoilt and len(self._chars) > 1)
        if not is_burst:
            self._give_back()
            return False
        by_code, by_layout = "".join(self._chars), "".join(self._texts)
        text = "" if self._is_spoilt else _ours_of(by_code, by_layout, self.added)
        gap_ms = self._longest_gap_ms
        held = self._take_held()
        self._tail_ms = self._last_ms
        released = {_key_id(event) for event in held if event.type() == QEvent.Type.KeyRelease}
        self._awaiting_release |= {_key_id(event) for event in held} - released
        if self.is_tried_out:
            self.came.emit(Reading(self.name, by_code + end, by_layout + end, gap_ms))
        else:
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
        self._texts, self._longest_gap_ms = [], 0
        self._pause.stop()
        return held


def _decoded(event: QKeyEvent) -> str | None:
    """Return the character that a US keyboard has on this key, or None for a function or control key."""
    if event.modifiers() & _COMMANDS:
        return _control_character(event)
    code = event.nativeScanCode()
    if code:
        pair = _US.get(code)
        return None if pair is None else pair[bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)]
    text = event.text()
    return text if len(text) == 1 and text.isascii() and text.isprintable() else None


def _control_character(event: QKeyEvent) -> str | None:
    """Return what Ctrl with a key stands for (Ctrl+] is GS), as scanners send separators; None for a command."""
    is_control = event.modifiers() & _COMMANDS == Qt.KeyboardModifier.ControlModifier
    pair = _US.get(event.nativeScanCode())
    sign = pair[0].upper() if pair else chr(event.key()) if 0x40 <= event.key() <= 0x5F else ""
    return chr(ord(sign) & 0x1F) if is_control and len(sign) == 1 and "@" <= sign <= "_" else None


def _ours_of(by_code: str, by_layout: str, added: Added) -> str:
    """Return the reading of a burst that is a code of ours; by scan code where neither is."""
    return next((reading for reading in (by_code, by_layout) if is_ours(reading, added)), by_code)


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
