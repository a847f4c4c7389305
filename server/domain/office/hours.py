"""The branch's wall clock: its days and its opening hours, as instants in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS_AHEAD = 10
"""A week comes round in these: hours that go on for so long have no end."""


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Tell which day it is at the branch at this instant."""
    return at.astimezone(zone).date()


def business_day(at: datetime, zone: ZoneInfo, starts_at: time = time.min) -> date:
    """Tell the business day of an instant: that of ticket numbers and figures, which begins at `starts_at`.

    Before that hour of the branch's clock the day before still goes on (rule 17a).
    """
    day = day_of(at, zone)
    return day if at >= instant(day, starts_at, zone) else day - timedelta(days=1)


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Turn a reading of the branch's clock into UTC.

    A reading that the clock shows twice means the first; one that it skips means as long after the jump.
    """
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Tell the first instant of a day at the branch; days of 23 and 25 hours come out right."""
    return instant(day, time.min, zone)


@dataclass(frozen=True, slots=True)
class Window:
    """Open from `opens` until before `closes`, by the wall clock; closing at 00:00 ends the day."""

    opens: time
    closes: time

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Give both edges in UTC."""
        last_day = day if self.closes != time.min else day + timedelta(days=1)
        return instant(day, self.opens, zone), instant(last_day, self.closes, zone)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last whose weekdays have windows of their own."""

    first: date
    last: date
    windows: Mapping[int, tuple[Window, ...]]


@dataclass(frozen=True, slots=True)
class WeekHours:
    """The windows of each weekday (0 is Monday), except in periods; a weekday that is missing is closed."""

    windows: Mapping[int, tuple[Window, ...]]
    periods: tuple[Period, ...] = ()

    def windows_of(self, day: date) -> tuple[Window, ...]:
        """Give the windows of a day: those of its period, or of its weekday."""
        of = next((each for each in self.periods if each.first <= day <= each.last), self)
        return of.windows.get(day.weekday(), ())

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Tell whether `at` lies inside a window of its day."""
        return any(opens <= at < closes for opens, closes in self._edges(day_of(at, zone), zone))

    def next_opening(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """Tell when visitors are let in next, in UTC; None when no day ahead has a window."""
        today = day_of(after, zone)
        # After the last period a week comes round in eight days.
        usual_from = max([today, *(each.last for each in self.periods)])
        days = (today + timedelta(days=ahead) for ahead in range((usual_from - today).days + 8))
        openings = (opens for day in days for opens, _ in self._edges(day, zone))
        return min((opens for opens in openings if opens > after), default=None)

    def last_closing(self, at: datetime, zone: ZoneInfo, day_starts_at: time = time.min) -> datetime | None:
        """Tell when the business day of `at` ends for visitors, in UTC.

        Hours that go on past the day's end count on. None for a day without windows and for hours without an end.
        """
        day = business_day(at, zone, day_starts_at)
        begins, ends = (instant(day + timedelta(days=ahead), day_starts_at, zone) for ahead in (0, 1))
        closing: datetime | None = None
        for ahead in range(_DAYS_AHEAD):
            before = closing
            for opens, closes in sorted(self._edges(day + timedelta(days=ahead), zone)):
                if (opens < ends and closes > begins) or (closing is not None and opens <= closing):
                    closing = closes if closing is None else max(closing, closes)
            if ahead and closing == before:
                return closing
        return None

    def _edges(self, day: date, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
        return [window.on(day, zone) for window in self.windows_of(day)]
