"""What if? A day of a hall played again, as it was and with changes, by the simulation of the calling rules.

Both plays of a run have the same people, and their visits last as long as they lasted. What nobody knows is drawn
once a run and is the same in both: how long visits last that were never seen to end, and how long a counter takes
from one visitor to the next. Of several days each run plays one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from server.domain.queue.hall_model import Calls, Counter, Flags, Floats, Person, Rules
from server.domain.queue.order import CallPolicy
from server.domain.queue.simulation import simulate
from server.domain.queue.what_if_day import Changes, Day, Desk, Shift, Visitor, changed

RUNS = 200
MOST_VISITORS = 3_000
_SPREAD = 0.6
_JITTER = 900.0
_FEWEST_KNOWN = 5


@dataclass(frozen=True, slots=True)
class Play:
    """What came of some runs of a day: by run and visitor, the arrival, and the end of the wait and of the visit.

    An arrival that is `nan` did not come. A wait ends with a call, with leaving, or with the end of the day:
    `served` tells the first.
    """

    visitors: tuple[Visitor, ...]
    came: Floats
    ended: Floats
    left_counter: Floats
    served: Flags
    closes: float


def play_both(
    asked: Sequence[tuple[Day, Changes]], runs: int = RUNS, seed: int = 7
) -> list[tuple[Play, Play]]:
    """Play each day as it was and with its changes; the runs are shared out among the days by lot."""
    dice = np.random.default_rng(seed)
    drawn = np.bincount(dice.integers(len(asked), size=runs), minlength=len(asked))
    return [
        _both(day, changes, int(share), np.random.default_rng([seed, n]))
        for n, ((day, changes), share) in enumerate(zip(asked, drawn, strict=True))
        if share
    ]


def _both(day: Day, changes: Changes, runs: int, dice: np.random.Generator) -> tuple[Play, Play]:
    others = changed(day, changes)
    count = len(day.visitors)
    lasts, gaps = _lengths(day, day.visitors, dice, runs), _gaps(day, dice, (runs, count))
    comes = np.ones((runs, count), dtype=bool)
    was = _play(day, comes, lasts, gaps)
    more = _more(others, changes, dice)
    stays = _fewer(day, changes, dice, runs)
    if more:
        stays = np.hstack([stays, _some(more, others, changes, dice, runs)])
        lasts = np.hstack([lasts, _lengths(day, more, dice, runs)])
        gaps = np.hstack([gaps, _gaps(day, dice, (runs, len(more)))])
        others = replace(others, visitors=others.visitors + more)
    return was, _play(others, stays, lasts, gaps)


def _lengths(day: Day, visitors: Sequence[Visitor], dice: np.random.Generator, runs: int) -> Floats:
    """Return how long each visit lasts in each run: as it was, or as one of the same service that is known."""
    found = np.zeros((runs, len(visitors)))
    for service in range(len(day.rules)):
        known = np.array(
            [each.lasts for each in day.visitors if each.service == service and each.lasts is not None]
        )
        if len(known) < _FEWEST_KNOWN:
            width = np.sqrt(np.log1p(_SPREAD**2))
            made = dice.lognormal(np.log(day.expected[service]) - width**2 / 2, width, 100)
            known = np.concatenate([known, made])
        own = [n for n, each in enumerate(visitors) if each.service == service]
        found[:, own] = dice.choice(known, (runs, len(own)))
    for n, each in enumerate(visitors):
        if each.lasts is not None:
            found[:, n] = each.lasts
    return found


def _gaps(day: Day, dice: np.random.Generator, size: tuple[int, int]) -> Floats:
    return dice.choice(np.array(day.gaps), size) if day.gaps else np.zeros(size)


def _more(day: Day, changes: Changes, dice: np.random.Generator) -> tuple[Visitor, ...]:
    """Make twice as many further visitors as are wanted, each like one who came; a run takes half of them."""
    found: list[Visitor] = []
    for service, percent in sorted(changes.arrivals.items()):
        own = [each for each in day.visitors if each.service == service]
        wanted = round(len(own) * percent / 100)
        if wanted <= 0:
            continue
        for pick in dice.integers(len(own), size=2 * wanted).tolist():
            like = own[pick]
            earliest = changes.opens.get(service, day.opens[service]) if like.hour is None else None
            moved = like.came + float(dice.uniform(-_JITTER, _JITTER)) if like.hour is None else like.came
            came = max(moved, earliest or 0.0, 0.0)
            found.append(
                replace(like, came=came, lasts=None, leaves=None, waited=None, urgent_since=None, desk=None)
            )
    return tuple(found[:MOST_VISITORS])


def _some(more: Sequence[Visitor], day: Day, changes: Changes, dice: np.random.Generator, runs: int) -> Flags:
    """Choose by lot which of the further visitors come in each run: half of each service's."""
    services = np.array([each.service for each in more])
    comes = np.zeros((runs, len(more)), dtype=bool)
    for service in set(services.tolist()):
        own = np.flatnonzero(services == service)
        lots = dice.random((runs, len(own))).argsort(axis=1) < len(own) // 2
        comes[:, own] = lots
    return comes


