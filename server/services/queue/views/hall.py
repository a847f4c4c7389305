"""A hall at a glance as plain values: who waits, what the counters do, what wants attention, the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from server.domain.queue.hall import Waited
from server.services.queue.day_forecasts import WillWait
from wire.vocabulary import Refusal


class Doing(StrEnum):
    """What a counter does now."""

    SERVING = "serving"
    CALLED = "called"
    FREE = "free"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ServiceShown:
    """A service of the hall: who waits, how long, and who serves it.

    `longest_minutes` is None while nobody waits; a booked visitor waits from the hour of the visit on.
    `alarm_minutes` is after what wait staff are to be told, None: never.
    `newcomer_minutes` is the range in which a walk-in of now would be called, `refusal` why they get no ticket.
    """

    letter: str
    names: Mapping[str, str]
    booked: int
    walk_in: int
    priority: int
    longest_minutes: int | None
    target_minutes: int
    alarm_minutes: int | None
    newcomer_minutes: tuple[int, int] | None
    refusal: Refusal | None
    open_counters: tuple[int, ...]
    counters: tuple[int, ...]
    to_come: int
    first_to_come_at: datetime | None
    is_closed: bool
    walk_ins_stopped: bool
    gives_walk_ins: bool

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return self.booked + self.walk_in + self.priority

    @property
    def over_target(self) -> bool:
        """Say whether somebody waits longer than the office wants."""
        return self.longest_minutes is not None and self.longest_minutes > self.target_minutes

    @property
    def over_maximum(self) -> bool:
        """Say whether somebody has waited so long that staff are to be told."""
        longest = self.longest_minutes
        return longest is not None and self.alarm_minutes is not None and longest >= self.alarm_minutes


@dataclass(frozen=True, slots=True)
class CounterInHall:
    """A counter: what it does since when, with which ticket and clerk."""

    number: int
    doing: Doing
    since: datetime | None
    clerk: str | None
    ticket: str | None
    call_count: int
    takes_long: bool
    letters: tuple[str, ...]
    differs_today: bool
    unread: int
    is_strict: bool = False


class AlarmKind(StrEnum):
    """What is wrong."""

    HELP = "help"
    WAIT = "wait"
    WAIT_AT_MOST = "wait_at_most"
    NOBODY = "nobody"
    TAKES_LONG = "takes_long"
    PAPER_OUT = "paper_out"
    PAPER_LOW = "paper_low"
    DEVICE_ERROR = "device_error"
    ONE_PRINTER = "one_printer"
    DEVICE_AWAY = "device_away"
    OFFLINE_CONFLICT = "offline_conflict"


# What stops people or their tickets is grave; the rest is told in time.
_GRAVE = frozenset(
    {
        *(AlarmKind.HELP, AlarmKind.WAIT, AlarmKind.WAIT_AT_MOST),
        *(AlarmKind.PAPER_OUT, AlarmKind.DEVICE_ERROR, AlarmKind.DEVICE_AWAY),
        AlarmKind.OFFLINE_CONFLICT,
    }
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that wants attention, with what its sentence says and what would help.

    `opens` is a counter whose clerk could begin to serve the service, `could_serve` one that serves others now.
    """

    kind: AlarmKind
    service: str | None = None
    counter: int | None = None
    ticket: str | None = None
    device: str | None = None
    part: str | None = None
    state: str | None = None
    minutes: int | None = None
    target: int | None = None
    count: int | None = None
    at: datetime | None = None
    name: str | None = None
    opens: int | None = None
    could_serve: int | None = None

    @property
    def is_grave(self) -> bool:
        """Say whether it stops people or their tickets."""
        return self.kind in _GRAVE


@dataclass(frozen=True, slots=True)
class NoticeShown:
    """A notice on the boards or to come: of a supervisor, or without `id` one of the settings."""

    id: int | None
    texts: Mapping[str, str]
    begins_at: datetime | None
    ends_at: datetime | None
    is_shown: bool


@dataclass(frozen=True, slots=True)
class InLine:
    """A ticket that waits, as somebody sees it who steers."""

    id: int
    number: str
    queued_at: datetime
    appointment_at: datetime | None
    lane: str
    for_counter: int | None


@dataclass(frozen=True, slots=True)
class DayShown:
    """How many waited at each step of the day; `begins_at` to `ends_at` is what a picture of the day spans."""

    points: tuple[Waited, ...]
    begins_at: datetime
    ends_at: datetime


class Ahead(StrEnum):
    """Whether it is told how many will be waiting, or why not."""

    TOLD = "told"
    BEING_MADE = "being_made"
    FEW_DAYS = "few_days"
    NOBODY_WORKS = "nobody_works"
    OVER = "over"


class TooLate(NamedTuple):
    """From when on newcomers of a service will not be called before closing."""

    letter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AheadShown:
    """How many will be waiting until closing; `days`: from how many past days it is known, of how many it must.

    `in_words` is the instant that is told in a sentence; `too_late` is in the order of the clock.
    """

    state: Ahead
    days: int = 0
    fewest_days: int = 0
    points: tuple[WillWait, ...] = ()
    in_words: WillWait | None = None
    too_late: tuple[TooLate, ...] = ()


@dataclass(frozen=True, slots=True)
class HallOverview:
    """A hall as of a place in the feed."""

    code: str
    name: str
    services: tuple[ServiceShown, ...]
    counters: tuple[CounterInHall, ...]
    alarms: tuple[Alarm, ...]
    notices: tuple[NoticeShown, ...]
    as_of: int
    now: datetime

    @property
    def waiting(self) -> int:
        """Return how many wait in the whole hall."""
        return sum(service.waiting for service in self.services)

    @property
    def to_come(self) -> int:
        """Return how many booked visitors have yet to come."""
        return sum(service.to_come for service in self.services)

    @property
    def open_counters(self) -> int:
        """Return at how many counters somebody works."""
        return sum(counter.doing not in (Doing.PAUSED, Doing.CLOSED) for counter in self.counters)
