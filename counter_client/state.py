"""PURE values of the clerk's window: what it knows, what can happen to it, what it wants done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from counter_client.alone import AloneLine
from wire.messages import (
    Clerk,
    CounterSnapshot,
    Device,
    Message,
    Ticket,
    WaitingTicket,
)
from wire.vocabulary import CounterState, TicketAction, TicketStatus

SETTLE_MS = 350
KEY_PAUSE_MS = 700
HAMMER_MS = 250
IN_HAND = frozenset({TicketStatus.CALLED, TicketStatus.SERVING})


class Key(StrEnum):
    """What a clerk can press; the views tie these to F-keys and buttons."""

    MAIN = "main"
    RECALL = "recall"
    FINISH = "finish"
    NO_SHOW = "no_show"
    PARK = "park"
    TRANSFER = "transfer"
    PUT_BACK = "put_back"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    VERIFY = "verify"
    WAITING = "waiting"
    PARKED = "parked"
    NO_SHOWS = "no_shows"
    FINISHED = "finished"
    PAUSE = "pause"
    CLOSE = "close"
    ISSUE = "issue"
    KEYS = "keys"
    SIGN_OUT = "sign_out"
    HELP = "help"
    ANSWER = "answer"
    ESCAPE = "escape"


class Main(StrEnum):
    """What the main key does now."""

    OPEN = "open"
    CALL_NEXT = "call_next"
    START = "start"
    FINISH_AND_NEXT = "finish_and_next"
    FINISH = "finish"


class Panel(StrEnum):
    """Which list stands beside the ticket."""

    WAITING = "waiting"
    PARKED = "parked"
    NO_SHOWS = "no_shows"
    FINISHED = "finished"


PANEL_KEYS = {
    Panel.WAITING: Key.WAITING,
    Panel.PARKED: Key.PARKED,
    Panel.NO_SHOWS: Key.NO_SHOWS,
    Panel.FINISHED: Key.FINISHED,
}
PANELS = {key: panel for panel, key in PANEL_KEYS.items()}


class DialogKind(StrEnum):
    OUTCOME = "outcome"
    MISSING = "missing"
    TRANSFER = "transfer"
    REASON = "reason"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    ISSUE_SERVICE = "issue_service"
    ISSUE_PRIORITY = "issue_priority"
    ISSUED = "issued"
    KEYS = "keys"


class Tone(StrEnum):
    GOOD = "good"
    PLAIN = "plain"
    BAD = "bad"


class Verify(StrEnum):
    """How the comparison of the confirmation went; `idle` before the first try."""

    IDLE = "idle"
    MISMATCH = "mismatch"
    MALFORMED = "malformed"


class Ask(StrEnum):
    """The kinds of commands; an answer is read by the kind that asked."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    CALL_NEXT = "call_next"
    ACT = "act"
    VERIFY = "verify"
    STATE = "state"
    ISSUE = "issue"
    CHECK = "check"


