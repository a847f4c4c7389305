"""Counts requests for the limits: in this server's memory, or where several servers can count together ⚙."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable
from math import ceil
from typing import TypeVar, cast

from limits.storage import Storage, storage_from_string

T = TypeVar("T")
MOST_KEPT = 100_000
"""So many counts are kept in memory, some 30 MB; beyond them those that end soonest are forgotten."""
_SWEEP_EVERY_SECONDS = 60.0
_AWAY_SECONDS = 10.0
# A common store beside the servers answers in a millisecond; one that hangs would hold every thread.
_PATIENCE_SECONDS = 1.0
log = logging.getLogger("numerek.portal")


def common_store(address: str) -> Storage:
    """Open the store in which several servers count together, by the URL of `limits_store`."""
    waits = {"socket_timeout": _PATIENCE_SECONDS, "socket_connect_timeout": _PATIENCE_SECONDS}
    return cast(Storage, storage_from_string(address, **(waits if address.startswith("redis") else {})))


class Tally:
    """Counts by key, in a common store or, while that is away or none is set, in this server's memory."""

    def __init__(self, common: str = "") -> None:
        self.enabled = True
        self._memory = Counts()
        self._common = common_store(common) if common else None
        self._asked_again_at = 0.0

    def count(self, key: str, seconds: int) -> int:
        """Count one more in the window of a key, which begins with its first; return how many there are."""
        return self._ask(lambda store: store.incr(key, seconds))

    def counted(self, key: str) -> int:
        """Return how many are counted for a key now."""
        return self._ask(lambda store: store.get(key))

    def wait(self, key: str) -> int:
        """Return in how many seconds the window of a key is over: one at least."""
        return max(1, ceil(self._ask(lambda store: store.get_expiry(key)) - time.time()))

    def reset(self) -> None:
        """Forget what is counted in this server's memory."""
        self._memory.reset()

    def _ask(self, question: Callable[[Storage], T]) -> T:
        if self._common is not None and (now := time.time()) >= self._asked_again_at:
            if self._asked_again_at:
                # One asks whether it is back; meanwhile the others count in memory.
                self._asked_again_at = now + _AWAY_SECONDS
            try:
                counted = question(self._common)
                self._asked_again_at = 0.0
                return counted
            except self._common.base_exceptions:
                # The store's own words may hold its password.
                log.warning("the limits are counted in memory: limits_store is away")
                self._asked_again_at = time.time() + _AWAY_SECONDS
        return question(self._memory)


class Counts(Storage):
    """Counts in windows that begin with their first request; windows that are over are dropped on the way.

    It needs no thread or timer: the library's own memory starts hundreds of timers a second when many ask.
    """

    STORAGE_SCHEME = ["counts"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions, **options)
        self._lock = threading.Lock()
        # By key: how many, and until when they count.
        self._counts: dict[str, tuple[int, float]] = {}
        self._swept_at = time.time()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what goes wrong in a dictionary: nothing that anybody could mend."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count `amount` more for a key, in a window of `expiry` seconds; return how many there are."""
        now = time.time()
        with self._lock:
            if now - self._swept_at >= _SWEEP_EVERY_SECONDS or len(self._counts) >= MOST_KEPT:
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
        """Drop the windows that are over; if too many are left, also the tenth that ends soonest."""
        self._counts = {key: each for key, each in self._counts.items() if each[1] > now}
        self._swept_at = now
        if len(self._counts) > MOST_KEPT * 9 // 10:
            for key in heapq.nsmallest(MOST_KEPT // 10, self._counts, key=lambda key: self._counts[key][1]):
                del self._counts[key]
