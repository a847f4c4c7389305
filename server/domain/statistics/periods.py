"""Periods of days: those that have a name, those of one's own, and the one before for a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_DAYS = 732
"""So many days a period has at most: two years, one of them with a leap day."""


class Named(StrEnum):
    """Periods that are asked for by name."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    LAST_MONTH = "last_month"
    YEAR = "year"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both counted."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def is_whole_month(self) -> bool:
        """Say whether it is one calendar month."""
        return self.first.day == 1 and self.last == month_of(self.first).last


def named(name: Named, today: date) -> Period:
    """Return a period by its name: the last seven days, the month so far, the last 365 days."""
    if name is Named.YESTERDAY:
        return Period(today - timedelta(days=1), today - timedelta(days=1))
    if name is Named.WEEK:
        return Period(today - timedelta(days=6), today)
    if name is Named.MONTH:
        return Period(today.replace(day=1), today)
    if name is Named.LAST_MONTH:
        return month_of(today.replace(day=1) - timedelta(days=1))
    if name is Named.YEAR:
        return Period(today - timedelta(days=364), today)
    return Period(today, today)


def own(first: date, last: date) -> Period:
    """Return a period of one's own dates, in either order and not longer than LONGEST_DAYS."""
    first, last = min(first, last), max(first, last)
    return Period(max(first, last - timedelta(days=LONGEST_DAYS - 1)), last)


def before(period: Period) -> Period:
    """Return the period before: the month before a whole month, else whole weeks earlier.

    One day is compared with the same weekday a week earlier.
    """
    if period.is_whole_month:
        return month_of(period.first - timedelta(days=1))
    if period.days == 1:
        week = timedelta(days=7)
        return Period(period.first - week, period.last - week)
    # Whole weeks back, so that the weekdays are alike.
    back = timedelta(days=-(-period.days // 7) * 7)
    return Period(period.first - back, period.last - back)


def month_of(day: date) -> Period:
    """Return the calendar month of a day."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return Period(first, following - timedelta(days=1))