ACTION_KEYS = {
    Key.RECALL: TicketAction.RECALL,
    Key.FINISH: TicketAction.FINISH,
    Key.NO_SHOW: TicketAction.NO_SHOW,
    Key.PARK: TicketAction.PARK,
    Key.TRANSFER: TicketAction.TRANSFER,
    Key.PUT_BACK: TicketAction.PUT_BACK,
    Key.WITHDRAW: TicketAction.WITHDRAW,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a dialog: `kind` and `value` name its sentence, `shown` replaces it (a service's name).

    `names` are what the office calls it, by language.
    """

    kind: str
    value: str
    shown: str | None = None
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Dialog:
    """A question inside the window; `ticket` is the one it was opened for and no other.

    `picked` are the values of the lines that are on, where several can be; `outcome` is what they belong to.
    """

    kind: DialogKind
    choices: tuple[Choice, ...] = ()
    ticket: int | None = None
    number: str | None = None
    service: str | None = None
    outcome: str | None = None
    picked: frozenset[str] = frozenset()
    issued: Ticket | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the clerk by its key; the tone colours it, words carry it."""

    key: str
    facts: Mapping[str, str] = field(default_factory=dict)
    tone: Tone = Tone.BAD


@dataclass(frozen=True, slots=True)
class Command:
    """One request that changes something; the body is kept out of `repr` (it may be a password)."""

    ask: Ask
    method: str
    path: str
    body: Message | None = field(default=None, repr=False)
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    serial: int
    command: Command
    key: Key | None


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the window knows. `changed_at_ms` is when the ticket in hand last changed on the screen.

    `acted_key` did something at `acted_at_ms`: the same key pressed again soon after is a slip of the finger.
    """

    device: Device | None = None
    clerk: Clerk | None = None
    snapshot: CounterSnapshot | None = None
    connected: bool = False
    fresh: bool = False
    under_way: UnderWay | None = None
    looking: int | None = None
    look_again: bool = False
    serial: int = 0
    panel: Panel = Panel.WAITING
    dialog: Dialog | None = None
    verify: Verify = Verify.IDLE
    said: Said | None = None
    can_print: bool = False
    changed_at_ms: int = -SETTLE_MS
    settle_ms: int = SETTLE_MS
    acted_key: Key | None = None
    undoable: int | None = None
    """The ticket whose last step may be taken back; for how long, the server rules (⚙ undo_seconds)."""
    may_take_over: bool = False
    """The clerk was told that somebody works at this counter elsewhere: the next sign-in takes it over."""
    acted_at_ms: int = -KEY_PAUSE_MS
    key_pause_ms: int = KEY_PAUSE_MS
    alone: AloneLine | None = None
    """The lines of kiosks while the server is away; None while it is there, and where none can be reached."""

    @property
    def current(self) -> Ticket | None:
        """Return the ticket in hand."""
        return self.snapshot.current if self.snapshot else None

    @property
    def is_open(self) -> bool:
        """Tell whether the counter calls people."""
        return self.snapshot is not None and self.snapshot.state is CounterState.OPEN

    @property
    def is_ready(self) -> bool:
        """Tell whether a key may act now: signed in, in touch, up to date, nothing under way."""
        return (
            self.clerk is not None
            and self.snapshot is not None
            and self.connected
            and self.fresh
            and self.under_way is None
        )

    def is_too_soon(self, at_ms: int) -> bool:
        """Tell whether what is pressed at this instant was meant for what was on the screen before."""
        return self.under_way is not None or at_ms < self.changed_at_ms + self.settle_ms

    def hears(self, key: Key, at_ms: int) -> bool:
        """Tell whether a key counts at this instant; the one that did something rests for its pause."""
        is_resting = key is self.acted_key and at_ms < self.acted_at_ms + self.key_pause_ms
        return not (is_resting or self.is_too_soon(at_ms))

    def ignoring(self, key: Key, at_ms: int) -> Desk:
        """Return the desk after a key that did not count: hammered on, one that rests goes on resting."""
        until_ms = self.acted_at_ms + self.key_pause_ms
        if key is not self.acted_key or not at_ms < until_ms < at_ms + HAMMER_MS:
            return self
        return replace(self, acted_at_ms=at_ms + HAMMER_MS - self.key_pause_ms)

    @property
    def has_something_to_close(self) -> bool:
        """Tell whether Escape closes something before it means anything else."""
        return self.dialog is not None or self.verify is not Verify.IDLE or self.panel is not Panel.WAITING

    @property
    def rows(self) -> tuple[WaitingTicket, ...]:
        """Return the rows of the list that is shown."""
        if self.snapshot is None:
            return ()
        lists = {
            Panel.WAITING: self.snapshot.waiting,
            Panel.PARKED: self.snapshot.parked,
            Panel.NO_SHOWS: self.snapshot.no_shows,
            Panel.FINISHED: self.snapshot.finished or [],
        }
        return tuple(lists[self.panel])
