"""Guessing passwords is slow: after some free tries each next one waits twice as long (quality.md, Safe 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TryPolicy:
    """How many tries are free within a while, and how long the first and the longest wait after them are."""

    free: int
    longest: timedelta
    within: timedelta = timedelta(minutes=15)
    first: timedelta = timedelta(seconds=1)


def wait_until(count: int, last: datetime | None, policy: TryPolicy) -> datetime | None:
    """Tell until when the next try waits; None when it is free. `count` and `last` are of the while."""
    if last is None or count < policy.free:
        return None
    # Capped before it is raised, so that the power fits.
    doublings = min(count - policy.free, 24)
    return last + min(policy.first * 2**doublings, policy.longest)
