"""The visit as a calendar file (RFC 5545): the hour in its own zone, and an alarm before it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from server.adapters.visit_wording import VisitWords
from server.services.ports import Visit
from server.texts import catalogue

# How long a visit takes nobody knows; a calendar wants an end.
_LENGTH = timedelta(minutes=30)
_ALARM_BEFORE = timedelta(hours=2)
_YEAR = timedelta(days=366)
_CANCELLED = ("cancelled", "lapsed", "rejected")


def calendar_file(visit: Visit, language: str) -> bytes:
    """Write a visit as a calendar file; the same visit replaces itself in a calendar."""
    from icalendar import Alarm, Calendar, Event, vText

    _ = catalogue(language).gettext
    words = VisitWords(visit, language)
    begins = visit.appointment_at.astimezone(ZoneInfo(visit.zone))
    event = Event()
    event.add("uid", f"visit-{visit.reservation_id}@{urlsplit(visit.url).hostname or 'numerek'}")
    # What it stands for does not change with the instant of a download, so the file does not either.
    event.add("dtstamp", visit.appointment_at)
    event.add("dtstart", begins)
    event.add("dtend", begins + _LENGTH)
    event.add("summary", f"{words.visit.service_name} – {words.visit.branch_name}")
    event.add("location", ", ".join(filter(None, (words.place, words.visit.hall))))
    event.add("description", _description(words))
    event.add("url", visit.url)
    event.add("status", "CANCELLED" if visit.status in _CANCELLED else "CONFIRMED")
    event.add("class", "PRIVATE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -_ALARM_BEFORE)
    alarm.add("description", vText(f"{_('Take your ticket')} {words.ticket}"))
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Numerek//Visit//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    # Only the changes of clocks around the visit: all of them since 1970 are two kilobytes.
    calendar.add_missing_timezones(visit.appointment_at.date() - _YEAR, visit.appointment_at.date() + _YEAR)
    written: bytes = calendar.to_ical()
    return written


def _description(words: VisitWords) -> str:
    _ = catalogue(words.language).gettext
    visit = words.visit
    lines = [
        f"{_('Code')}: {visit.code}" if visit.code else None,
        f"{_('Take your ticket')} {words.ticket}.",
        f"{_('What to bring')}: {'; '.join(words.bring)}" if words.bring else None,
        visit.url,
    ]
    return "\n".join(filter(None, lines))
