"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")
# A Monday in winter: ten in the morning at the branch.
TEN = datetime(2026, 11, 23, 10, 0, tzinfo=WARSAW).astimezone(UTC)


def at(text: str) -> datetime:
    """Return an hour of that Monday at the branch: `at("9:45")`, `at("9:44:59")`."""
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    return TEN.astimezone(WARSAW).replace(hour=hour, minute=minute, second=second).astimezone(UTC)


class MovableClock:
    """The server's clock in tests."""

    def __init__(self, instant: datetime = TEN) -> None:
        self._now = instant

    def now(self) -> datetime:
        """Return the instant that was set."""
        return self._now

    def set(self, instant: datetime | str) -> None:
        """Move to an instant, or to an hour of the Monday (`"9:45"`)."""
        self._now = at(instant) if isinstance(instant, str) else instant.astimezone(UTC)

    def advance(self, **length: float) -> None:
        """Move on: `advance(minutes=15)`."""
        self._now += timedelta(**length)
