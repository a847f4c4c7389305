"""Which call is read aloud next, how often and how loud; pure.

One call at a time, in the order in which the screen announced them. A call is read again only while nobody else
waits to be called. It is not read any more when its visitor is at the counter, or it was put back or is over; nor
when it waited long and its number was called again meanwhile. At an hour without volume no call waits: the screen
tells them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time

from display_board.hours import is_within
from wire.messages import BoardCall
from wire.settings import VoiceSettings


@dataclass(frozen=True)
class Called:
    """The screen announced a call."""

    call: BoardCall


@dataclass(frozen=True)
class StillCalled:
    """The numbers that are called now, by the screen."""

    numbers: frozenset[str]


@dataclass(frozen=True)
class Arrived:
    """The visitor with this number is at the counter."""

    number: str


@dataclass(frozen=True)
class Ended:
    """What was read has been heard."""


Event = Called | StillCalled | Arrived | Ended


@dataclass(frozen=True)
class Turn:
    """A call that is read `times` times yet, and since when (monotonic seconds) it waits."""

    call: BoardCall
    since: float
    times: int


@dataclass(frozen=True)
class Queue:
    """What is being read, and what waits for it."""

    reading: Turn | None = None
    waiting: tuple[Turn, ...] = ()


def advance(
    queue: Queue, event: Event, at: float, volume: int, settings: VoiceSettings
) -> tuple[Queue, BoardCall | None]:
    """Take one event at an instant (monotonic seconds) and its volume; give the call to read now, if any."""
    if isinstance(event, Called):
        queue = replace(queue, waiting=(*queue.waiting, Turn(event.call, at, settings.times)))
    elif isinstance(event, StillCalled):
        queue = _kept(queue, lambda number: number in event.numbers)
    elif isinstance(event, Arrived):
        queue = _kept(queue, lambda number: number != event.number)
    elif queue.reading is not None:
        again = () if queue.waiting or not queue.reading.times else (queue.reading,)
        queue = Queue(waiting=(*again, *queue.waiting))
    if volume == 0:
        return replace(queue, waiting=()), None
    return _read_next(queue, at, settings) if queue.reading is None else (queue, None)


def _kept(queue: Queue, is_called: Callable[[str], bool]) -> Queue:
    reading = queue.reading
    if reading is not None and not is_called(reading.call.number):
        reading = replace(reading, times=0)
    return Queue(reading, tuple(turn for turn in queue.waiting if is_called(turn.call.number)))


def _read_next(queue: Queue, at: float, settings: VoiceSettings) -> tuple[Queue, BoardCall | None]:
    waiting = queue.waiting
    while waiting:
        first, *others = waiting
        waiting = tuple(others)
        is_old = at - first.since > settings.recalled_after_seconds
        if not (is_old and any(other.call.number == first.call.number for other in others)):
            return Queue(replace(first, times=first.times - 1), waiting), first.call
    return Queue(), None


def volume_at(hour: time, settings: VoiceSettings) -> int:
    """Give the volume of an hour of the wall clock in percent: of the first row that fits, else the usual one."""
    for row in settings.volume_by_hour:
        if is_within(hour, row.from_, row.until):
            return row.volume
    return settings.volume


def decibels(volume: int) -> float:
    """Give a volume (1 to 100 percent) in dB below the full one: half of it sounds half as loud, 10 dB less."""
    return 10 * math.log2(volume / 100)
