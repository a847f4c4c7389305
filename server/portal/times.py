"""Days and hours as people read them: in the branch's zone and the page's language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import dates
from flask import Flask

from server.portal.languages import locale


def join(app: Flask) -> None:
    """Let templates write times."""
    for write in (hour, day, weekday_and_day, day_and_hour):
        app.add_template_filter(write)


def hour(at: datetime, zone: ZoneInfo) -> str:
    """Write the hour of an instant: 09:45."""
    return at.astimezone(zone).strftime("%H:%M")


def day(which: date, zone: ZoneInfo | None = None) -> str:
    """Write a day with its month in letters: 23 November 2026. An instant needs the zone."""
    return dates.format_date(_day_of(which, zone), "long", locale=locale())


def weekday_and_day(which: date, zone: ZoneInfo | None = None) -> str:
    """Write a day with its name: Monday, 23 November 2026. An instant needs the zone."""
    return dates.format_date(_day_of(which, zone), "full", locale=locale())


def day_and_hour(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant in full: Monday, 23 November 2026, 10:00."""
    return f"{weekday_and_day(at, zone)}, {hour(at, zone)}"


def _day_of(which: date, zone: ZoneInfo | None) -> date:
    if isinstance(which, datetime):
        return which.astimezone(zone).date()
    return which
