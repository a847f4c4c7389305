"""How long things took, for whoever watches the server: writes from call to commit, requests to their answer."""

from __future__ import annotations

import threading
from bisect import bisect_left

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Up to how many seconds the buckets go, each edge inside its bucket; a last one has what is longer."""


class Durations:
    """Things of one kind by how long they took, and their seconds together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = [0] * (len(SECONDS) + 1)
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        with self._lock:
            self._counts[bisect_left(SECONDS, seconds)] += 1
            self._total += seconds

    def read(self) -> tuple[list[int], float]:
        """Return the counts by bucket, and all seconds."""
        with self._lock:
            return list(self._counts), self._total
