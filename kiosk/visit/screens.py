"""The screens of the conversation, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kiosk.visit.effects import Question, SubmitCode
from kiosk.visit.surroundings import Surroundings
from wire.messages import Ticket

MAX_EXTENSIONS = 10
WARNING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the server may tell the holder of a code, as far as it told it."""

    appointment_at: datetime | None = None
    check_in_from: datetime | None = None
    check_in_until: datetime | None = None
    opens_at: datetime | None = None
    listed_at: datetime | None = None
    day: date | None = None
    now: datetime | None = None
    branch: str | None = None
    service: str | None = None
    number: str | None = None
    called_at: datetime | None = None
    finished_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """With a reservation or without."""

    around: Surroundings = field(default_factory=Surroundings)


class Mistake(StrEnum):
    """Why a typed code is not sent: said at once, without the server."""

    INCOMPLETE = "incomplete"
    MISTYPED = "mistyped"


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """Nine digits, or the scanner. `service` is set when the visitor came through a service's button."""

    around: Surroundings
    service: str | None = None
    digits: str = field(default="", repr=False)
    mistake: Mistake | None = None


@dataclass(frozen=True, slots=True)
class WhichService:
    """Which service the reservation is for, where the branch asks that first (rules.md 15)."""

    around: Surroundings
    text: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Checking:
    """The server is being asked."""

    around: Surroundings
    question: Question
    since_s: float


@dataclass(frozen=True, slots=True)
class OtherService:
    """The code is for another service of this branch: go on with that one? (rules.md 15)"""

    around: Surroundings
    question: SubmitCode
    right_service: str
    appointment_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WalkInMenu:
    """Services without a reservation, with the wait now; closed ones say why."""

    around: Surroundings


@dataclass(frozen=True, slots=True)
class PriorityQuestion:
    """Whether the visitor has a right to come sooner; nothing more is asked (rules.md 24)."""

    around: Surroundings
    service: str


class SlipState(StrEnum):
    """What became of the paper."""

    PRINTING = "printing"
    PRINTING_AGAIN = "printing_again"
    PRINTED = "printed"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class TicketShown:
    """The number, huge; it stands whatever the printer does.

    `again` counts the slips that were printed anew by themselves; `is_copy`: the slip on its way says COPY;
    `elsewhere`: it comes out of the second printer; `alone`: the kiosk gave it without the server.
    """

    around: Surroundings
    question: Question
    ticket: Ticket
    repeat: bool
    slip: SlipState
    slip_ask: int
    shown_s: float
    reinstated: bool = False
    again: int = 0
    is_copy: bool = False
    elsewhere: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no ticket, with the facts and what can be done next."""

    around: Surroundings
    reason: str
    facts: Facts
    service: str | None = None
    shows_booking_qr: bool = False


@dataclass(frozen=True, slots=True)
class OutOfOrder:
    """The server does not answer: where to go instead. `question` can be asked again under its key."""

    around: Surroundings
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """Where somebody helps; the screen beneath comes back as it was."""

    around: Surroundings
    beneath: Screen


@dataclass(frozen=True, slots=True)
class StillThere:
    """The warning before the screen goes back; the screen beneath comes back as it was."""

    around: Surroundings
    beneath: Screen
    until_s: float

    @property
    def may_extend(self) -> bool:
        """Tell whether more time can be had (screens.md: ten times)."""
        return self.around.extensions < MAX_EXTENSIONS


Plain = (
    Start
    | CodeEntry
    | WhichService
    | Checking
    | OtherService
    | WalkInMenu
    | PriorityQuestion
    | TicketShown
    | Refused
    | OutOfOrder
)
Screen = Plain | Help | StillThere
