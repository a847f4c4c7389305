"""When will a visitor be called? What people are told of a forecast: whole minutes, and nothing after closing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def in_minutes(earliest: datetime, latest: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return a range as it is told, in UTC: in whole minutes, rounded outwards, and not before now."""
    earliest = max(earliest, now).astimezone(UTC)
    latest = max(latest, now).astimezone(UTC)
    return _EPOCH + (earliest - _EPOCH) // _MINUTE * _MINUTE, _EPOCH - (_EPOCH - latest) // _MINUTE * _MINUTE


def within_hours(
    expected: tuple[datetime, datetime] | None, now: datetime, closes_at: datetime | None
) -> tuple[tuple[datetime, datetime] | None, bool]:
    """Keep an expected call inside the day: return the range to tell, and whether to say *not today any more*.

    The middle of the range decides, as it does for walk-in tickets. After closing no time is told: counters that
    are still open may go on calling, and without one nobody is called today.
    """
    if closes_at is None:
        return expected, False
    if now >= closes_at or expected is None:
        return None, now >= closes_at and expected is None
    earliest, latest = expected
    if earliest + (latest - earliest) / 2 >= closes_at:
        return None, True
    return (earliest, min(latest, closes_at)), False
