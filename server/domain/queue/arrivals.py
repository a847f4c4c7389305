"""How many people come without a reservation: learned by service, weekday and hour, and drawn for a simulation.

A weekday's figure is pulled towards that of all days until there are enough of its own. How busy a day is beside
others of its kind is drawn too, and what has come of it so far tells most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.domain.queue.hall_model import Floats

FEWEST_DAYS = 5
"""From fewer days nobody can tell how many will come."""
_ALL_DAYS_WEIGHT = 4
"""As how many days of the weekday the figure of all days counts."""
_SPREAD, _SPREAD_WEIGHT = 0.15, 10
"""How far days of one kind differ where nothing is known (deviation ÷ mean), and as how many days that counts."""
_MOST = 3_000


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day that is over: its weekday (0 is Monday), and its walk-in tickets by service and hour."""

    weekday: int
    tickets: Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Learned:
    """How many come on a weekday by service and hour of the clock, how far days differ, from how many days."""

    expected: Mapping[tuple[int, int], float]
    spread: float = _SPREAD
    days: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Some time of today, in seconds from now: how many are expected to come for a service in it."""

    service: int
    begins: float
    ends: float
    expected: float


@dataclass(frozen=True, slots=True)
class Coming:
    """What may come today: spans with how many are expected, and how many were and did come until now."""

    spans: Sequence[Span]
    expected_so_far: float = 0.0
    came_so_far: int = 0
    spread: float = _SPREAD


def learned(days: Sequence[PastDay], weekday: int) -> Learned:
    """Learn from past days, the earliest first, how many come on a weekday."""
    means = {each: dict(_means(days, each)) for each in {weekday, *(day.weekday for day in days)}}
    return Learned(means[weekday], _spread(days, means), len(days))


def _means(days: Sequence[PastDay], weekday: int) -> Iterator[tuple[tuple[int, int], float]]:
    # A service that is new has had no people before.
    begun: dict[int, int] = {}
    for n, day in enumerate(days):
        for service, _hour in day.tickets:
            begun.setdefault(service, n)
    for key in sorted({key for day in days for key in day.tickets}):
        since = days[begun[key[0]] :]
        own = [day.tickets.get(key, 0) for day in since if day.weekday == weekday]
        of_all = sum(day.tickets.get(key, 0) for day in since) / len(since)
        yield key, (of_all * _ALL_DAYS_WEIGHT + sum(own)) / (_ALL_DAYS_WEIGHT + len(own))


def _spread(days: Sequence[PastDay], means: Mapping[int, Mapping[tuple[int, int], float]]) -> float:
    """Tell how far days differ beyond chance: the variance of a day's number is more than its mean."""
    expected = np.array([sum(means[day.weekday].values()) for day in days])
    came = np.array([sum(day.tickets.values()) for day in days])
    if not len(days) or not expected.mean():
        return _SPREAD
    beyond = float(((came - expected) ** 2 - expected).sum() / (expected**2).mean())
    return float(np.sqrt((max(beyond, 0.0) + _SPREAD**2 * _SPREAD_WEIGHT) / (len(days) + _SPREAD_WEIGHT)))


def limited(spans: Sequence[Span], tickets_left: int) -> list[Span]:
    """Keep of a service's spans, the earliest first, what its daily limit has tickets for."""
    kept: list[Span] = []
    left = float(tickets_left)
    for each in spans:
        if left <= 0:
            break
        part = min(left / each.expected, 1.0) if each.expected else 1.0
        kept.append(
            replace(each, ends=each.begins + (each.ends - each.begins) * part, expected=each.expected * part)
        )
        left -= each.expected
    return kept


def draw(coming: Coming, dice: np.random.Generator, runs: int) -> tuple[list[int], Floats]:
    """Draw who comes in each run: the service of each, and when they do (inf: not), the earlier ones first."""
    certain = 1 / coming.spread**2
    busy = dice.gamma(certain + coming.came_so_far, 1 / (certain + coming.expected_so_far), runs)
    services: list[int] = []
    found = [np.zeros((runs, 0))]
    for service in sorted({each.service for each in coming.spans}):
        times = _times([each for each in coming.spans if each.service == service], busy, dice)[:, :_MOST]
        services += [service] * times.shape[1]
        found.append(times)
    return services, np.hstack(found)


def _times(spans: Sequence[Span], busy: Floats, dice: np.random.Generator) -> Floats:
    begins, widths = (np.array([each.begins for each in spans]), np.array([s.ends - s.begins for s in spans]))
    counts = dice.poisson(busy[:, None] * np.array([each.expected for each in spans]))
    of_run = counts.sum(axis=1)
    rows = np.repeat(np.arange(len(busy)), of_run)
    columns = np.arange(of_run.sum()) - np.repeat(of_run.cumsum() - of_run, of_run)
    of_span = np.repeat(np.tile(np.arange(len(spans)), len(busy)), counts.ravel())
    times = np.full((len(busy), int(of_run.max(initial=0))), np.inf)
    times[rows, columns] = begins[of_span] + widths[of_span] * dice.random(len(of_span))
    times.sort(axis=1)
    return times
