"""How many will be waiting in the hours to come? The line played on, with those who have not even come yet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from server.domain.queue.arrivals import Coming, draw
from server.domain.queue.forecast import Hall, ServiceTimes, drawn, played
from server.domain.queue.hall_model import Person

_LOW, _HIGH = 10, 90
_MOST_RUNS, _FEWEST_RUNS = 200, 60
_PLAYED = 60_000
"""As many people as are played at most in all runs together, as long as the fewest runs allow."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many wait at an instant: P10, the middle and P90."""

    low: int
    middle: int
    high: int


def curves(
    hall: Hall,
    times: Sequence[ServiceTimes],
    coming: Coming,
    at: Sequence[float],
    groups: Sequence[Collection[int]],
    seed: int = 13,
) -> list[tuple[Band, ...]]:
    """Tell how many wait at some instants, for each group of services; `hall` has nobody who might join."""
    expected = sum(each.expected for each in coming.spans)
    known = len(hall.waiting) + len(hall.to_come)
    runs = int(min(max(_PLAYED / (known + expected + 1), _FEWEST_RUNS), _MOST_RUNS))
    dice = np.random.default_rng(seed)
    services, walk_ins = draw(coming, dice, runs)
    # Those who come later stand in their line behind all others of it, one after the other.
    later = [Person(service, 1.0 + n) for n, service in enumerate(services)]
    people = [*hall.waiting, *(each.person for each in hall.to_come), *later]
    if not people:
        return [tuple(Band(0, 0, 0) for _ in at) for _ in groups]
    thrown = drawn(hall, people, times, dice, runs)
    thrown.arrives_at[:, known:] = walk_ins
    queued_at = np.broadcast_to(np.array([each.queued_at for each in people]), thrown.arrives_at.shape).copy()
    queued_at[:, known:] = walk_ins
    calls = played(hall, people, thrown, queued_at=queued_at)
    of_service = np.array([each.service for each in people])
    found = []
    for group in groups:
        own = np.isin(of_service, list(group))
        came, called = thrown.arrives_at[:, own], calls.called_at[:, own]
        waiting = np.array([((came <= each) & (called > each)).sum(axis=1) for each in at]).reshape(
            len(at), runs
        )
        bands = np.percentile(waiting, (_LOW, 50, _HIGH), axis=1, method="inverted_cdf")
        found.append(tuple(Band(*map(int, each)) for each in bands.T))
    return found
