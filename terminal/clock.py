"""The server's clock as heard here: every answer and ping sets it, a wrong local clock cannot move it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

JITTER = timedelta(milliseconds=250)


class ServerClock:
    """Tell the server's time between two of its stamps, by the machine's monotonic counter."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._at: datetime | None = None
        self._counter = 0.0

    @property
    def is_known(self) -> bool:
        """Say whether the server was ever heard."""
        return self._at is not None

    def heard(self, at: datetime) -> None:
        """Take a stamp of the server (aware); one that only came a little late changes nothing."""
        at = at.astimezone(UTC)
        if self._at is not None and timedelta(0) <= self.now() - at < JITTER:
            return
        self._at, self._counter = at, self._monotonic()

    def now(self) -> datetime:
        """Give the server's time in UTC; the machine's own until the server was heard."""
        if self._at is None:
            return datetime.now(UTC)
        return self._at + timedelta(seconds=self._monotonic() - self._counter)
