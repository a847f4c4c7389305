"""When will each be called? A range from many plays of the line as it is now (rule 21).

What is known goes in as it is: who waits, who is served since when, which counters call for what. What is not known
yet is drawn anew in each run: how long visits take, whether and when those who booked come, and how sure the office
may be of its own averages. Instants are seconds from now.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.queue.simulation import Counter, Flags, Floats, Person, Rules, simulate

RUNS = 200
_LOW, _HIGH = 20, 80
_LONGEST_SPREAD = 6
_TRIES = 2_000


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """How long visits of a service take: mean seconds, their spread (deviation ÷ mean), and from how many visits."""

    mean: float
    spread: float = 0.6
    samples: float = 5.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What booked visitors do: the share that comes, and how many seconds before their hour they did, as a sample."""

    show_rate: float
    earliness: Sequence[float]


@dataclass(frozen=True, slots=True)
class Working:
    """A counter that is open: what it calls for, and its visit since so many seconds (None: it is free)."""

    counter: Counter
    service: int | None = None
    busy_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall at an instant: who waits, who is booked and has not come, and the open counters."""

    waiting: Sequence[Person]
    to_come: Sequence[Person]
    counters: Sequence[Working]
    rules: Sequence[Rules]
    last_check_in: float = 900.0
    priority_every: int = 2
    calls_since_priority: int | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """When somebody is called, in seconds from now: P20, the middle and P80; `inf` is never."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The ranges of those who wait, of those to come, and of a walk-in who came now, by service."""

    waiting: tuple[Range, ...]
    to_come: tuple[Range, ...]
    newcomers: Mapping[int, Range]


def forecast(
    hall: Hall,
    times: Sequence[ServiceTimes],
    habits: Sequence[Habits],
    dice: np.random.Generator,
    runs: int = RUNS,
) -> Forecast:
    """Play the hall forward in many runs; `times` and `habits` have one entry a service."""
    newcomers = [Person(service, 0.0) for service in range(len(times))]
    people = [*hall.waiting, *hall.to_come, *newcomers]
    arrives_at = np.full((runs, len(people)), -np.inf)
    first, last = len(hall.waiting), len(hall.waiting) + len(hall.to_come)
    for n, person in enumerate(hall.to_come, first):
        arrives_at[:, n] = _arrivals(person, habits[person.service], hall.last_check_in, dice, runs)
    means = np.stack([_means(each, dice, runs) for each in times], axis=1)
    services = np.array([person.service for person in people])
    spreads = np.array([each.spread for each in times])
    lasts = means[:, services] * _lengths(spreads[services], dice, (runs, len(people)))
    lasts[:, last:] = 0.0
    free_at = np.zeros((runs, len(hall.counters)))
    for n, each in enumerate(hall.counters):
        if each.service is not None:
            mean = means[:, each.service]
            free_at[:, n] = _remaining(each.busy_for, mean, times[each.service].spread, dice)
    wanted: Flags = np.ones(len(people), dtype=bool)
    wanted[first:last] = False
    calls = simulate(
        people,
        [each.counter for each in hall.counters],
        hall.rules,
        arrives_at=arrives_at,
        lasts=lasts,
        free_at=free_at,
        priority_every=hall.priority_every,
        calls_since_priority=hall.calls_since_priority,
        until_called=wanted,
    )
    low, middle, high = np.percentile(calls.called_at, (_LOW, 50, _HIGH), axis=0, method="inverted_cdf")
    ranges = [Range(*map(float, each)) for each in zip(low, middle, high, strict=True)]
    return Forecast(
        tuple(ranges[:first]),
        tuple(ranges[first:last]),
        dict(enumerate(ranges[last:])),
    )


def _means(times: ServiceTimes, dice: np.random.Generator, runs: int) -> Floats:
    """Draw what the mean may be, given from how many visits it is known."""
    shape = max(times.samples, 1.0) / times.spread**2
    return times.mean * dice.gamma(shape, 1 / shape, runs)


def _lengths(spread: Floats, dice: np.random.Generator, size: tuple[int, int]) -> Floats:
    """Draw lengths of a mean of one: log-normal, as service times at counters are."""
    width = np.sqrt(np.log1p(spread**2))
    return np.exp(dice.standard_normal(size) * width - width**2 / 2)


def _remaining(busy_for: float, mean: Floats, spread: float, dice: np.random.Generator) -> Floats:
    """Draw how much longer a visit takes that has lasted `busy_for` already."""
    width = math.sqrt(math.log1p(spread**2))
    relative = np.sort(np.exp(dice.standard_normal(_TRIES) * width - width**2 / 2))
    gone = busy_for / mean
    longer = np.searchsorted(relative, gone)
    picks = longer + (dice.random(len(mean)) * (_TRIES - longer)).astype(np.int64)
    beyond = gone + np.exp(dice.standard_normal(len(mean)) * width) * spread
    whole = np.where(longer >= _TRIES - 5, beyond, relative[np.minimum(picks, _TRIES - 1)])
    return np.maximum(whole * mean - busy_for, 1.0)


def _arrivals(
    person: Person, habits: Habits, last_check_in: float, dice: np.random.Generator, runs: int
) -> Floats:
    """Draw when a booked visitor comes who has not come yet: what they would have done by now counts."""
    hour = person.appointment_at or 0.0
    if hour - last_check_in <= 0:
        return np.full(runs, np.inf)
    at = hour - np.asarray(habits.earliness)
    possible = at[at > 0]
    if not len(possible):
        possible = np.array([max(hour - last_check_in, 1.0)])
        share = 0.5 / (len(at) + 1)
    else:
        share = len(possible) / len(at)
    comes = habits.show_rate * share / (habits.show_rate * share + 1 - habits.show_rate or 1.0)
    return np.where(dice.random(runs) < comes, dice.choice(possible, runs), np.inf)
