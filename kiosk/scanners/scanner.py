"""What every scanner is: a source of short, clean texts that says whether it works."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Signal

MAX_TEXT = 256


class ScannerState(StrEnum):
    """How a scanner is doing; `state_changed` carries the value."""

    OFF = "off"
    READY = "ready"
    LOST = "lost"


def clean_text(text: str) -> str | None:
    """Return the text of a scan without outer blanks, or None if it is not 1 to 256 printable ASCII characters.

    A control character anywhere refuses the whole text (quality.md, Safe 7).
    """
    text = text.strip(" \r\n\t")
    if not 0 < len(text) <= MAX_TEXT or not text.isascii() or not text.isprintable():
        return None
    return text


class Scanner(QObject):
    """One source of scans. `start` and `stop` may be called repeatedly, from the thread of Qt's windows."""

    scanned = Signal(str)
    state_changed = Signal(str)
    first_state = ScannerState.READY

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.state = ScannerState.OFF

    def start(self) -> None:
        """Begin to deliver scans."""
        self._become(self.first_state)

    def stop(self) -> None:
        """Stop and let go of the device; no scan is delivered afterwards."""
        self._become(ScannerState.OFF)

    def _become(self, state: ScannerState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state.value)

    def _deliver(self, text: str) -> None:
        cleaned = clean_text(text)
        if cleaned is not None and self.state is not ScannerState.OFF:
            self.scanned.emit(cleaned)


class ScriptedScanner(Scanner):
    """A scanner whose scans are said by a program: for the demo and for tests."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("scripted", parent)

    def scan(self, text: str) -> None:
        """Deliver a text as if a device had read it."""
        self._deliver(text)

    def lose(self) -> None:
        """Behave as if the device had been unplugged; `start` mends it."""
        self._become(ScannerState.LOST)
