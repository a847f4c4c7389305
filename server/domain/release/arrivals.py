"""The line in front of the pages, while more come than the servers bear: its order and its pace (rule 10)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.domain.office.hours import day_of, instant
from server.domain.release.modes import ROOM_OPENS_BEFORE

SLOW_SECONDS = 0.5
"""From so long answers on (the slowest of a hundred) the servers bear no more people."""
LEAST_PER_SECOND = 1.0
_SLOWER, _FASTER = 0.7, 0.05
_DAY = timedelta(days=1)

STEPS: tuple[int, ...] = (1, 2, 5, 10, 20, 30, 60, 120)
"""The waits in minutes that are told, the first of less than a minute, the last of more than an hour."""
DRAWN_LATER = 0
"""The step of those whose order is drawn at the hour."""
_LOOKS_AGAIN = {DRAWN_LATER: 60, 1: 10, 2: 30, 5: 60, 10: 120, 20: 240, 30: 300, 60: 300, 120: 300}


@dataclass(frozen=True, slots=True)
class Drawn:
    """The numbers after `first` up to `last`, in line when an hour came: their order is drawn by `seed`."""

    first: int
    last: int
    seed: bytes

    def turn(self, number: int) -> int:
        """Return the place that one of these numbers has drawn; two of them may share one."""
        drawn = hashlib.sha256(self.seed + number.to_bytes(8, "big")).digest()[:8]
        return self.first + 1 + (int.from_bytes(drawn, "big") * (self.last - self.first) >> 64)


def turn_of(number: int, drawn: Iterable[Drawn]) -> int:
    """Return how many must be let in until it is a number's turn: as many as its place, drawn or by arrival."""
    return next((each.turn(number) for each in drawn if each.first < number <= each.last), number)


def next_pace(pace: float, most: float, slowest_seconds: float, *, is_refusing: bool) -> float:
    """Return how many people a second are let in from now on, by how the servers answered those before.

    `slowest_seconds` is what 99 of 100 answers kept below. Down at once by a third, up in small steps, as hosts
    of a network share a line (AIMD: Chiu and Jain, 1989).
    """
    if is_refusing or slowest_seconds > SLOW_SECONDS:
        return max(min(LEAST_PER_SECOND, most), pace * _SLOWER)
    return min(most, pace + most * _FASTER)


def step_of(seconds: float) -> int:
    """Return which of STEPS tells a wait, rounded up."""
    return next((step for step in STEPS if seconds <= step * 60), STEPS[-1])


def looks_again_after(step: int) -> int:
    """Return after how many seconds a page of this step looks again: the more seldom, the longer the wait."""
    return _LOOKS_AGAIN[step]


def coming_hour(hours: Iterable[tuple[time, ZoneInfo]], now: datetime) -> datetime | None:
    """Return the hour of release (wall time and zone) that comes so soon that its waiting rooms are open."""
    coming = (
        instant(day_of(now, zone) + ahead * _DAY, hour, zone) for hour, zone in hours for ahead in (0, 1)
    )
    return min((each for each in coming if now < each <= now + ROOM_OPENS_BEFORE), default=None)


def holds(waiting: int, pace: float, until_hour: timedelta) -> bool:
    """Say whether more stand in line than can be let in until the hour: then they wait, and their order is drawn.

    Else all of them are let in before it, and the waiting room of the service draws their order.
    """
    return waiting > pace * until_hour.total_seconds()
