"""When will a visitor be called? An honest range, from how fast the open counters are (rule 21)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_TRIMMED_SHARE = 0.1
"""Left out at each end: the ticket that somebody forgot to finish, and the one started by mistake."""
_FALLBACK_WEIGHT = 5
"""The service's setting counts as so many measured visits, so that the first one of a day does not decide."""
_SPREAD = 0.6
"""Standard deviation of service times at a counter, as a share of their mean."""
_DEVIATIONS = 0.84
"""To each side of the middle: then, with the rounding, four visitors in five are called inside their range."""
_COARSE_FROM = timedelta(minutes=10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast people are served: the seconds a counter is busy per completion, from `samples` of them."""

    seconds_per_completion: float
    open_counters: int
    samples: int


def pace(busy_seconds: Sequence[float], open_counters: int, fallback_seconds: float) -> Pace:
    """Work out the pace from the busy times of recent completions, robust against outliers.

    A trimmed mean, pulled towards `fallback_seconds` (the service's setting) while there are few of them.
    """
    trimmed = min(math.ceil(len(busy_seconds) * _TRIMMED_SHARE), (len(busy_seconds) - 1) // 2)
    kept = sorted(busy_seconds)[trimmed : len(busy_seconds) - trimmed]
    seconds = (sum(kept) + fallback_seconds * _FALLBACK_WEIGHT) / (len(kept) + _FALLBACK_WEIGHT)
    return Pace(seconds, open_counters, len(busy_seconds))


def expected_call(
    people_ahead: int, now: datetime, pace: Pace, not_before: datetime | None = None
) -> tuple[datetime, datetime] | None:
    """Give the range in which the call is expected, in UTC; None while no counter is open.

    People ahead × busy time per completion ÷ open counters is its middle, and one more completion its end. It
    is wider with more people and with fewer samples, and rounded outwards: to whole minutes, and to five from
    ten minutes on. `not_before` is the hour of a booked visit.
    """
    if pace.open_counters < 1:
        return None
    step = pace.seconds_per_completion / pace.open_counters
    mean = people_ahead * step
    margin = _DEVIATIONS * _SPREAD * step * math.sqrt(people_ahead + people_ahead**2 / max(pace.samples, 1))
    start = now.astimezone(UTC)
    earliest = start + timedelta(seconds=max(0.0, mean - margin))
    latest = start + timedelta(seconds=mean + margin + step)
    if not_before is not None:
        earliest = max(earliest, not_before.astimezone(UTC))
        latest = max(latest, not_before.astimezone(UTC) + timedelta(seconds=step))
    grain = timedelta(minutes=5 if earliest - start >= _COARSE_FROM else 1)
    return _EPOCH + (earliest - _EPOCH) // grain * grain, _EPOCH - (_EPOCH - latest) // grain * grain


def within_hours(
    expected: tuple[datetime, datetime] | None, now: datetime, closes_at: datetime | None
) -> tuple[tuple[datetime, datetime] | None, bool]:
    """Keep an expected call inside the day: return the range to tell, and whether to say *not today any more*.

    The middle of the range decides, as it does for walk-in tickets. After closing no time is told: counters that
    are still open may go on calling, and without one nobody is called today.
    """
    if closes_at is None:
        return expected, False
    if now >= closes_at or expected is None:
        return None, now >= closes_at and expected is None
    earliest, latest = expected
    if earliest + (latest - earliest) / 2 >= closes_at:
        return None, True
    return (earliest, min(latest, closes_at)), False
