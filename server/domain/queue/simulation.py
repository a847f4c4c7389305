"""The line played forward: whom each counter would call and when, in many runs at once.

A discrete-event simulation of the calling rules (rules.md, Who is next). Every run has its own arrivals and service
times; the rules are those of `order`, written for arrays. Times are seconds from the instant of the picture, negative
for what has been; `inf` is never. Shapes: R runs, P people, C counters, S services.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from server.domain.queue.order import Class, Lane

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_CLASS = 1e7
"""Seconds between two classes in a rank: more than any two people differ by."""
_NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Person:
    """One who waits or will come: the service's index, and what orders them (seconds; None: not so)."""

    service: int
    queued_at: float
    appointment_at: float | None = None
    priority: bool = False
    urgent_since: float | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of a service, in seconds, as `order.CallPolicy` has them."""

    lead: float = 120.0
    overdue: float = 600.0
    maximum_wait: float = 2700.0


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter that calls: for the indices of services, and within hours (seconds from, until)."""

    services: frozenset[int]
    hours: tuple[tuple[float, float], ...] = ((-_NEVER, _NEVER),)


@dataclass(frozen=True, slots=True)
class Calls:
    """What came of it: per run and person the second of the call (`inf`: never) and the counter (-1: none)."""

    called_at: Floats
    counter: Integers


def simulate(
    people: Sequence[Person],
    counters: Sequence[Counter],
    rules: Sequence[Rules],
    *,
    arrives_at: Floats,
    lasts: Floats,
    free_at: Floats,
    priority_every: int = 2,
    calls_since_priority: int | None = None,
    until_called: Flags | None = None,
) -> Calls:
    """Play a line forward in R runs.

    arrives_at: (R, P), when each is there (-inf: already; inf: never comes). lasts: (R, P), seconds at the counter.
    free_at: (R, C), when each counter can call first. rules: one a service. until_called: (P,), whose calls are
    wanted; a run ends with the last of them, all when None. A counter that finds nobody waits for who comes next.
    """
    return _Play(people, counters, rules, arrives_at, lasts, free_at, priority_every).run(
        calls_since_priority, until_called
    )


_KINDS = (Lane.URGENT, Lane.PRIORITY, Lane.BOOKED, Lane.WALK_IN)


def _kind(person: Person) -> Lane:
    if person.urgent_since is not None:
        return Lane.URGENT
    if person.priority:
        return Lane.PRIORITY
    return Lane.WALK_IN if person.appointment_at is None else Lane.BOOKED


def _lane(person: Person) -> tuple[int, bool, int]:
    """Tell where somebody waits: what kind of lane, booked or not, and the service."""
    return _KINDS.index(_kind(person)), person.appointment_at is None, person.service


def _order(person: Person) -> float:
    kind = _kind(person)
    if kind is Lane.URGENT:
        return float(person.urgent_since or 0.0)
    if kind is Lane.BOOKED:
        return float(person.appointment_at or 0.0)
    return person.queued_at


