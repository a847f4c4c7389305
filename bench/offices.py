"""Simulated offices with known truth: who comes on a day, what the tables would show at an instant of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.queue.experience import PastVisit, habits, service_times
from server.domain.queue.forecast import Booked, Hall, ServiceTimes, Working
from server.domain.queue.hall_model import Counter, Floats, Integers, Person, Rules
from server.domain.queue.simulation import simulate

MINUTE = 60.0
_SHOW_RATE = 0.9
_LAST_CHECK_IN = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Service:
    """What comes to a service on a day, and how long a visit lasts (log-normal; mean in seconds)."""

    booked: int
    walk_ins: int
    mean: float = 8 * MINUTE
    spread: float = 0.66


@dataclass(frozen=True, slots=True)
class Office:
    """An office of a bench: its services, and for each counter the indices of those it calls for."""

    name: str
    services: Sequence[Service]
    counters: Sequence[frozenset[int]]
    hours: float = 8 * 3600

    @property
    def walk_ins(self) -> int:
        """Return how many come without a reservation."""
        return sum(each.walk_ins for each in self.services)


def five_counters(walk_ins: int) -> Office:
    """Give the office of the goals: five counters, one service, 110 booked visitors."""
    return Office("5 counters", [Service(110, walk_ins)], [frozenset({0})] * 5)


def two_counters() -> Office:
    """Give a small office."""
    return Office("2 counters", [Service(40, 50)], [frozenset({0})] * 2)


def twelve_counters() -> Office:
    """Give an office of three services: some counters call for one, some for two."""
    services = [
        Service(120, 120, 9 * MINUTE),
        Service(60, 60, 14 * MINUTE, 0.5),
        Service(0, 110, 4 * MINUTE, 0.8),
    ]
    sets = [{0}] * 4 + [{1}] * 3 + [{0, 1}] * 2 + [{2}] + [{0, 2}] * 2
    return Office("12 counters, 3 services", services, [frozenset(each) for each in sets])


def made_day(office: Office, dice: np.random.Generator) -> tuple[list[Person], Floats, Floats]:
    """Make a day: who comes and when (inf: never), and how long each visit lasts."""
    people, arrives, lasts = [], [], []
    for n, service in enumerate(office.services):
        for k in range(service.booked):
            hour = 900 + (k + 0.5) * (office.hours - 1800) / service.booked
            hour = round(hour / 300) * 300.0
            came = hour - _LAST_CHECK_IN - abs(dice.normal(0, 8 * MINUTE))
            arrives.append(max(came, -600.0) if dice.random() < _SHOW_RATE else math.inf)
            people.append(Person(n, arrives[-1] if math.isfinite(arrives[-1]) else 0.0, hour))
        morning = dice.triangular(-600, 2700, 10_000, service.walk_ins)
        any_time = dice.uniform(0, office.hours - 3600, service.walk_ins)
        for at in np.sort(np.where(dice.random(service.walk_ins) < 0.5, morning, any_time)):
            arrives.append(float(at))
            people.append(Person(n, float(at)))
        width = math.sqrt(math.log1p(service.spread**2))
        count = service.booked + service.walk_ins
        lasts += dice.lognormal(math.log(service.mean) - width**2 / 2, width, count).tolist()
    return people, np.array(arrives), np.array(lasts)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that was played: who came when, how long visits lasted, and when which counter called whom."""

    people: Sequence[Person]
    arrives: Floats
    lasts: Floats
    called: Floats
    by: Integers


@dataclass(frozen=True, slots=True)
class Moment:
    """An office at an instant, as the tables would show it, and the visits that have ended, by service."""

    hall: Hall
    ended: Sequence[tuple[int, float]]
    service: int = 0


_EARLY = tuple(_LAST_CHECK_IN + abs(np.random.default_rng(9).normal(0, 8 * MINUTE, 500)))
_HABITS = habits(900, 1000, _EARLY)


def played_day(office: Office, dice: np.random.Generator) -> Day:
    """Make a day and play it by the calling rules."""
    people, arrives, lasts = made_day(office, dice)
    calls = simulate(
        people,
        [Counter(served) for served in office.counters],
        [Rules()] * len(office.services),
        arrives_at=np.maximum(arrives, -1e5)[None, :],
        lasts=lasts[None, :],
        free_at=np.zeros((1, len(office.counters))),
    )
    return Day(people, arrives, lasts, calls.called_at[0], calls.counter[0])


def moment(office: Office, day: Day, now: float, who: int | None = None) -> Moment:
    """Show an office at an instant, at which somebody may join."""
    people, called, by = day.people, day.called, day.by
    waiting, to_come = [], []
    for k, each in enumerate(people):
        hour = None if each.appointment_at is None else each.appointment_at - now
        if k != who and day.arrives[k] <= now < called[k]:
            waiting.append(Person(each.service, each.queued_at - now, hour))
        elif hour is not None and day.arrives[k] > now and hour > _LAST_CHECK_IN:
            to_come.append(Booked(Person(each.service, 0.0, hour), _HABITS))
    at_counters = np.flatnonzero((called <= now) & (now < called + day.lasts)).tolist()
    # Who is called as they join is at no counter yet when they are told.
    busy = {int(by[k]): k for k in at_counters if k != who}
    opens = ((max(-now, 0.0), math.inf),)
    working = [
        Working(Counter(served, opens), people[busy[c]].service, float(now - called[busy[c]]))
        if c in busy
        else Working(Counter(served, opens))
        for c, served in enumerate(office.counters)
    ]
    over = np.flatnonzero(called + day.lasts <= now).tolist()
    ended = [(people[k].service, float(day.lasts[k])) for k in over]
    joining = [] if who is None else [Person(people[who].service, 0.0)]
    hall = Hall(waiting, joining, to_come, working, [Rules()] * len(office.services))
    return Moment(hall, ended, 0 if who is None else people[who].service)


def learned(office: Office, seen: Moment, n: int) -> ServiceTimes:
    """Learn how long visits of a service take, as the product does."""
    service = office.services[n]
    past = [PastVisit(9, each) for each in _weeks(service, n)]
    today = [seconds for each, seconds in seen.ended if each == n]
    running = [each.busy_for for each in seen.hall.counters if each.service == n]
    return service_times(service.mean, past, today, running, 9)


def _weeks(service: Service, seed: int) -> list[float]:
    width = math.sqrt(math.log1p(service.spread**2))
    dice = np.random.default_rng(100 + seed)
    found: list[float] = dice.lognormal(math.log(service.mean) - width**2 / 2, width, 300).tolist()
    return found
