"""How true the curve of those who will be waiting is, an hour and two ahead, in the simulated offices.

Each half hour of a day the product tells how many will be waiting in 60 and in 120 minutes. How many come without
a reservation it has learned from other days of the office. The control: as many as now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from bench import offices
from bench.offices import MINUTE, Day, Office
from bench.table import Row
from server.domain.queue.arrivals import Coming, Learned, PastDay, Span, learned
from server.domain.queue.hall_curve import curves

AHEAD = (60, 120)
_PAST_DAYS, _DAYS = 40, 12
_EVERY = 30 * MINUTE
_HOUR = 3600.0


def arrivals_of(day: Day) -> Counter[tuple[int, int]]:
    """Count who comes without a reservation, by service and hour of the day."""
    walk_ins = (n for n, each in enumerate(day.people) if each.appointment_at is None)
    return Counter((day.people[n].service, max(int(day.arrives[n] // _HOUR), 0)) for n in walk_ins)


def coming(known: Learned, day: Day, now: float) -> Coming:
    """Say what may still come after an instant."""
    spans, so_far = [], 0.0
    for (service, hour), expected in known.expected.items():
        begins, ends = hour * _HOUR, (hour + 1) * _HOUR
        share = min(max((now - begins) / _HOUR, 0.0), 1.0)
        so_far += expected * share
        if share < 1:
            spans.append(Span(service, max(begins, now) - now, ends - now, expected * (1 - share)))
    came = sum(each.appointment_at is None and day.arrives[n] <= now for n, each in enumerate(day.people))
    return Coming(spans, so_far, came, known.spread)


def waiting(day: Day, at: float) -> int:
    """Count who waits at an instant."""
    return int(((day.arrives <= at) & (day.called > at)).sum())


def told(office: Office, seed: int = 5) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yield what was told: minutes ahead, how many wait in truth, the middle, those of now, inside P10–P90."""
    dice = np.random.default_rng(seed)
    past = [PastDay(0, arrivals_of(offices.played_day(office, dice))) for _ in range(_PAST_DAYS)]
    known = learned(past, 0)
    services = range(len(office.services))
    for _ in range(_DAYS):
        day = offices.played_day(office, dice)
        for now in np.arange(_EVERY, office.hours - _HOUR, _EVERY).tolist():
            seen = offices.moment(office, day, now)
            times = [offices.learned(office, seen, n) for n in services]
            ahead = [each for each in AHEAD if now + each * MINUTE <= office.hours]
            at = [each * MINUTE for each in ahead]
            (found,) = curves(seen.hall, times, coming(known, day, now), at, [services]).bands
            for minutes, band in zip(ahead, found, strict=True):
                true = waiting(day, now + minutes * MINUTE)
                yield minutes, true, band.middle, waiting(day, now), band.low <= true <= band.high


def rows(office: Office) -> list[Row]:
    """Measure an office."""
    found = list(told(office))
    made = []
    for ahead in AHEAD:
        own = [each for each in found if each[0] == ahead]
        true, middle, now = (np.array([each[n] for each in own], dtype=float) for n in (1, 2, 3))
        ours, control = float(np.abs(middle - true).mean()), float(np.abs(now - true).mean())
        where = f"{office.name}, {office.walk_ins} walk-ins, people waiting in {ahead} min"
        made += [
            Row(
                f"{where}: mean error of the curve",
                ours,
                "people",
                "less than as many as now",
                ours < control,
            ),
            Row(f"{where}: mean error of as many as now", control, "people"),
            Row(f"{where}: inside P10–P90", 100 * float(np.mean([each[4] for each in own])), "%"),
        ]
    return made