class _Play:
    """The state of all runs; people are sorted by lane and by their order inside it."""

    def __init__(
        self,
        people: Sequence[Person],
        counters: Sequence[Counter],
        rules: Sequence[Rules],
        arrives_at: Floats,
        lasts: Floats,
        free_at: Floats,
        priority_every: int,
    ) -> None:
        self.runs, self.people = arrives_at.shape[0], len(people)
        self.sorted = sorted(range(len(people)), key=lambda n: (_lane(people[n]), _order(people[n]), n))
        ordered = [people[n] for n in self.sorted]
        lanes = sorted({_lane(person) for person in people})
        index = {lane: n for n, lane in enumerate(lanes)}
        self.lane = np.array([index[_lane(person)] for person in ordered], dtype=np.int64)
        self.ends = np.searchsorted(self.lane, np.arange(len(lanes)), side="right")
        self.order = np.array([*(_order(person) for person in ordered), _NEVER])
        self.fallback = np.array(
            [
                *(p.queued_at if p.appointment_at is None else p.appointment_at for p in ordered),
                _NEVER,
            ]
        )
        self.service = np.array([person.service for person in ordered], dtype=np.int64)
        self.priority = np.array([person.priority for person in ordered], dtype=bool)
        self.priority_every = priority_every
        self._columns(lanes, counters, rules)
        self.counters = counters
        self.lasts = lasts[:, self.sorted]
        self.free = np.array(free_at, dtype=np.float64)
        self._begin(arrives_at[:, self.sorted])

    def _columns(
        self, lanes: list[tuple[int, bool, int]], counters: Sequence[Counter], rules: Sequence[Rules]
    ) -> None:
        """Set what is the same in all runs: the columns are the lanes, first urgent, then priority ones."""
        kinds = np.array([kind for kind, _, _ in lanes], dtype=np.int64)
        services = [service for _, _, service in lanes]
        first, second = (int(np.searchsorted(kinds, _KINDS.index(each))) for each in _KINDS[1:3])
        self.of_priority, self.merged = slice(first, second), slice(second, None)
        self.fixed = kinds[:second] * _CLASS
        walk_in = np.array([each for _, each, _ in lanes], dtype=bool)
        self.top = np.where(walk_in, float(Class.WALK_IN), float(Class.BOOKED_EARLY)) * _CLASS
        self.due = np.where(walk_in, -_NEVER, np.array([rules[each].lead for each in services]))
        self.late = np.array(
            [rules[s].maximum_wait if w else rules[s].overdue for s, w in zip(services, walk_in, strict=True)]
        )
        serves = [[service in counter.services for service in range(len(rules))] for counter in counters]
        not_served = np.where(np.array(serves, dtype=bool).reshape(len(counters), len(rules)), 0.0, _NEVER)
        self.closed, self.not_served = not_served[:, services], not_served.T
        windows = max((len(counter.hours) for counter in counters), default=0)
        self.hours = np.full((len(counters), windows, 2), _NEVER)
        for n, counter in enumerate(counters):
            self.hours[n, : len(counter.hours)] = counter.hours
        self.always = bool((self.hours == (-_NEVER, _NEVER)).any(axis=(1, 2)).all())

    def _is_open(self, counters: Integers, now: Floats) -> Flags:
        if self.always:
            return np.ones(now.shape, dtype=bool)
        hours = self.hours[counters]
        return ((hours[..., 0] <= now[..., None]) & (now[..., None] < hours[..., 1])).any(axis=-1)

    def _opens_next(self, counters: Integers, now: Floats) -> Floats:
        opens = self.hours[counters, :, 0]
        return np.where(opens > now[:, None], opens, _NEVER).min(axis=1, initial=_NEVER)

    def _begin(self, arrives_at: Floats) -> None:
        every = np.arange(self.runs)
        self.waiting = np.zeros((self.runs, self.people + 1), dtype=bool)
        self.waiting[:, :-1] = np.isneginf(arrives_at)
        self.head = np.full((self.runs, len(self.ends)), self.people)
        start = 0
        for lane, end in enumerate(self.ends):
            there = self.waiting[:, start:end]
            self.head[:, lane] = np.where(there.any(axis=1), start + there.argmax(axis=1), self.people)
            start = end
        to_come = np.flatnonzero((~np.isneginf(arrives_at)).any(axis=0))
        times = np.where(np.isneginf(arrives_at[:, to_come]), _NEVER, arrives_at[:, to_come])
        by_time = times.argsort(axis=1)
        self.comes = to_come[by_time] if len(to_come) else np.zeros((self.runs, 0), dtype=np.int64)
        self.comes_at = np.full((self.runs, len(to_come) + 1), _NEVER)
        self.comes_at[:, :-1] = np.take_along_axis(times, by_time, axis=1)
        self.next_comes = np.zeros(self.runs, dtype=np.int64)
        self.idle_since = np.full(self.free.shape, _NEVER)
        self.every = every

    def run(self, calls_since_priority: int | None, until_called: Flags | None) -> Calls:
        called_at = np.full((self.runs, self.people), _NEVER)
        by = np.full((self.runs, self.people), -1, dtype=np.int64)
        wanted = np.ones(self.people, dtype=bool) if until_called is None else until_called[self.sorted]
        left = np.full(self.runs, int(wanted.sum()))
        since = np.full(self.runs, 2**31 if calls_since_priority is None else calls_since_priority)
        runs = self.every[left > 0]
        while len(runs):
            now, caller = self._next_event(runs)
            ended = np.isinf(now)
            calls = (caller >= 0) & ~ended
            who, lanes = self._choose(runs[calls], caller[calls], now[calls], since[runs[calls]])
            self._settle(runs[calls], caller[calls], now[calls], who, lanes, called_at, by, since)
            some = who < self.people
            left[runs[calls][some]] -= wanted[who[some]]
            runs = runs[~ended & (left[runs] > 0)]
        back = np.argsort(self.sorted)
        return Calls(called_at[:, back], by[:, back])

    def _next_event(self, runs: Integers) -> tuple[Floats, Integers]:
        """Return when something happens next in each run, and the counter that calls then (-1: none)."""
        free = self.free[runs]
        caller = free.argmin(axis=1)
        free_at = free[np.arange(len(runs)), caller]
        comes_at = self.comes_at[runs, self.next_comes[runs]]
        coming = np.flatnonzero((comes_at <= free_at) & (comes_at < _NEVER))
        if len(coming):
            at = runs[coming]
            who = self.comes[at, self.next_comes[at]]
            lane = self.lane[who]
            self.waiting[at, who] = True
            self.head[at, lane] = np.minimum(self.head[at, lane], who)
            self.next_comes[at] += 1
            idle = self.idle_since[at] + self.not_served[self.service[who]]
            if not self.always:
                everywhere = np.broadcast_to(comes_at[coming, None], idle.shape)
                idle[~self._is_open(np.arange(idle.shape[1])[None, :], everywhere)] = _NEVER
            longest = idle.argmin(axis=1)
            caller[coming] = np.where(np.isinf(idle[np.arange(len(at)), longest]), -1, longest)
        return np.minimum(free_at, comes_at), caller

    def _choose(
        self, runs: Integers, caller: Integers, now: Floats, since: Integers
    ) -> tuple[Integers, Integers]:
        """Return whom each run's caller calls and their lane; the number of people where there is nobody."""
        head = self.head[runs]
        rank = self.order[head]
        moment = now[:, None]
        rank[:, self.merged] += self._classes(rank[:, self.merged], moment, self.merged)
        if self.fixed.size:
            rank[:, : self.fixed.size] += self.fixed
        used_up = since < self.priority_every - 1
        if used_up.any() and self.of_priority.start < self.of_priority.stop:
            plain = self.fallback[head[:, self.of_priority]]
            plain += self._classes(plain, moment, self.of_priority)
            rank[used_up, self.of_priority] = plain[used_up]
        rank += self.closed[caller]
        rank[~self._is_open(caller, now)] = _NEVER
        lanes = rank.argmin(axis=1)
        rows = np.arange(len(runs))
        return np.where(np.isinf(rank[rows, lanes]), self.people, head[rows, lanes]), lanes

    def _classes(self, at: Floats, moment: Floats, columns: slice) -> Floats:
        steps = (at <= moment - self.late[columns]).astype(np.float64)
        steps += at <= moment + self.due[columns]
        return self.top[columns] - 2 * _CLASS * steps

    def _settle(
        self,
        runs: Integers,
        caller: Integers,
        now: Floats,
        who: Integers,
        lanes: Integers,
        called_at: Floats,
        by: Integers,
        since: Integers,
    ) -> None:
        some = who < self.people
        if not some.all():
            idle = runs[~some], caller[~some]
            self.free[idle] = self._opens_next(caller[~some], now[~some])
            self.idle_since[idle] = now[~some]
            runs, caller, now, who, lanes = (each[some] for each in (runs, caller, now, who, lanes))
        called_at[runs, who] = now
        by[runs, who] = caller
        self.free[runs, caller] = now + self.lasts[runs, who]
        self.idle_since[runs, caller] = _NEVER
        since[runs] = np.where(self.priority[who], 0, since[runs] + 1)
        self.waiting[runs, who] = False
        following = who + 1
        at_end = following >= self.ends[lanes]
        found = self.waiting[runs, following] & ~at_end
        self.head[runs, lanes] = np.where(found, following, self.people)
        for n in np.flatnonzero(~found & ~at_end):
            row: Any = self.waiting[runs[n], following[n] : self.ends[lanes[n]]]
            first = int(row.argmax())
            if row[first]:
                self.head[runs[n], lanes[n]] = following[n] + first
