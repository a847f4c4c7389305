"""Counts requests in this server's memory for the limiter, without a thread or a timer of its own.

The library's memory starts hundreds of timers a second when many ask, each of which looks at every count.
"""

from __future__ import annotations

import threading
import time

from limits.storage import Storage

_SWEEP_EVERY_SECONDS = 60.0


class Counts(Storage):
    """Counts in windows that begin with their first request; windows that are over are dropped on the way."""

    STORAGE_SCHEME = ["counts"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        # By key: how many, and until when they count.
        self._counts: dict[str, tuple[int, float]] = {}
        self._swept_at = time.time()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what goes wrong in a dictionary: nothing that the limiter knows."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more for a key, in a window of `expiry` seconds; return how many there are."""
        now = time.time()
        with self._lock:
            if now - self._swept_at >= _SWEEP_EVERY_SECONDS:
                self._sweep(now)
            count, until = self._counts.get(key, (0, 0.0))
            if until <= now:
                count, until = 0, now + expiry
            self._counts[key] = count + amount, until
            return count + amount

    def get(self, key: str) -> int:
        """Return how many are counted for a key now."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of a key ends, in seconds since 1970; now, when there is none."""
        now = time.time()
        return max(now, self._counts.get(key, (0, now))[1])

    def check(self) -> bool:
        """Say that counting is possible."""
        return True

    def reset(self) -> int | None:
        """Forget all; return how many keys there were."""
        with self._lock:
            there = len(self._counts)
            self._counts.clear()
        return there

    def clear(self, key: str) -> None:
        """Forget a key."""
        with self._lock:
            self._counts.pop(key, None)

    def _sweep(self, now: float) -> None:
        self._counts = {key: each for key, each in self._counts.items() if each[1] > now}
        self._swept_at = now
