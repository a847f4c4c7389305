"""PURE: what can happen to the clerk's window, and what it wants done about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from counter_client.alone import AloneLine
from counter_client.state import Command, Key
from wire.messages import CounterSnapshot, Device, FactData, Message, Problem, Ticket


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key or button; `at_ms` is the instant of the press, not of its handling."""

    key: Key
    at_ms: int


@dataclass(frozen=True, slots=True)
class Picked:
    """A row of the list that is shown: call it, or take it back into the line."""

    ticket: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A row of the list that is shown: the visitor has given up."""

    ticket: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Chose:
    """A line of the open dialog, by its place."""

    place: int
    at_ms: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scanned:
    """The confirmation's code, typed or scanned."""

    text: str


@dataclass(frozen=True, slots=True)
class Ticked:
    """An item of the checklist."""

    item: str


@dataclass(frozen=True, slots=True)
class SignInTyped:
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceKnown:
    device: Device


@dataclass(frozen=True, slots=True)
class DeviceRefused:
    """The server does not know this device any more."""


@dataclass(frozen=True, slots=True)
class Looked:
    serial: int
    snapshot: CounterSnapshot
    at_ms: int


@dataclass(frozen=True, slots=True)
class LookRefused:
    serial: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class Answered:
    """`answer` is None where the server had nothing to say (204)."""

    serial: int
    answer: Message | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class Refused:
    serial: int
    problem: Problem
    at_ms: int


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The server could not be reached: whether the command counted is not known."""

    serial: int


@dataclass(frozen=True, slots=True)
class FactHeard:
    fact: str
    data: FactData
    number: int


@dataclass(frozen=True, slots=True)
class LinkChanged:
    connected: bool


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Half a minute went by: the order of those who wait changes with time alone."""


@dataclass(frozen=True, slots=True)
class TakesLong:
    """A command has had no answer for a while."""

    serial: int


@dataclass(frozen=True, slots=True)
class PrintEnded:
    number: str
    printed: bool


@dataclass(frozen=True, slots=True)
class LineSeen:
    """What the kiosks tell of their lines while the server is away; None once it is there.

    `key` is the one by which the clerk changed something there.
    """

    line: AloneLine | None
    at_ms: int
    key: Key | None = None


Event = (
    Pressed
    | Picked
    | Withdrawn
    | Chose
    | Scanned
    | Ticked
    | SignInTyped
    | DeviceKnown
    | DeviceRefused
    | Looked
    | LookRefused
    | Answered
    | Refused
    | GaveUp
    | FactHeard
    | LinkChanged
    | TimePassed
    | TakesLong
    | PrintEnded
    | LineSeen
)


# --- what the window wants done ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    serial: int
    command: Command


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for the counter's snapshot, after `delay_ms` so that a burst of facts costs one request."""

    serial: int
    delay_ms: int = 0


@dataclass(frozen=True, slots=True)
class Enter:
    """Use the clerk's token from now on, at this counter."""

    token: str = field(repr=False)
    counter: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Forget the clerk's token, and ask whether the device itself is still known."""


@dataclass(frozen=True, slots=True)
class PrintSlip:
    ticket: Ticket


Effect = Send | Look | Enter | Leave | PrintSlip
