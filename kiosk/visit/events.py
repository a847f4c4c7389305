"""What may happen at the kiosk: touches, scans, answers, the printer's reports, time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kiosk.visit.foreign import Foreign
from kiosk.visit.surroundings import Office
from wire.messages import ServiceOffer, Ticket


class Press(StrEnum):
    """A touch that carries nothing but its meaning."""

    ANYWHERE = "anywhere"
    RESERVATION = "reservation"
    WALK_IN = "walk_in"
    ERASE = "erase"
    NEXT = "next"
    YES = "yes"
    BACK = "back"
    HOME = "home"
    TRY_AGAIN = "try_again"
    COPY = "copy"
    BOOKING_QR = "booking_qr"
    INFORMATION = "information"
    HELP = "help"
    MORE_TIME = "more_time"
    TEXT_SIZE = "text_size"
    CONTRAST = "contrast"
    READ_ALOUD = "read_aloud"
    SAY_AGAIN = "say_again"
    QUIETER = "quieter"
    LOUDER = "louder"


@dataclass(frozen=True, slots=True)
class Digit:
    """A key of the keypad, 0 to 9."""

    digit: str


@dataclass(frozen=True, slots=True)
class ServiceChosen:
    code: str


@dataclass(frozen=True, slots=True)
class PriorityChosen:
    """The code of a kind of the branch, or None for none."""

    priority: str | None


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    language: str


@dataclass(frozen=True, slots=True)
class Scanned:
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForeignScanned:
    """A code that cannot be ours was before a scanner; what it says is not kept."""

    kind: Foreign


@dataclass(frozen=True, slots=True)
class Answered:
    ask: int
    ticket: Ticket
    repeat: bool = False
    reinstated: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """The server said no; `ask` is None for what the kiosk asked by itself."""

    ask: int | None
    reason: str
    facts: dict[str, Any] = field(default_factory=dict, repr=False)
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    ask: int | None = None


@dataclass(frozen=True, slots=True)
class ServicesLoaded:
    offers: tuple[ServiceOffer, ...]


@dataclass(frozen=True, slots=True)
class GoesAlone:
    """The server is silent, and the kiosk answers by itself: what it offers, and who is called from its line."""

    offers: tuple[ServiceOffer, ...]
    called: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeLoaded:
    office: Office


@dataclass(frozen=True, slots=True)
class HallCodeChanged:
    """Another address is shown to phones; see `Surroundings.hall_code`."""

    address: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Printed:
    ask: int


@dataclass(frozen=True, slots=True)
class PrinterTrouble:
    ask: int


@dataclass(frozen=True, slots=True)
class PrinterBack:
    """A slip was lost by a fault, and a printer can print now; `nothing_sent`: no dot of it is on any paper."""

    ask: int
    nothing_sent: bool


@dataclass(frozen=True, slots=True)
class OtherPrinter:
    """The slip comes out of the kiosk's second printer, or, not `is_used`, no longer of it."""

    ask: int
    is_used: bool = True


@dataclass(frozen=True, slots=True)
class HeadsetChanged:
    """A headset was plugged in or pulled out."""

    is_there: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence was read to its end: whoever listens is still there."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A second has passed."""


Touch = Press | Digit | ServiceChosen | PriorityChosen | LanguageChosen
Scan = Scanned | ForeignScanned
Told = (
    Answered
    | Problem
    | Unreachable
    | ServicesLoaded
    | GoesAlone
    | OfficeLoaded
    | HallCodeChanged
    | Printed
    | PrinterTrouble
    | PrinterBack
    | OtherPrinter
)
Event = Touch | Scan | Told | HeadsetChanged | Heard | Tick
