"""How many will be waiting in the hours to come, and until when is a ticket worth its paper?

The line is played on, with those who have not even come yet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from server.domain.queue.arrivals import Coming, draw
from server.domain.queue.forecast import Hall, ServiceTimes, drawn, played
from server.domain.queue.hall_model import Flags, Floats, Person

_LOW, _HIGH = 10, 90
_MOST_RUNS, _FEWEST_RUNS = 200, 60
_PLAYED = 60_000
"""As many people as are played at most in all runs together, as long as the fewest runs allow."""
_WORTH_SAYING = 2
"""It is told from when on it is too late where so many would come after, on the average."""


@dataclass(frozen=True, slots=True)
class Band:
    """How many wait at an instant: P10, the middle and P90."""

    low: int
    middle: int
    high: int


@dataclass(frozen=True, slots=True)
class Curves:
    """Each group's bands, and from when on newcomers of a service are not called before closing."""

    bands: tuple[tuple[Band, ...], ...]
    too_late_from: Mapping[int, float] = field(default_factory=dict)


def curves(
    hall: Hall,
    times: Sequence[ServiceTimes],
    coming: Coming,
    at: Sequence[float],
    groups: Sequence[Collection[int]],
    closes_at: float | None = None,
    seed: int = 13,
) -> Curves:
    """Tell how many wait at some instants, for each group of services; `hall` has nobody who might join.

    Who comes when it is too late gets no ticket (server.domain.queue.walk_in), so they do not wait. Instants are
    seconds from now; without `closes_at` it is never too late.
    """
    expected = sum(each.expected for each in coming.spans)
    known = len(hall.waiting) + len(hall.to_come)
    runs = int(min(max(_PLAYED / (known + expected + 1), _FEWEST_RUNS), _MOST_RUNS))
    dice = np.random.default_rng(seed)
    services, walk_ins = draw(coming, dice, runs)
    # Those who come later stand in their line behind all others of it, one after the other.
    later = [Person(service, 1.0 + n) for n, service in enumerate(services)]
    people = [*hall.waiting, *(each.person for each in hall.to_come), *later]
    if not people:
        return Curves(tuple(tuple(Band(0, 0, 0) for _ in at) for _ in groups))
    thrown = drawn(hall, people, times, dice, runs)
    thrown.arrives_at[:, known:] = walk_ins
    queued_at = np.broadcast_to(np.array([each.queued_at for each in people]), thrown.arrives_at.shape).copy()
    queued_at[:, known:] = walk_ins
    calls = played(hall, people, thrown, queued_at=queued_at)
    of_service = np.array([each.service for each in people])
    came, called = thrown.arrives_at, calls.called_at
    too_late: dict[int, float] = {}
    for service in sorted(set(services)) if closes_at is not None else ():
        own = np.flatnonzero(of_service == service)
        own = own[own >= known]
        if not np.isfinite(called[:, own]).any():
            continue
        found = _too_late_from(came[:, own], called[:, own], closes_at or 0.0)
        if found is not None:
            too_late[service] = found
            came[:, own] = np.where(came[:, own] >= found, np.inf, came[:, own])
    return Curves(
        tuple(_bands(came, called, np.isin(of_service, list(group)), at) for group in groups), too_late
    )


def _bands(came: Floats, called: Floats, own: Flags, at: Sequence[float]) -> tuple[Band, ...]:
    came, called = came[:, own], called[:, own]
    waiting = np.array([((came <= each) & (called > each)).sum(axis=1) for each in at]).reshape(len(at), -1)
    found = np.percentile(waiting, (_LOW, 50, _HIGH), axis=1, method="inverted_cdf")
    return tuple(Band(*map(int, each)) for each in found.T)


def _too_late_from(came: Floats, called: Floats, closes_at: float) -> float | None:
    """Return what instant parts best who is called before closing from who is not; None where few come after.

    Best is where the fewest are on the wrong side of it: called although they came after, or not, yet before.
    """
    comes = np.isfinite(came)
    order = np.argsort(came[comes], kind="stable")
    instants, is_missed = came[comes][order], (called[comes] > closes_at)[order]
    wrong = np.concatenate(([0], np.cumsum(np.where(is_missed, 1, -1))))
    first = int(wrong.argmin())
    after = len(instants) - first
    return float(instants[first]) if after >= _WORTH_SAYING * len(came) else None
