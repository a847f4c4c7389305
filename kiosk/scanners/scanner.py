"""What every scanner is: a source of short, clean texts that says whether it works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from kiosk.visit.foreign import kind_of
from wire.codes import QR_PREFIX

MAX_TEXT = 256


class ScannerState(StrEnum):
    """How a scanner is doing; `state_changed` carries the value."""

    OFF = "off"
    READY = "ready"
    LOST = "lost"


# What scanners put around a code as they come: blanks and line ends, STX and ETX, EOT, GS and RS.
_AROUND = " \r\n\t\x02\x03\x04\x1d\x1e"
# ISO/IEC 15424: what kind of symbol it was, such as ]Q1 for a QR.
_SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Added:
    """What a scanner is set to put before and behind each code."""

    prefix: str = ""
    suffix: str = ""

    def without_prefix(self, text: str) -> str:
        """Take the prefix off if it is there; Caps Lock makes no difference."""
        is_there = text[: len(self.prefix)].lower() == self.prefix.lower()
        return text[len(self.prefix) :].lstrip(_AROUND) if self.prefix and is_there else text

    def without_suffix(self, text: str) -> str:
        """Take the suffix off if it is there; Caps Lock makes no difference."""
        is_there = text[-len(self.suffix) :].lower() == self.suffix.lower()
        return text[: -len(self.suffix)].rstrip(_AROUND) if self.suffix and is_there else text


NOTHING_ADDED = Added()


def clean_text(text: str, added: Added = NOTHING_ADDED) -> str | None:
    """Return the text of a scan as the grammar wants it; None if it is not 1 to 256 printable ASCII characters.

    Taken off are what scanners put around a code, the AIM symbology identifier and what this scanner is set to
    add, whose prefix may stand before or behind the identifier. A QR of ours is written in capitals, whatever
    Caps Lock made of it. A control character inside refuses all of it (quality.md, Safe 7).
    """
    text = added.without_suffix(text.strip(_AROUND))
    bare = added.without_prefix(text)
    if symbology := _SYMBOLOGY.match(bare):
        is_outside = bare != text
        bare = bare[symbology.end() :].strip(_AROUND)
        bare = bare if is_outside else added.without_prefix(bare)
    text = bare
    if text[: len(QR_PREFIX)].upper() == QR_PREFIX:
        text = text.upper()
    if not 0 < len(text) <= MAX_TEXT or not text.isascii() or not text.isprintable():
        return None
    return text


@dataclass(frozen=True, slots=True)
class Reading:
    """A scan as it came: by scan codes as of a US keyboard, by the host's text (None: the scanner has no keys).

    `longest_gap_ms` is the longest pause between two of its keys.
    """

    scanner: str
    by_code: str
    by_layout: str | None = None
    longest_gap_ms: int = 0


class Scanner(QObject):
    """One source of scans. `start` and `stop` may be called repeatedly, from the thread of Qt's windows.

    What cannot be a code of ours is told by its kind alone (`foreign`, a value of Foreign): the text stays here.
    While it is tried out, scans are not delivered; `came` carries a Reading of each instead. A scanner that
    `sees_absence` delivers a code as long as it sees it, and says `left` when it does not see one any more.
    """

    scanned = Signal(str)
    foreign = Signal(str)
    came = Signal(object)
    left = Signal()
    state_changed = Signal(str)
    first_state = ScannerState.READY

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.added = NOTHING_ADDED
        self.is_tried_out = False
        self.sees_absence = False
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

    def try_out(self, is_on: bool) -> None:
        """Begin or end a test at which staff see what comes."""
        self.is_tried_out = is_on

    def _deliver(self, text: str) -> None:
        if self.is_tried_out:
            self.came.emit(Reading(self.name, text))
            return
        if self.state is ScannerState.OFF:
            return
        cleaned = clean_text(text, self.added)
        if cleaned is not None:
            self.scanned.emit(cleaned)
        elif text.strip(_AROUND):
            self.foreign.emit(kind_of(text.strip(_AROUND)).value)


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
