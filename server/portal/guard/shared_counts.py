"""Counts that several servers keep together in the common store ⚙; while that is away there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from server.portal.guard.request_counts import common_store
from server.services.release.arrivals import GIVEN, LET_IN
from server.store.errors import StoreUnavailable

_FOR_EVER_SECONDS = 10 * 365 * 86_400


class SharedCounts:
    """Counts by name. Other than limits they never begin anew in a server's memory, where nobody shares them."""

    def __init__(self, limits_store: str) -> None:
        self._store = common_store(limits_store)

    def add(self, name: str, more: int) -> int:
        """Add to a count; return what it has come to. Raises StoreUnavailable."""
        return self._ask(lambda: self._store.incr(_key(name), _FOR_EVER_SECONDS, more))

    def read(self, _stored: Mapping[str, int]) -> tuple[int, int]:
        """Return how many numbers were given and how many people let in. Raises StoreUnavailable."""
        given, let_in = (self._ask(partial(self._store.get, _key(name))) for name in (GIVEN, LET_IN))
        return given, let_in

    def _ask(self, question: Callable[[], int]) -> int:
        try:
            return question()
        except self._store.base_exceptions:
            raise StoreUnavailable("database_busy") from None


def _key(name: str) -> str:
    return f"numerek/arrivals/{name}"
