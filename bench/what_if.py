"""How true *What if?* is: made days of known truth, played by the rules, asked what another counter would change.

The day is lived with pauses between visits and breaks that nobody notes; the product sees what tables would show,
and its answer is held against the same day lived with the change. Beside it: a queue of M/M/c by hand, and waits
that stay as they were. A broken rule in the model shows what its own error then says.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np

from bench.offices import MINUTE, Office, Service, five_counters, made_day, twelve_counters
from bench.table import Row, print_table
from server.domain.queue.hall_model import Counter, Floats, Person, Rules
from server.domain.queue.order import CallPolicy
from server.domain.queue.simulation import simulate
from server.domain.queue.what_if_answer import Answer
from server.domain.queue.what_if_day import AtDesk, Changes, Day, Desk, DeskChange, Shift, Visitor
from server.domain.queue.what_if_figures import answer

_OPENS = 8 * 3600.0
_DAYS = 6
_GAPS = (5.0, 60.0)
_ERROR_GOAL, _SECONDS_GOAL = 2.0, 4.0


class _Lived:
    """A made day of an office, lived with hidden gaps and breaks, with and without one more counter."""

    def __init__(self, office: Office, seed: int) -> None:
        dice = np.random.default_rng(seed)
        self.office = office
        self.people, arrives, self.lasts = made_day(office, dice)
        self.arrives = np.where(np.isfinite(arrives), np.maximum(arrives, 0.0), arrives)
        self.gaps = dice.uniform(*_GAPS, len(self.people))
        self.closes = office.hours
        self.breaks = [float(at) for at in dice.uniform(2.5, 5, len(office.counters)) * 3600]
        self.called, self.by = self._live([])

    def _live(self, more: Sequence[frozenset[int]]) -> tuple[Floats, list[int]]:
        end = self.closes + 6 * 3600
        counters = [
            Counter(served, ((0.0, pause), (pause + 900, end)))
            for served, pause in zip(self.office.counters, self.breaks, strict=True)
        ]
        counters += [Counter(served, ((0.0, end),)) for served in more]
        calls = simulate(
            [
                Person(each.service, float(at) if math.isfinite(at) else 0.0, each.appointment_at)
                for each, at in zip(self.people, self.arrives, strict=True)
            ],
            counters,
            [Rules()] * len(self.office.services),
            arrives_at=self.arrives[None, :],
            lasts=(self.lasts + self.gaps)[None, :],
            free_at=np.zeros((1, len(counters))),
        )
        return calls.called_at[0], calls.counter[0].tolist()

    def medians(self, called: Floats) -> list[float]:
        """Return the median wait of each service."""
        return [
            float(
                np.median(
                    [called[n] - self.arrives[n] for n in self._came() if self.people[n].service == service]
                )
            )
            for service in range(len(self.office.services))
        ]

    def truth(self, served: frozenset[int]) -> list[float]:
        """Return the median wait of each service with one more counter all day."""
        return self.medians(self._live([served])[0])

    def _came(self) -> list[int]:
        return np.flatnonzero(np.isfinite(self.arrives)).tolist()

    def seen(self, policy: CallPolicy | None = None) -> Day:
        """Return the day as its tables would show it: gaps and breaks only as far as somebody waited."""
        came = self._came()
        visitors = tuple(
            Visitor(
                self.people[n].service,
                _OPENS + float(self.arrives[n]),
                None if (hour := self.people[n].appointment_at) is None else _OPENS + hour,
                lasts=float(self.lasts[n]),
                waited=float(self.called[n] - self.arrives[n]),
            )
            for n in came
        )
        desks, gaps = [], []
        for counter, served in enumerate(self.office.counters):
            own = sorted((n for n in came if self.by[n] == counter), key=lambda n: float(self.called[n]))
            shifts = [Shift(_OPENS, _OPENS + self.closes, served)]
            for before, after in pairwise(own):
                ended = float(self.called[before] + self.lasts[before])
                if float(self.arrives[after]) > ended:
                    continue
                gap = float(self.called[after]) - ended
                if gap <= 600:
                    gaps.append(gap)
                else:
                    first = replace(shifts[-1], ends=_OPENS + ended)
                    shifts[-1:] = [first, replace(shifts[-1], begins=_OPENS + float(self.called[after]))]
            desks.append(Desk(counter + 1, tuple(shifts), replace(shifts[0], begins=0.0, ends=0.0)))
        desks.append(Desk(len(desks) + 1, (), Shift(0.0, 0.0, frozenset())))
        count = len(self.office.services)
        return Day(
            "made",
            visitors,
            tuple(desks),
            (policy or CallPolicy(),) * count,
            tuple(each.mean for each in self.office.services),
            (15 * MINUTE,) * count,
            (_OPENS,) * count,
            _OPENS + self.closes,
            gaps=tuple(gaps),
        )


def _by_erlang(office: Office, day: Day, more: frozenset[int]) -> list[float]:
    """Tell the median wait of each service by M/M/c: its counters as its own, shared ones in equal parts."""
    found = []
    for n, service in enumerate(office.services):
        servers = sum(1 / len(each) for each in [*office.counters, more] if n in each)
        people = sum(each.service == n for each in day.visitors)
        load = people / office.hours * (service.mean + sum(_GAPS) / 2)
        whole = max(round(servers), 1)
        if load >= whole:
            found.append(math.inf)
            continue
        below = sum(load**k / math.factorial(k) for k in range(whole))
        last = load**whole / math.factorial(whole) * whole / (whole - load)
        waits = last / (below + last)
        rate = (whole - load) / (service.mean + sum(_GAPS) / 2)
        found.append(max(math.log(2 * waits) / rate, 0.0))
    return found


def _model_errors(found: Answer) -> list[float]:
    return [abs(each.error) / MINUTE for each in found.believed]


def _rows(office: Office, more: frozenset[int]) -> list[Row]:
    """Ask each made day what one more counter would change, and hold all answers against the truth."""
    unchanged: list[float] = []
    broken: list[float] = []
    ours: list[float] = []
    erlang: list[float] = []
    stay: list[float] = []
    inside: list[bool] = []
    for seed in range(_DAYS):
        lived = _Lived(office, seed)
        day = lived.seen()
        wrong = CallPolicy(overdue=timedelta(hours=9), maximum_wait=timedelta(minutes=1))
        broken += _model_errors(answer([(lived.seen(wrong), Changes())], 40))
        opened = Changes((AtDesk(len(day.desks), DeskChange.OPEN, more, _OPENS),))
        found = answer([(day, opened)])
        unchanged += _model_errors(found)
        was, would = lived.medians(lived.called), lived.truth(more)
        by_hand = _by_erlang(office, day, more)
        for each in found.services:
            true = (would[each.service] - was[each.service]) / MINUTE
            ours.append(abs(each.median.difference / MINUTE - true))
            stay.append(abs(true))
            erlang.append(min(abs((by_hand[each.service] - was[each.service]) / MINUTE - true), 240))
            inside.append(each.median.low / MINUTE - 0.5 <= true <= each.median.high / MINUTE + 0.5)
    name, mean = office.name, float(np.mean(unchanged))
    far = float(np.mean(ours))
    return [
        Row(f"{name}: model unchanged, error of the median wait", mean, "min", "≤ 2", mean <= _ERROR_GOAL),
        Row(f"{name}: the same with a broken rule (control)", float(np.mean(broken)), "min"),
        Row(f"{name}: one counter more, error of the difference", far, "min", "≤ 2", far <= _ERROR_GOAL),
        Row(f"{name}: the same by M/M/c (control)", float(np.mean(erlang)), "min"),
        Row(f"{name}: waits stay as they were (control)", float(np.mean(stay)), "min"),
        Row(f"{name}: truth inside P10–P90 ± half a minute", 100 * float(np.mean(inside)), "%"),
    ]


def _speed() -> list[Row]:
    """Time one question: 600 people, 12 counters, 200 runs as it was and 200 with a change."""
    large = replace(
        twelve_counters(),
        services=[Service(160, 190, 9 * MINUTE), Service(60, 60), Service(0, 130, 4 * MINUTE)],
    )
    day = _Lived(large, 1).seen()
    changes = Changes((AtDesk(10, DeskChange.ALSO, frozenset({0}), _OPENS + 7200, _OPENS + 18000),))
    best = wall = math.inf
    for _ in range(3):
        begun, began = time.process_time(), time.perf_counter()
        answer([(day, changes)])
        best = min(best, time.process_time() - begun)
        wall = min(wall, time.perf_counter() - began)
    name = f"{len(day.visitors)} people × 12 counters × 200 runs, twice"
    return [
        Row(f"{name}: processor", best, "s"),
        Row(f"{name}: by the clock", wall, "s", "≤ 4", wall <= _SECONDS_GOAL),
    ]


def run() -> list[Row]:
    """Measure speed, and two offices."""
    return [
        *_speed(),
        *_rows(five_counters(130), frozenset({0})),
        *_rows(twelve_counters(), frozenset({0, 1})),
    ]


if __name__ == "__main__":
    print_table(run())
    sys.exit(0)
