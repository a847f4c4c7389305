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
_CANCELLED = ("cancelled", "lapsed", "rejected")


def calendar_file(visit: Visit, language: str) -> bytes:
    """Write a visit as a calendar file; the same visit replaces itself in a calendar, moved or cancelled too."""
    from icalendar import Alarm, Calendar, Event, vCalAddress, vText

    from server.adapters.papers.calendar_zone import calendar_zone

    _ = catalogue(language).gettext
    words = VisitWords(visit, language)
    # What a calendar is to do with it (RFC 5546).
    method = "CANCEL" if visit.status in _CANCELLED else "PUBLISH"
    begins = visit.appointment_at.astimezone(ZoneInfo(visit.zone))
    event = Event()
    # What names the visit does not change with the address of the server.
    event.add("uid", f"visit-{visit.reservation_id}-{visit.booked_at:%Y%m%d%H%M%S%f}@{visit.branch}.numerek")
    event.add("sequence", visit.moves + (method == "CANCEL"))
    event.add("dtstamp", visit.told_at)
    event.add("dtstart", begins)
    event.add("dtend", begins + _LENGTH)
    event.add("summary", f"{words.visit.service_name} – {words.visit.branch_name}")
    event.add("location", ", ".join(filter(None, (words.place, words.visit.hall))))
    event.add("description", _description(words))
    event.add("url", visit.url)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{visit.email}" if visit.email else _site(visit.url))
    organizer.params["cn"] = vText(words.visit.branch_name)
    event.add("organizer", organizer)
    if method == "PUBLISH":
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -_ALARM_BEFORE)
        alarm.add("description", vText(f"{_('Take your ticket')} {words.ticket}"))
        event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Numerek//Visit//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(calendar_zone(ZoneInfo(visit.zone), begins.year))
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _site(url: str) -> str:
    """Return the address of the site, for an office that names no e-mail address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
