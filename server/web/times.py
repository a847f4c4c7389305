"""Days and hours as people read them: in the branch's zone and the page's language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, dates
from flask import Flask
from flask_babel import get_locale

from server.domain.office import reading
from wire.sentences import comma

_HOUR = "%Y-%m-%dT%H:%MZ"
# Before and after these days nobody comes, and the arithmetic of zones ends (the years 1 and 9999).
_FIRST, _LAST = date(2000, 1, 1), date(2999, 12, 31)


def join(app: Flask) -> None:
    """Let templates write times."""
    for write in (hour, day, weekday_and_day, short_day, day_and_hour, deadline, listed):
        app.add_template_filter(write)


def hour(at: datetime, zone: ZoneInfo) -> str:
    """Write the hour of an instant: 09:45."""
    return at.astimezone(zone).strftime("%H:%M")


def day(which: date, zone: ZoneInfo | None = None) -> str:
    """Write a day with its month in letters: 23 November 2026. An instant needs the zone."""
    return _written(_day_of(which, zone), "long", get_locale())


def weekday_and_day(which: date, zone: ZoneInfo | None = None) -> str:
    """Write a day with its name: Monday, 23 November 2026. An instant needs the zone."""
    return _written(_day_of(which, zone), "full", get_locale())


def short_day(which: date) -> str:
    """Write a day of the coming year to stand alone, its weekday in short: Mon, 23 November."""
    return _written(which, f"EEE{comma(_language())}d MMMM", get_locale())


def day_and_hour(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant in full: Monday, 23 November 2026, 10:00."""
    return f"{weekday_and_day(at, zone)}{comma(_language())}{hour(at, zone)}"


def deadline(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant to stand after *by* or *until* in every language: 23 November 2026, 10:00 (Monday).

    Slavic languages decline a weekday after these words; in brackets it stays as it is.
    """
    weekday = _written(_day_of(at, zone), "EEEE", get_locale())
    return f"{day(at, zone)}{comma(_language())}{hour(at, zone)} ({weekday})"


def listed(parts: Iterable[str]) -> str:
    """Write parts of one thing in a row, with the comma of the page's language."""
    return comma(_language()).join(parts)


@lru_cache(4_096)
def _written(which: date, pattern: str, locale: Locale | None) -> str:
    """Write a day; those of the coming months, in all languages, stay written."""
    return dates.format_date(which, pattern, locale=locale)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale is not None else "en"


def read_day(text: str) -> date | None:
    """Read a day of an address or a form, as 2026-11-23; None for what is none, or centuries away."""
    try:
        which = reading.day(text)
    except ValueError:
        return None
    return which if is_near(which) else None


def write_hour(at: datetime) -> str:
    """Write an instant as the value of a button or of an address."""
    return at.astimezone(UTC).strftime(_HOUR)


def read_hour(text: str) -> datetime | None:
    """Read what `write_hour` wrote; None for anything else."""
    try:
        at = datetime.strptime(text, _HOUR).replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if is_near(at.date()) else None


def is_near(which: date) -> bool:
    """Say whether a day that somebody sent lies in these centuries."""
    return _FIRST <= which <= _LAST


def _day_of(which: date, zone: ZoneInfo | None) -> date:
    if isinstance(which, datetime):
        return which.astimezone(zone).date()
    return which
