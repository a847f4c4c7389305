"""What an office has learned of its own work: how long visits take, and whether booked visitors come.

Each figure is pulled towards a coarser one until it has enough visits of its own: a service's setting, the last
weeks, this hour of the day, today.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.queue.forecast import Habits, ServiceTimes

_SETTING_WEIGHT, _WEEKS_WEIGHT, _HOUR_WEIGHT = 5, 10, 20
"""As how many visits each coarser figure counts beside the finer one."""
_SPREAD, _SPREAD_FROM = 0.6, 30
_FORGOTTEN = 8
"""A visit of so many times the median is a ticket that somebody forgot to finish."""
_SHOW_RATE, _SHOW_WEIGHT = 0.9, 20
_EARLINESS = tuple(900.0 + 60 * minutes for minutes in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 21))
"""How many seconds before their hour visitors come where nothing is known: from the last moment on."""


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit of the last weeks: the hour of the day at which it was called, and its seconds at the counter."""

    hour: int
    seconds: float


def service_times(
    setting_seconds: float,
    past: Sequence[PastVisit],
    today: Sequence[float],
    running: Sequence[float],
    hour: int,
) -> ServiceTimes:
    """Work out how long a visit takes that is called at this hour.

    today: seconds of visits that have ended; running: seconds so far of those that go on. It is busy time ÷
    completions. A visit that goes on counts as (1 − spread²) ÷ 2 of a completion: what is left of one looked at
    in its middle is (1 + spread²) ÷ 2 of a mean (residual life in a renewal process).
    """
    weeks = _without_forgotten([each.seconds for each in past])
    mean = _pulled(setting_seconds, _SETTING_WEIGHT, weeks, len(weeks))
    spread = _spread(weeks)
    own_hour = _without_forgotten([each.seconds for each in past if each.hour == hour])
    mean = _pulled(mean, _WEEKS_WEIGHT, own_hour, len(own_hour))
    ended = _without_forgotten(today)
    completions = len(ended) + len(running) * max(1 - spread**2, 0.1) / 2
    mean = _pulled(
        mean, _HOUR_WEIGHT, [*ended, *(min(each, _FORGOTTEN * mean) for each in running)], completions
    )
    known = min(_SETTING_WEIGHT + len(weeks), _HOUR_WEIGHT) + len(ended)
    return ServiceTimes(max(mean, 1.0), spread, known)


def habits(came: int, booked: int, earliness: Iterable[float]) -> Habits:
    """Say what booked visitors do, from how many of the booked came, and how many seconds before their hour."""
    own = tuple(earliness)
    rate = (came + _SHOW_RATE * _SHOW_WEIGHT) / (booked + _SHOW_WEIGHT)
    return Habits(min(rate, 1.0), own if len(own) >= len(_EARLINESS) else own + _EARLINESS)


def _pulled(towards: float, weight: float, seconds: Sequence[float], completions: float) -> float:
    return (towards * weight + sum(seconds)) / (weight + completions)


def _without_forgotten(seconds: Sequence[float]) -> list[float]:
    if not seconds:
        return []
    most = _FORGOTTEN * statistics.median(seconds)
    return [each for each in seconds if each <= most]


def _spread(seconds: Sequence[float]) -> float:
    if len(seconds) < _SPREAD_FROM or not (mean := statistics.fmean(seconds)):
        return _SPREAD
    return min(max(statistics.pstdev(seconds) / mean, 0.2), 1.5)