def _fewer(day: Day, changes: Changes, dice: np.random.Generator, runs: int) -> Flags:
    """Choose by lot who still comes in each run where fewer do."""
    comes = np.ones((runs, len(day.visitors)), dtype=bool)
    services = np.array([each.service for each in day.visitors], dtype=np.int64)
    for service, percent in sorted(changes.arrivals.items()):
        own = np.flatnonzero(services == service)
        gone = min(round(-len(own) * percent / 100), len(own))
        if gone > 0:
            comes[:, own] = dice.random((runs, len(own))).argsort(axis=1) >= gone
    return comes


def _play(day: Day, comes: Flags, lasts: Floats, gaps: Floats) -> Play:
    """Play a day in all runs at once."""
    desks = day.until_all_are_served()
    counters, places = _counters(desks)
    own = {desk: counter for counter, desk in reversed(list(enumerate(places)))}
    people = [_person(each, own) for each in day.visitors]
    came = np.broadcast_to(np.array([each.came for each in day.visitors]), comes.shape)
    leaves = np.array([np.inf if each.leaves is None else each.leaves for each in day.visitors])
    arrives = np.where(comes, came, np.inf)
    if not people or not counters:
        calls = Calls(np.full(comes.shape, np.inf), np.full(comes.shape, -1))
    else:
        calls = simulate(
            people,
            counters,
            [_rules(each) for each in day.rules],
            arrives_at=arrives,
            lasts=lasts + gaps,
            free_at=np.zeros((len(comes), len(counters))),
            priority_every=day.priority_every,
            leaves_at=leaves,
            places=np.array(places),
        )
    called = np.where(calls.called_at > leaves, np.inf, calls.called_at)
    served = np.isfinite(called)
    last = max([day.closes, *(each.came for each in day.visitors)])
    ended = np.where(served, called, np.minimum(leaves, np.maximum(last, came)))
    left_counter = np.where(served, called + lasts, -np.inf)
    return Play(day.visitors, np.where(comes, came, np.nan), ended, left_counter, served, day.closes)


def _rules(policy: CallPolicy) -> Rules:
    return Rules(
        policy.lead.total_seconds(),
        policy.overdue.total_seconds(),
        policy.maximum_wait.total_seconds(),
        policy.long_wait_first,
    )


def _person(visitor: Visitor, own: dict[int, int]) -> Person:
    counter = own.get(visitor.desk) if visitor.desk is not None else None
    return Person(
        visitor.service,
        visitor.came,
        visitor.hour,
        visitor.priority,
        visitor.urgent_since,
        visitor.language,
        counter,
    )


def _counters(desks: Sequence[Desk]) -> tuple[list[Counter], list[int]]:
    """Write each counter as one that calls for the same all its hours, or as several that are one."""
    counters, places = [], []
    for place, desk in enumerate(desks):
        kinds: dict[Shift, list[tuple[float, float]]] = {}
        for shift in desk.shifts:
            kinds.setdefault(replace(shift, begins=0.0, ends=0.0), []).append((shift.begins, shift.ends))
        for kind, hours in kinds.items():
            counters.append(
                Counter(kind.services, tuple(hours), kind.in_order, kind.languages, kind.head_start)
            )
            places.append(place)
    return counters, places
