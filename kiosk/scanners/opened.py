"""All configured scanners of a kiosk at once, as if they were one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from kiosk.qr.decoder import Accept
from kiosk.scanners.camera import CameraScanner
from kiosk.scanners.pictures import PictureScanner
from kiosk.scanners.scanner import NOTHING_ADDED, Added, Scanner, ScannerState
from kiosk.scanners.serial_port import SerialScanner
from kiosk.scanners.wedge import WedgeScanner
from wire.codes import BookingToken, MalformedCode, parse_scan


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """Which scanners a kiosk has and how they behave; an empty text means none of that kind.

    `serial` is a device path (best from /dev/serial/by-id), `camera` a camera's id, its description or "default",
    `images` a picture file or a folder in which each new picture is a frame.
    """

    wedge: bool = True
    serial: str = ""
    baud: int = 9600
    added: Added = NOTHING_ADDED
    gap_ms: int = 60
    unfinished_ms: int = 300
    camera: str = ""
    rung_rest_s: float = 60.0
    images: str = ""
    debounce_s: float = 2.0


def is_booking_qr(text: str) -> bool:
    """Tell whether a text is the QR form of a booking code.

    Nine digits in a QR are refused: their one check digit would let one misread in ten through.
    """
    try:
        return isinstance(parse_scan(text), BookingToken)
    except MalformedCode:
        return False


class ScannerSet(QObject):
    """Several scanners as one; `state_changed` carries a scanner's name and its state."""

    scanned = Signal(str)
    foreign = Signal(str)
    state_changed = Signal(str, str)
    came = Signal(object)

    def __init__(
        self,
        scanners: list[Scanner],
        parent: QObject | None = None,
        debounce_s: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self.scanners: list[Scanner] = []
        self._debounce_s = debounce_s
        self._clock = clock
        self._foreign_seen: dict[str, float] = {}
        self._last_seen: dict[str, float] = {}
        self._before_lens: dict[Scanner, str] = {}
        for scanner in scanners:
            self.add(scanner)

    def add(self, scanner: Scanner) -> None:
        """Listen to one more scanner, which is started with the others or by its owner."""
        scanner.setParent(self)
        self.scanners.append(scanner)
        scanner.scanned.connect(lambda text: self._on_scan(scanner, text))
        scanner.foreign.connect(self._on_foreign)
        scanner.left.connect(lambda: self._before_lens.pop(scanner, None))
        scanner.came.connect(self.came)
        scanner.state_changed.connect(lambda state, name=scanner.name: self.state_changed.emit(name, state))

    def start(self) -> None:
        """Start every scanner."""
        for scanner in self.scanners:
            scanner.start()

    def stop(self) -> None:
        """Stop every scanner and let go of the devices."""
        for scanner in self.scanners:
            scanner.stop()

    def try_out(self, is_on: bool) -> None:
        """Begin or end a test at which staff see what comes, and nothing is delivered."""
        for scanner in self.scanners:
            scanner.try_out(is_on)

    @property
    def gap_ms(self) -> int:
        """The longest pause that a keyboard scanner may make, in milliseconds; 0 without one."""
        return next((each.gap_ms for each in self.scanners if isinstance(each, WedgeScanner)), 0)

    @gap_ms.setter
    def gap_ms(self, gap_ms: int) -> None:
        for scanner in self.scanners:
            if isinstance(scanner, WedgeScanner):
                scanner.gap_ms = gap_ms

    @property
    def state(self) -> ScannerState:
        """Tell the worst news for the staff: lost if any is lost, else ready if any is ready, else off."""
        states = {scanner.state for scanner in self.scanners}
        for state in (ScannerState.LOST, ScannerState.READY):
            if state in states:
                return state
        return ScannerState.OFF

    def _on_scan(self, scanner: Scanner, text: str) -> None:
        """Pass a text on unless it was seen within the debounce time, by whichever scanner.

        Each sighting begins the time anew: a code held before the camera for a minute is one scan. Where a
        scanner can tell, it is one until the lens has seen nothing or another code, also if it was not legible
        in between: whoever has pressed *Done* may still hold their code there.
        """
        now = self._clock()
        recent = {t: at for t, at in self._last_seen.items() if now - at < self._debounce_s}
        is_new = text not in recent
        recent[text] = now
        self._last_seen = recent
        is_still_there = self._before_lens.get(scanner) == text
        if scanner.sees_absence:
            self._before_lens[scanner] = text
        if is_new and not is_still_there:
            self.scanned.emit(text)

    def _on_foreign(self, kind: str) -> None:
        """Pass the kind of a code that is not ours on, unless one of that kind was there a moment ago."""
        now = self._clock()
        is_new = now - self._foreign_seen.get(kind, -self._debounce_s) >= self._debounce_s
        self._foreign_seen[kind] = now
        if is_new:
            self.foreign.emit(kind)


def open_scanners(
    settings: ScannerSettings,
    parent: QObject | None = None,
    accept: Accept = is_booking_qr,
) -> ScannerSet:
    """Build the configured scanners; nothing is opened before `start`.

    `accept` says which texts may come out of pictures at all; the other scanners check for themselves what they
    read, and deliver every clean text.
    """
    scanners: list[Scanner] = []
    if settings.wedge:
        scanners.append(WedgeScanner(gap_ms=settings.gap_ms, unfinished_ms=settings.unfinished_ms))
    if settings.serial:
        scanners.append(SerialScanner(settings.serial, settings.baud))
    for scanner in scanners:
        scanner.added = settings.added
    if settings.camera:
        scanners.append(CameraScanner(settings.camera, accept, rest_s=settings.rung_rest_s))
    if settings.images:
        scanners.append(PictureScanner(settings.images, accept))
    return ScannerSet(scanners, parent, settings.debounce_s)
