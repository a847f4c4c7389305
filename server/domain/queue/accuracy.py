"""How true expected times were: what slips promised beside the call that came (rule 21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_MINUTES = 10
"""A call so close to the middle of its range counts as near."""
FEWEST_PUBLISHED = 50
"""Of fewer promises nothing is told to everybody: one visit must not be read from it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """The range that a slip told, and when its number was called."""

    earliest: datetime
    latest: datetime
    called_at: datetime

    @property
    def error_minutes(self) -> float:
        """Return by how much later than the middle of the range the call came; negative is earlier."""
        middle = self.earliest + (self.latest - self.earliest) / 2
        return (self.called_at - middle).total_seconds() / 60

    @property
    def is_kept(self) -> bool:
        """Say whether the call came within the range, whose last minute counts as a whole."""
        return self.earliest <= self.called_at and (self.called_at - self.latest).total_seconds() < 60

    @property
    def is_near(self) -> bool:
        """Say whether the call came close to the middle of the range."""
        return abs(self.error_minutes) <= MOST_MINUTES


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What came of promises: shares from 0 to 1, errors in minutes; a bias above zero: calls came later."""

    promises: int
    kept_share: float
    near_share: float
    error_minutes: float
    bias_minutes: float


def accuracy(promises: Sequence[Promise]) -> Accuracy | None:
    """Sum promises up; None where there are none."""
    if not promises:
        return None
    errors = [each.error_minutes for each in promises]
    count = len(promises)
    return Accuracy(
        count,
        sum(each.is_kept for each in promises) / count,
        sum(each.is_near for each in promises) / count,
        sum(map(abs, errors)) / count,
        sum(errors) / count,
    )


def published_percent(promises: int, kept: int) -> int | None:
    """Return the share of promises that were kept in whole percent; None of so few that nothing is published."""
    return round(100 * kept / promises) if promises >= FEWEST_PUBLISHED else None
