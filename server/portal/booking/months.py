"""The days that can be booked as the months of a calendar, ready to be drawn."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel import dates
from flask_babel import gettext as _

from server.portal.languages import locale
from server.services.booking.slots.availability import DayPlaces
from server.web.times import weekday_and_day

MANY = 5

# What calendars print, from Monday; CLDR's short names are other words there ("nie" for Sunday says "no").
_SHORT_DAYS = {"pl": ("pn.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar: `state` is free, full, later or closed; `words` say it to screen readers."""

    day: date
    state: str
    words: str
    is_today: bool

    @property
    def leads(self) -> bool:
        """Say whether there is something to see of the day."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class Month:
    """A month with its weeks; None is a day of another month."""

    name: str
    weeks: tuple[tuple[Cell | None, ...], ...]


def months(found: Sequence[DayPlaces], today: date, few_share: int) -> tuple[Month, ...]:
    """Lay the days out as months; weeks that are over are left out, `few_share` as in `scarcity`."""
    places = {each.day: each for each in found}
    if not places:
        return ()
    last = max(places)
    made, first = [], today.replace(day=1)
    while first <= last:
        made.append(_month(first, places, today, few_share))
        first = (first + timedelta(days=31)).replace(day=1)
    return tuple(made)


def weekdays() -> tuple[tuple[str, str], ...]:
    """Return the days of a week, each short and in full, from the one with which a week begins here."""
    spoken = locale()
    short = _SHORT_DAYS.get(spoken.language) or dates.get_day_names("short", locale=spoken)
    full = dates.get_day_names("wide", locale=spoken)
    order = [(spoken.first_week_day + each) % 7 for each in range(7)]
    return tuple((short[each], full[each]) for each in order)


def soft_count(free: int, places: int, few_share: int) -> str:
    """Say about how many of the places are free: an exact number is old before it is read."""
    if free == 1:
        return _("last place")
    return scarcity(free, places, few_share) or (_("many places") if free >= MANY else _("places free"))


def scarcity(free: int, places: int, few_share: int) -> str:
    """Warn where at most one place in `few_share` is left; empty where that is no hurry: all are free."""
    if free == places or free * few_share > places:
        return ""
    return _("last place") if free == 1 else _("few places")


def _month(first: date, places: Mapping[date, DayPlaces], today: date, few_share: int) -> Month:
    weeks = calendar.Calendar(locale().first_week_day).monthdatescalendar(first.year, first.month)
    kept = tuple(
        tuple(
            _cell(day, places.get(day), today, few_share) if day.month == first.month else None
            for day in week
        )
        for week in weeks
        if week[-1] >= today
    )
    # CLDR's name of a month that stands alone: "listopad 2026", not "listopada".
    return Month(dates.format_date(first, "LLLL y", locale=locale()), kept)


def _cell(day: date, places: DayPlaces | None, today: date, few_share: int) -> Cell:
    if places is not None and places.free > 0:
        state, told = "free", soft_count(places.free, places.places, few_share)
    elif places is not None and places.opens_at is not None:
        state, told = "later", _("places come later")
    elif places is not None and places.is_open:
        state, told = "full", _("the limit of the day is used up")
    else:
        state, told = "closed", _("no visits")
    words = f"{weekday_and_day(day)}: {told}"
    if day == today:
        words = _("%(words)s (today)", words=words)
    return Cell(day, state, words, day == today)
