"""A zone for a calendar file (RFC 5545, 3.6.5): changes of clocks are yearly rules, which all programs read."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LAST_WEEK = 7
Part = TimezoneStandard | TimezoneDaylight


@dataclass(frozen=True, slots=True)
class Change:
    """A change of clocks: the instant, and the offsets from UTC before and after it."""

    at: datetime
    before: timedelta
    after: timedelta


def calendar_zone(zone: ZoneInfo, year: int) -> Timezone:
    """Write a zone as it is in a year: each change of clocks as a yearly rule; without any, one offset."""
    made = Timezone()
    made.add("tzid", zone.key)
    found = list(_changes(zone, year))
    for change in found:
        winter = change.after < change.before
        made.add_component(_part(TimezoneStandard() if winter else TimezoneDaylight(), zone, change))
    if not found:
        offset, always = _offset(zone, datetime(year, 1, 1, tzinfo=UTC)), datetime(1970, 1, 1, tzinfo=UTC)
        made.add_component(_part(TimezoneStandard(), zone, Change(always, offset, offset)))
    return made


def _part(part: Part, zone: ZoneInfo, change: Change) -> Part:
    local = (change.at + change.before).replace(tzinfo=None)
    part.add("tzname", change.at.astimezone(zone).tzname())
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("dtstart", local)
    if change.before != change.after:
        part.add("rrule", {"freq": "yearly", "bymonth": local.month, "byday": _weekday(local)})
    return part


def _weekday(local: datetime) -> str:
    """Name the weekday of a month as rules do: the last Sunday is -1SU, the second one 2SU."""
    is_last = local.day > monthrange(local.year, local.month)[1] - _LAST_WEEK
    return f"{-1 if is_last else (local.day - 1) // _LAST_WEEK + 1}{_DAYS[local.weekday()]}"


def _changes(zone: ZoneInfo, year: int) -> Iterator[Change]:
    """Find the changes of clocks of a year, to the minute."""
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        before, after = _offset(zone, at), _offset(zone, at + timedelta(days=1))
        if before != after:
            minutes = next(
                each for each in range(24 * 60 + 1) if _offset(zone, at + timedelta(minutes=each)) != before
            )
            yield Change(at + timedelta(minutes=minutes), before, after)
        at += timedelta(days=1)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
