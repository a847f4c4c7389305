"""The days and hours that suit somebody, as a form asks for them and as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask_babel import gettext as _

from server.domain.release.draw import ANY
from server.portal import times

MOST = 5
"""So many wishes the form takes; programs may say more (domain.draw.MOST_PREFERENCES)."""

_BEFORE_NOON, _FROM_NOON = "00:00-12:00", "12:00-24:00"


def days(first: date, last: date) -> list[tuple[str, str]]:
    """Return the choices of a day."""
    every = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return [(ANY, _("any day")), *((each.isoformat(), times.weekday_and_day(each)) for each in every)]


def hours() -> list[tuple[str, str]]:
    """Return the choices of the part of a day."""
    return [("", _("the whole day")), (_BEFORE_NOON, _("morning")), (_FROM_NOON, _("afternoon"))]


def code(day: str, part: str) -> str:
    """Return a wish as the draw's list has it."""
    return f"{day} {part}".strip()


def words(wish: str) -> str:
    """Say a wish in words."""
    day, _sep, part = wish.partition(" ")
    which = _("any day") if day == ANY else times.weekday_and_day(date.fromisoformat(day))
    if not part:
        return which
    known = dict(hours())
    return f"{which}, {known.get(part, part)}"


def hour_words(at: str | None) -> str:
    """Say an hour of the draw's list (`2026-12-07T08:30+01:00`) in words; nothing where there is none."""
    if at is None:
        return ""
    when = datetime.fromisoformat(at)
    return f"{times.weekday_and_day(when.date())}, {when:%H:%M}"
