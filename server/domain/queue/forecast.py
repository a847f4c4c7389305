"""When will each be called? A range from many plays of the line as it is now (rule 21).

What is known goes in as it is: who waits, who is served since when, which counters call for what. What is not
known yet is drawn anew in each run: how long visits take, whether and when those who booked come, and how sure
the office may be of its own averages. Instants are seconds from now.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.queue.hall_model import Calls, Counter, Flags, Floats, Person, Rules
from server.domain.queue.simulation import simulate

RUNS = 200
_LOW, _HIGH = 20, 80
_TRIES = 2_000


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """How long visits of a service take: mean seconds, spread (deviation ÷ mean), from how many visits."""

    mean: float
    spread: float = 0.6
    samples: float = 5.0


@dataclass(frozen=True, slots=True)
class Habits:
    """What booked visitors do: the share that comes, and a sample of how many seconds before the hour."""

    show_rate: float
    earliness: Sequence[float]


@dataclass(frozen=True, slots=True)
class Booked:
    """A booked visitor who has not come yet, and until how many seconds before the hour they may."""

    person: Person
    habits: Habits
    last_check_in: float = 900.0


@dataclass(frozen=True, slots=True)
class Working:
    """A counter that is open: what it calls for, and its visit since so many seconds (None: it is free).

    One that is on a break is away for so many seconds yet, on the average.
    """

    counter: Counter
    service: int | None = None
    busy_for: float = 0.0
    away_for: float = 0.0


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall at an instant: who waits, who might join now, who is booked and has not come, and the open counters.

    `joining` are asked about, one by one: none of them keeps anybody else waiting.
    """

    waiting: Sequence[Person]
    joining: Sequence[Person]
    to_come: Sequence[Booked]
    counters: Sequence[Working]
    rules: Sequence[Rules]
    priority_every: int = 2
    calls_since_priority: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn in each run: when each comes, how long each visit lasts, when each counter is free."""

    arrives_at: Floats
    lasts: Floats
    free_at: Floats


@dataclass(frozen=True, slots=True)
class Range:
    """When somebody is called, in seconds from now: P20, the middle and P80; `inf` is never."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The ranges of those who wait and of those who might join now, in the order of the hall's."""

    waiting: tuple[Range, ...]
    joining: tuple[Range, ...]


def forecast(
    hall: Hall,
    times: Sequence[ServiceTimes],
    runs: int = RUNS,
    seed: int = 11,
) -> Forecast:
    """Play the hall forward in many runs; `times` has one entry a service.

    The dice are the same each time, so that what is told does not flicker while nothing happens.
    """
    dice = np.random.default_rng(seed)
    people = [*hall.waiting, *hall.joining, *(each.person for each in hall.to_come)]
    joining = len(hall.waiting)
    first = joining + len(hall.joining)
    thrown = drawn(hall, people, times, dice, runs)
    wanted: Flags = np.arange(len(people)) < first
    calls = played(hall, people, thrown, until_called=wanted)
    places = [max(-(-each * runs // 100) - 1, 0) for each in (_LOW, 50, _HIGH)]
    low, middle, high = np.partition(calls.called_at[:, :first], places, axis=0)[places]
    ranges = [Range(*map(float, each)) for each in zip(low, middle, high, strict=True)]
    return Forecast(tuple(ranges[:joining]), tuple(ranges[joining:]))


def played(
    hall: Hall,
    people: Sequence[Person],
    thrown: Drawn,
    *,
    until_called: Flags | None = None,
    queued_at: Floats | None = None,
) -> Calls:
    """Play a hall with what was drawn for `people`; the other two are as the simulation takes them."""
    return simulate(
        people,
        [each.counter for each in hall.counters],
        hall.rules,
        arrives_at=thrown.arrives_at,
        lasts=thrown.lasts,
        free_at=thrown.free_at,
        priority_every=hall.priority_every,
        calls_since_priority=hall.calls_since_priority,
        until_called=until_called,
        queued_at=queued_at,
    )


def drawn(
    hall: Hall, people: Sequence[Person], times: Sequence[ServiceTimes], dice: np.random.Generator, runs: int
) -> Drawn:
    """Draw what nobody knows; `people` are those who wait, join and are to come, and perhaps others behind."""
    arrives_at = np.full((runs, len(people)), -np.inf)
    joining = len(hall.waiting)
    first = joining + len(hall.joining)
    for n, each in enumerate(hall.to_come, first):
        arrives_at[:, n] = _arrivals(each, dice, runs)
    means = np.stack([_means(each, dice, runs) for each in times], axis=1)
    services = np.array([person.service for person in people])
    spreads = np.array([each.spread for each in times])
    lasts = means[:, services] * _lengths(spreads[services], dice, (runs, len(people)))
    lasts[:, joining:first] = 0.0
    free_at = np.zeros((runs, len(hall.counters)))
    for n, working in enumerate(hall.counters):
        if working.service is not None:
            mean = means[:, working.service]
            free_at[:, n] = _remaining(working.busy_for, mean, times[working.service].spread, dice)
        elif working.away_for:
            free_at[:, n] = dice.exponential(working.away_for, runs)
    return Drawn(arrives_at, lasts, free_at)


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


def _arrivals(booked: Booked, dice: np.random.Generator, runs: int) -> Floats:
    """Draw when a booked visitor comes who has not come yet: what they would have done by now counts."""
    hour, show_rate = booked.person.appointment_at or 0.0, booked.habits.show_rate
    if hour - booked.last_check_in <= 0:
        return np.full(runs, np.inf)
    at = hour - np.asarray(booked.habits.earliness)
    possible = at[at > 0]
    share = len(possible) / len(at)
    if not len(possible):
        possible = np.array([max(hour - booked.last_check_in, 1.0)])
        share = 0.5 / (len(at) + 1)
    comes = show_rate * share / (show_rate * share + 1 - show_rate or 1.0)
    return np.where(dice.random(runs) < comes, dice.choice(possible, runs), np.inf)
