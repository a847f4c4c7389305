"""What two plays of a day say: waits by service, who is left at closing, overtime, each with its difference."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from server.domain.queue.hall_model import Floats
from server.domain.queue.what_if import RUNS, Play, play_both
from server.domain.queue.what_if_answer import Answer, Believed, Compared, Curve, OfService
from server.domain.queue.what_if_day import Changes, Day

LONG_WAIT = 3600.0
EVERY = 900
_LOW, _HIGH = 10, 90


def answer(asked: Sequence[tuple[Day, Changes]], runs: int = RUNS, seed: int = 7) -> Answer:
    """Play some days as they were and with the changes of each, and compare them."""
    plays = play_both(asked, runs, seed)
    seen = sorted({each.service for day, _ in asked for each in day.visitors})
    targets = asked[0][0].targets
    return Answer(
        runs,
        tuple(_of_service(plays, service, targets[service]) for service in seen),
        _compared(plays, _overtime),
        tuple(found for service in seen if (found := _believed(plays, service)) is not None),
        tuple(_curve(plays, service) for service in seen),
    )


def _of_service(plays: Sequence[tuple[Play, Play]], service: int, target: float) -> OfService:
    def of(figure: Callable[[Floats], Floats]) -> Compared:
        return _compared(plays, lambda play: figure(_waits(play, service)))

    def left(play: Play) -> Floats:
        own = _own(play, service)
        came, ended = play.came[:, own], play.ended[:, own]
        late = ~play.served[:, own] & (ended >= play.closes)
        return np.asarray(((came <= play.closes) & ((ended > play.closes) | late)).sum(axis=1), dtype=float)

    def not_served(play: Play) -> Floats:
        own = _own(play, service)
        stays = np.array([play.visitors[n].leaves is None for n in own], dtype=bool)
        unserved = ~play.served[:, own] & ~np.isnan(play.came[:, own]) & stays
        return np.asarray(unserved.sum(axis=1), dtype=float)

    people = np.concatenate([(~np.isnan(play.came[:, _own(play, service)])).sum(axis=1) for play, _ in plays])
    return OfService(
        service,
        float(people.mean()),
        of(lambda waits: _percentile(waits, 50)),
        of(lambda waits: _percentile(waits, 90)),
        of(lambda waits: np.asarray((waits > target).sum(axis=1), dtype=float)),
        of(lambda waits: np.asarray((waits > LONG_WAIT).sum(axis=1), dtype=float)),
        _compared(plays, left),
        _compared(plays, not_served),
    )


def _own(play: Play, service: int) -> list[int]:
    return [n for n, each in enumerate(play.visitors) if each.service == service]


def _waits(play: Play, service: int) -> Floats:
    own = _own(play, service)
    return play.ended[:, own] - play.came[:, own]


def _percentile(waits: Floats, share: int) -> Floats:
    if not waits.shape[1]:
        return np.zeros(len(waits))
    if not np.isnan(waits).any():
        return np.asarray(np.percentile(waits, share, axis=1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nan_to_num(np.nanpercentile(waits, share, axis=1))


def _overtime(play: Play) -> Floats:
    """Return how long after the office's end the last visit ends, in each run."""
    ends = play.left_counter.max(axis=1, initial=play.closes)
    return np.asarray(np.maximum(ends - play.closes, 0.0))


def _compared(plays: Sequence[tuple[Play, Play]], figure: Callable[[Play], Floats]) -> Compared:
    was = np.concatenate([figure(play) for play, _ in plays])
    would = np.concatenate([figure(play) for _, play in plays])
    low, high = np.percentile(would - was, (_LOW, _HIGH))
    return Compared(float(was.mean()), float(would.mean()), float(low), float(high))


def _believed(plays: Sequence[tuple[Play, Play]], service: int) -> Believed | None:
    real, played, people = [], [], 0
    for play, _ in plays:
        own = [n for n in _own(play, service) if play.visitors[n].waited is not None]
        if own:
            runs = len(play.came)
            people += len(own)
            waits = [play.visitors[n].waited or 0.0 for n in own]
            real += [float(np.median(waits))] * runs
            played += np.median(play.ended[:, own] - play.came[:, own], axis=1).tolist()
    return Believed(service, people, float(np.mean(real)), float(np.mean(played))) if real else None


def _curve(plays: Sequence[tuple[Play, Play]], service: int) -> Curve:
    """Count who waits at each quarter of an hour, from the first arrival until nobody waits any more."""
    first = min(float(np.nanmin(play.came)) for play, _ in plays if play.visitors)
    last = max(float(play.ended.max()) for both in plays for play in both if play.visitors)
    steps = np.arange(first // EVERY * EVERY, last + EVERY, EVERY)[:200]
    was, would = (
        np.concatenate([_waiting(both[n], service, steps) for both in plays]).mean(axis=0) for n in (0, 1)
    )
    return Curve(service, tuple(steps.tolist()), tuple(was.tolist()), tuple(would.tolist()))


def _waiting(play: Play, service: int, steps: Floats) -> Floats:
    own = _own(play, service)
    came, ended = play.came[:, own], play.ended[:, own]
    counts = [((came <= at) & (ended > at)).sum(axis=1) for at in steps]
    return np.stack(counts, axis=1).astype(float)
