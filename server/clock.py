"""The one clock: what time it is for the office, from the machine or, in trials, from a file."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class ClockError(Exception):
    """The clock's file is missing or holds no instant."""


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)


class FileClock:
    """The instant that a file holds as RFC 3339, read at each look: for trials with demo data only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = self._read()

    def now(self) -> datetime:
        """Return the file's instant; while the file is being rewritten, the one before."""
        with contextlib.suppress(ClockError):
            self._last = self._read()
        return self._last

    def _read(self) -> datetime:
        try:
            text = self._path.read_text().strip()
            instant = datetime.fromisoformat(text)
        except (OSError, ValueError) as error:
            raise ClockError(f"{self._path}: no RFC 3339 instant: {error}") from None
        if instant.tzinfo is None:
            raise ClockError(f"{self._path}: {text} has no offset")
        return instant.astimezone(UTC)
