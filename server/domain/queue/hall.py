"""What a supervisor is told of a hall: how many waited when, and which visit takes unusually long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=10)
_LONG_FACTOR = 2
_LONG_AT_LEAST = timedelta(minutes=10)
_MOST_POINTS = 24 * 6 + 1


@dataclass(frozen=True, slots=True)
class Waited:
    """How many waited at an instant."""

    at: datetime
    count: int


def day_curve(
    waits: Iterable[tuple[datetime, datetime | None]], begins_at: datetime, now: datetime
) -> tuple[Waited, ...]:
    """Count at each step of the day how many waited, and at last how many wait now.

    A wait is from an instant until before another one; None for who waits still.
    """
    steps = max(0, min((now - begins_at) // STEP, _MOST_POINTS))
    change: Counter[int] = Counter()
    waiting_now = 0
    for since, until in waits:
        if since > now:
            continue
        change[_step_at_or_after(since, begins_at)] += 1
        if until is None or until > now:
            waiting_now += 1
        else:
            change[_step_at_or_after(until, begins_at)] -= 1
    points, count = [], 0
    for step in range(steps + 1):
        count += change[step]
        points.append(Waited(begins_at + step * STEP, count))
    if points[-1].at < now:
        points.append(Waited(now, waiting_now))
    return tuple(points)


def _step_at_or_after(at: datetime, begins_at: datetime) -> int:
    """Return the first step at which what happened at an instant is seen."""
    return max(0, -((begins_at - at) // STEP))


def takes_long(served_for: timedelta, expected: timedelta) -> bool:
    """Say whether a visit takes unusually long: twice what is usual for the service, ten minutes at least."""
    return served_for >= max(_LONG_FACTOR * expected, _LONG_AT_LEAST)


def whole_minutes(length: timedelta) -> int:
    """Return the minutes that have passed in full; what lies ahead counts as none."""
    return max(0, length // timedelta(minutes=1))
