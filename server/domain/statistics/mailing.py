"""When the report of a month goes by mail: a rule of the branch's clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from server.domain.statistics.periods import Period, month_of

_HOUR = time(6)
LATE = timedelta(days=7)
"""So long after its hour a report still goes out: a server may have been down."""
MOST_BYTES = 7_000_000
"""A larger report stays on its page: with it a letter would be larger than many a mail server takes."""


def month_to_mail(wall: datetime, day: int) -> Period | None:
    """Return the month whose report is to go by mail when a branch's clock shows `wall`; None when none is.

    It goes at six on a day of the month after it, and is caught up for within LATE.
    """
    this_month = month_of(wall.date())
    for month in (this_month, before_month(this_month)):
        due = datetime.combine(month.first.replace(day=day), _HOUR)
        if due <= wall < due + LATE:
            return before_month(month)
    return None


def before_month(month: Period) -> Period:
    """Return the month before a month."""
    return month_of(month.first - timedelta(days=1))


def code_of(month: Period) -> str:
    """Name a month: 2026-10."""
    return f"{month.first:%Y-%m}"


def read_month(code: str) -> Period | None:
    """Read what `code_of` wrote; None for anything else."""
    try:
        found = month_of(date.fromisoformat(f"{code}-01"))
    except (ValueError, OverflowError):
        return None
    return found if code_of(found) == code else None
