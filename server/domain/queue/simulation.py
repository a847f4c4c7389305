"""The line played forward: whom each counter would call and when, in many runs at once.

A discrete-event simulation of the calling rules (rules.md, Who is next). Every run has its own arrivals and
service times; the rules are those of `order`, written for arrays. Times are seconds from the instant of the
picture, negative for what has been; `inf` is never. Shapes: R runs, P people, C counters, S services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from server.domain.queue.hall_lanes import KINDS, LaneOf, lane_of, order_in_lane
from server.domain.queue.hall_model import Calls, Counter, Flags, Floats, Integers, Person, Rules, every
from server.domain.queue.order import Class, Lane

_CLASS = 1e7
"""Seconds between two classes in a rank: more than any two people differ by."""
_POSITION, _TURN = 1e8, 1e11
"""The same between two places in a counter's strict order, and between the classes outside of it."""
_NEVER = np.inf


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
    leaves_at: Floats | None = None,
    places: Integers | None = None,
    queued_at: Floats | None = None,
) -> Calls:
    """Play a line forward in R runs.

    arrives_at: (R, P), when each is there (-inf: already; inf: never comes). lasts: (R, P), seconds at the
    counter; who takes none keeps nobody waiting, and does not count for the priority share. free_at: (R, C), when
    each counter can call first. rules: one a service. until_called: (P,), whose calls are wanted; a run ends with
    the last of them, all when None. A counter that finds nobody waits for who comes next. leaves_at: (P,), when
    somebody goes who was not called by then (inf: stays); the call that finds them gone takes no time. places:
    (C,), counters with the same place are one, which calls for other services at other hours. queued_at: (R, P),
    since when walk-ins without priority wait in each run; inside a service their order is that of the people.
    """
    play = _Play(people, counters, rules, arrives_at, lasts, free_at, priority_every)
    if leaves_at is not None:
        play.leaves = leaves_at[play.sorted]
    if queued_at is not None:
        play.queue_anew(queued_at)
    if places is not None and len(set(places.tolist())) < len(counters):
        play.mates = places[:, None] == places[None, :]
    return play.run(calls_since_priority, until_called)


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
        by_language = any(counter.prefers_languages for counter in counters)
        places = [lane_of(person, by_language) for person in people]
        self.sorted = sorted(range(len(people)), key=lambda n: (places[n], order_in_lane(people[n]), n))
        ordered = [people[n] for n in self.sorted]
        lanes = sorted(set(places))
        index = {lane: n for n, lane in enumerate(lanes)}
        self.places = [places[n] for n in self.sorted]
        self.lane = np.array([index[places[n]] for n in self.sorted], dtype=np.int64)
        self.ends = np.searchsorted(self.lane, np.arange(len(lanes)), side="right")
        self.order = np.array([*(order_in_lane(person) for person in ordered), _NEVER])
        self.fallback = np.array(
            [
                *(p.queued_at if p.appointment_at is None else p.appointment_at for p in ordered),
                _NEVER,
            ]
        )
        self.priority = np.array([person.priority for person in ordered], dtype=bool)
        self.priority_every = priority_every
        self._columns(lanes, counters, rules)
        self.lasts = np.zeros((self.runs, self.people + 1))
        self.lasts[:, :-1] = lasts[:, self.sorted]
        self.free = np.array(free_at, dtype=np.float64)
        self.order_of_run: Floats | None = None
        self.leaves: Floats | None = None
        self.mates: Flags | None = None
        self._begin(arrives_at[:, self.sorted])

    def queue_anew(self, queued_at: Floats) -> None:
        """Let walk-ins without priority have another place in each run."""
        moved = np.flatnonzero([KINDS[place[0]] is Lane.WALK_IN for place in self.places])
        self.order_of_run = np.tile(self.order, (self.runs, 1))
        self.order_of_run[:, moved] = queued_at[:, np.array(self.sorted)[moved]]

    def _columns(self, lanes: list[LaneOf], counters: Sequence[Counter], rules: Sequence[Rules]) -> None:
        """Set what is the same in all runs: the columns are the lanes, first urgent, then priority ones."""
        kinds = np.array([kind for kind, *_ in lanes], dtype=np.int64)
        policies = [rules[service] for _, _, service, *_ in lanes]
        first, second = (int(np.searchsorted(kinds, KINDS.index(each))) for each in KINDS[1:3])
        self.of_priority, self.merged = slice(first, second), slice(second, None)
        self.has_priority = first < second
        self.of_booked_priority = [lane for lane in range(first, second) if not lanes[lane][1]]
        self.fixed = kinds[:second] * _CLASS
        self.walk_in = np.array([each for _, each, *_ in lanes], dtype=bool)
        self.top = np.where(self.walk_in, float(Class.WALK_IN), float(Class.BOOKED_EARLY)) * _CLASS
        self.due = np.where(self.walk_in, -_NEVER, np.array([each.lead for each in policies]))
        self.longest = np.array([each.maximum_wait for each in policies])
        overdue = np.array([each.overdue for each in policies])
        first_after = np.where([each.long_wait_first for each in policies], self.longest, _NEVER)
        self.late = np.where(self.walk_in, first_after, overdue)
        serves = [
            [own == n if own != -1 else service in each.services for _, _, service, _, own in lanes]
            for n, each in enumerate(counters)
        ]
        self.not_served = np.where(
            np.array(serves, dtype=bool).reshape(len(counters), len(lanes)), 0.0, _NEVER
        )
        self._preferences(lanes, counters)
        windows = max((len(counter.hours) for counter in counters), default=0)
        self.hours = np.full((len(counters), windows, 2), _NEVER)
        for n, counter in enumerate(counters):
            self.hours[n, : len(counter.hours)] = counter.hours
        self.always = bool((self.hours == (-_NEVER, _NEVER)).any(axis=(1, 2)).all())

    def _preferences(self, lanes: list[LaneOf], counters: Sequence[Counter]) -> None:
        """Set where counters have a strict order or a clerk's languages: a row a counter, a column a lane."""
        shape = len(counters), len(lanes)
        self.strict = np.array([bool(each.in_order) for each in counters], dtype=bool)
        self.position, self.head_start = np.zeros(shape), np.zeros(shape)
        for n, each in enumerate(counters):
            for column, (kind, _, service, language, _) in enumerate(lanes):
                if service in each.in_order:
                    self.position[n, column] = each.in_order.index(service)
                if language in each.languages and KINDS[kind] is not Lane.PRIORITY:
                    self.head_start[n, column] = each.head_start
        self.one_line = not self.strict.any() and not self.head_start.any()

    def _is_open(self, counters: Integers, now: Floats) -> Flags:
        hours = self.hours[counters]
        within = (hours[..., 0] <= now[..., None]) & (now[..., None] < hours[..., 1])
        return np.asarray(within.any(axis=-1))

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
        self.anybody_comes = len(to_come) > 0
        self.next_comes = np.zeros(self.runs, dtype=np.int64)
        self.idle_since = np.full(self.free.shape, _NEVER)
        self.every = every

    def run(self, calls_since_priority: int | None, until_called: Flags | None) -> Calls:
        called_at = np.full((self.runs, self.people + 1), _NEVER)
        by = np.full((self.runs, self.people + 1), -1, dtype=np.int64)
        wanted = np.zeros(self.people + 1, dtype=bool)
        wanted[:-1] = np.isfinite(self.not_served.min(axis=0, initial=_NEVER))[self.lane]
        if until_called is not None:
            wanted[:-1] &= until_called[self.sorted]
        left = np.full(self.runs, int(wanted.sum()))
        since = np.full(self.runs, 2**31 if calls_since_priority is None else calls_since_priority)
        runs = self.every[left > 0]
        while len(runs):
            now, caller = self._next_event(runs)
            lasts_on = now < _NEVER
            calls = lasts_on & (caller >= 0)
            calling = runs
            if not every(calls):
                calling, caller, now = runs[calls], caller[calls], now[calls]
            who, lanes = self._choose(calling, caller, now, since.take(calling))
            self._settle(calling, caller, now, who, lanes, called_at, by, since)
            left[calling] -= wanted.take(who)
            lasts_on &= left.take(runs) > 0
            if not every(lasts_on):
                runs = runs[lasts_on]
        back = np.argsort(self.sorted)
        return Calls(called_at[:, back], by[:, back])

    def _next_event(self, runs: Integers) -> tuple[Floats, Integers]:
        """Return when something happens next in each run, and the counter that calls then (-1: none)."""
        free = self.free if len(runs) == self.runs else self.free.take(runs, axis=0)
        caller = free.argmin(axis=1)
        free_at = free.take(self.every[: len(runs)] * free.shape[1] + caller)
        if not self.anybody_comes:
            return free_at, caller
        comes_at = self.comes_at[runs, self.next_comes[runs]]
        coming = np.flatnonzero((comes_at <= free_at) & (comes_at < _NEVER))
        if len(coming):
            at = runs[coming]
            who = self.comes[at, self.next_comes[at]]
            lane = self.lane[who]
            self.waiting[at, who] = True
            self.head[at, lane] = np.minimum(self.head[at, lane], who)
            self.next_comes[at] += 1
            idle = self.idle_since[at] + self.not_served.T[lane]
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
        used_up = since < self.priority_every - 1
        share_used_up = self.has_priority and bool(used_up.any())
        is_whole = len(runs) == self.runs and not share_used_up
        head = self.head if is_whole else self.head.take(runs, axis=0)
        if share_used_up:
            self._by_hour(head, runs, used_up)
        if self.order_of_run is None:
            rank = self.order.take(head)
        else:
            rank = self.order_of_run.take(runs[:, None] * (self.people + 1) + head)
        moment = now[:, None]
        merged = rank[:, self.merged]
        merged += self._classes(merged, moment, self.merged)
        if self.fixed.size:
            rank[:, : self.fixed.size] += self.fixed
        if share_used_up:
            plain = self.fallback[head[:, self.of_priority]]
            plain += self._classes(plain, moment, self.of_priority)
            rank[used_up, self.of_priority] = plain[used_up]
        if not self.one_line:
            rank = self._turns(rank, caller, moment)
        rank += self.not_served.take(caller, axis=0)
        if not self.always:
            rank[~self._is_open(caller, now)] = _NEVER
        lanes = rank.argmin(axis=1)
        first = self.every[: len(runs)] * rank.shape[1] + lanes
        return np.where(rank.take(first) < _NEVER, head.take(first), self.people), lanes

    def _by_hour(self, head: Integers, runs: Integers, used_up: Flags) -> None:
        """Set who stands first among booked priority visitors once their share is used up: by the hour."""
        for lane in self.of_booked_priority:
            first, end = self.ends[lane - 1] if lane else 0, self.ends[lane]
            there = self.waiting[runs[used_up], first:end]
            by_hour = np.where(there, self.fallback[first:end], _NEVER)
            found = by_hour.argmin(axis=1)
            some = np.isfinite(by_hour[np.arange(len(found)), found])
            head[used_up, lane] = np.where(some, first + found, self.people)

    def _classes(self, at: Floats, moment: Floats, columns: slice) -> Floats:
        steps = (at <= moment - self.late[columns]).astype(np.float64)
        steps += at <= moment + self.due[columns]
        steps *= -2 * _CLASS
        steps += self.top[columns]
        return steps

    def _turns(self, rank: Floats, caller: Integers, moment: Floats) -> Floats:
        """Put a counter's own order and languages over the ranks, as `order.turn` does."""
        nobody = np.isinf(rank)
        rank = np.where(nobody, 0.0, rank)
        own = np.floor((rank + _CLASS / 2) / _CLASS)
        at = rank - own * _CLASS
        ordinary = (own == Class.BOOKED_DUE) | (own == Class.WALK_IN)
        rank = rank - np.where(ordinary, self.head_start[caller], 0.0)
        waited_too_long = (own == Class.WALK_IN) & (at <= moment - self.longest)
        position = np.where(waited_too_long | (own < Class.BOOKED_DUE), 0.0, self.position[caller])
        ordered = np.where(ordinary, float(Class.BOOKED_DUE), own)
        strict = self.strict[caller][:, None]
        turn = np.where(strict, ordered, own) * _TURN + np.where(strict, position, 0.0) * _POSITION + rank
        return np.where(nobody, _NEVER, turn)

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
        if not every(some):
            idle = runs[~some], caller[~some]
            self.free[idle] = self._opens_next(caller[~some], now[~some])
            self.idle_since[idle] = now[~some]
            runs, caller, now, who, lanes = runs[some], caller[some], now[some], who[some], lanes[some]
        at = runs * (self.people + 1) + who
        called_at.ravel()[at] = now
        by.ravel()[at] = caller
        self.waiting.ravel()[at] = False
        lasts = self.lasts.take(at)
        if self.leaves is not None:
            lasts = np.where(now <= self.leaves[who], lasts, 0.0)
        self._busy(runs, caller, now + lasts)
        if self.has_priority:
            counts = lasts > 0
            since[runs] = np.where(counts & self.priority[who], 0, since[runs] + counts)
        self._move_on(runs, lanes, who)

    def _busy(self, runs: Integers, caller: Integers, until: Floats) -> None:
        if self.mates is not None:
            places, caller = np.nonzero(self.mates[caller])
            runs, until = runs[places], until[places]
        counter = runs * self.free.shape[1] + caller
        self.free.ravel()[counter] = until
        self.idle_since.ravel()[counter] = _NEVER

    def _move_on(self, runs: Integers, lanes: Integers, who: Integers) -> None:
        """Set who stands first in the lanes from which somebody was called."""
        heads = runs * self.head.shape[1] + lanes
        # Who was called before those ahead in the same lane leaves its head where it was.
        first = self.head.take(heads) == who
        if not every(first):
            runs, lanes, who, heads = runs[first], lanes[first], who[first], heads[first]
        following = who + 1
        at_end = following >= self.ends.take(lanes)
        found = self.waiting.take(runs * (self.people + 1) + following) & ~at_end
        self.head.ravel()[heads] = np.where(found, following, self.people)
        if every(found):
            return
        for n in np.flatnonzero(~found & ~at_end):
            row: Any = self.waiting[runs[n], following[n] : self.ends[lanes[n]]]
            nearest = int(row.argmax())
            if row[nearest]:
                self.head[runs[n], lanes[n]] = following[n] + nearest
