"""What pages share is made once and kept, as long as the office stays as it is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from server.services.office.settings import Office

T = TypeVar("T")


class Kept:
    """Things by what they depend on beside the office; of too many the oldest go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._of: tuple[Office | None, dict[Hashable, Any]] = (None, {})

    def get(self, office: Office, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key, made now if there is nothing; None that was made is not kept."""
        of, made = self._of
        if of is not office:
            # Who still works with the office of before keeps it where nobody looks any more.
            self._of = office, made = office, {}
        found: T | None = made.get(key)
        if found is not None:
            return found
        new = make()
        with self._lock:
            while len(made) >= self._most:
                del made[next(iter(made))]
            if new is not None:
                made[key] = new
        return new
