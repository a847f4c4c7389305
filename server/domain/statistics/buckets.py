"""Buckets of minutes, so that medians and other quantiles can be read from sums of many days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

EDGES = (1, 2, 3, 5, 7, 10, 12, 15, 20, 25, 30, 40, 50, 60, 90, 120)
"""Minutes up to which the buckets go, each edge inside its bucket; a last bucket has what is longer.

A quantile is exact to the width of its bucket: at most 2 minutes up to 7, 3 up to a quarter of an hour, 5 up to
half an hour, 10 up to an hour, 30 up to two; what is longer is told as two hours.
"""
COUNT = len(EDGES) + 1
LEAD_EDGES = (0, 1, 3, 7, 14, 30)
"""Days between booking and visit up to which the buckets of lead times go; a last bucket has what is more."""
LEAD_COUNT = len(LEAD_EDGES) + 1
_MINUTE = 60


def bucket(seconds: int) -> int:
    """Tell the bucket of a length of time."""
    return bisect_left(EDGES, seconds / _MINUTE)


def lead_bucket(days: int) -> int:
    """Tell the bucket of a lead time."""
    return bisect_left(LEAD_EDGES, max(days, 0))


def quantile(counts: Sequence[int], share: float) -> float | None:
    """Read a quantile from bucket counts, in minutes, evenly within its bucket; None where nothing is counted."""
    total = sum(counts)
    if not total:
        return None
    wanted, before = share * total, 0
    for place, count in enumerate(counts):
        if count and before + count >= wanted:
            low = EDGES[place - 1] if place else 0
            high = EDGES[place] if place < len(EDGES) else low
            return low + (high - low) * max(wanted - before, 0) / count
        before += count
    return float(EDGES[-1])
