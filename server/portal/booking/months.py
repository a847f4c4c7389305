"""The days that can be booked as the months of a calendar, ready to be drawn."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from babel import dates
from flask_babel import gettext as _

from server.portal.languages import locale
from server.services.booking.slots.availability import DayPlaces
from server.web.times import weekday_and_day

MANY = 5
"""So many free places are many, where they are not few for the day."""

# What calendars print, from Monday; CLDR's short names are other words there ("nie" for Sunday says "no").
_SHORT_DAYS = {"pl": ("pn.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz.")}


class Told(Enum):
    """What is told of a day or an hour, never an exact number: it would be old before it is read."""

    LAST, FEW, SOME, MANY, LATER, FULL, CLOSED = range(1, 8)


_STATES = {Told.LATER: "later", Told.FULL: "full", Told.CLOSED: "closed"}


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


def months(told: Mapping[date, Told], today: date) -> tuple[Month, ...]:
    """Lay the days out as months; weeks that are over are left out."""
    if not told:
        return ()
    last, said = max(told), sentences()
    made, first = [], today.replace(day=1)
    while first <= last:
        made.append(_month(first, told, today, said))
        first = (first + timedelta(days=31)).replace(day=1)
    return tuple(made)


def weekdays() -> tuple[tuple[str, str], ...]:
    """Return the days of a week, each short and in full, from the one with which a week begins here."""
    spoken = locale()
    short = _SHORT_DAYS.get(spoken.language) or dates.get_day_names("short", locale=spoken)
    full = dates.get_day_names("wide", locale=spoken)
    order = [(spoken.first_week_day + each) % 7 for each in range(7)]
    return tuple((short[each], full[each]) for each in order)


def told_of(day: DayPlaces, few_share: int) -> Told:
    """Tell of a day what is free in it; `few_share` as in `scarcity`."""
    if day.free == 1:
        return Told.LAST
    if day.free > 0:
        many = Told.MANY if day.free >= MANY else Told.SOME
        return scarcity(day.free, day.places, few_share) or many
    if day.opens_at is not None:
        return Told.LATER
    return Told.FULL if day.is_open else Told.CLOSED


def scarcity(free: int, places: int, few_share: int) -> Told | None:
    """Warn where at most one place in `few_share` is left; None where that is no hurry: all are free."""
    if free == places or free * few_share > places:
        return None
    return Told.LAST if free == 1 else Told.FEW


def sentences() -> Mapping[Told, str]:
    """Return what is said of each."""
    return {
        Told.LAST: _("last place"),
        Told.FEW: _("few places"),
        Told.SOME: _("places free"),
        Told.MANY: _("many places"),
        Told.LATER: _("places come later"),
        Told.FULL: _("the limit of the day is used up"),
        Told.CLOSED: _("no visits"),
    }


def _month(first: date, told: Mapping[date, Told], today: date, said: Mapping[Told, str]) -> Month:
    weeks = calendar.Calendar(locale().first_week_day).monthdatescalendar(first.year, first.month)
    kept = tuple(
        tuple(
            _cell(day, told.get(day, Told.CLOSED), today, said) if day.month == first.month else None
            for day in week
        )
        for week in weeks
        if week[-1] >= today
    )
    # CLDR's name of a month that stands alone: "listopad 2026", not "listopada".
    return Month(dates.format_date(first, "LLLL y", locale=locale()), kept)


def _cell(day: date, told: Told, today: date, said: Mapping[Told, str]) -> Cell:
    words = f"{weekday_and_day(day)}: {said[told]}"
    if day == today:
        words = _("%(words)s (today)", words=words)
    return Cell(day, _STATES.get(told, "free"), words, day == today)
