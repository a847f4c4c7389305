"""How letters and papers speak of a visit: its days, hours and places in the reader's language."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates

from server.domain.booking.legal_stay import StayWarning, warning_of
from server.services.ports import Visit
from server.texts import catalogue
from wire.sentences import comma

# English dates as this side of the ocean writes them.
_LOCALES = {"en": "en_GB"}
_LONGEST = 2_000
_MANY_LINES = ("address", "prepare")


class VisitWords:
    """A visit in words, for one language, of plain texts: nothing in them hides or turns the line round."""

    def __init__(self, visit: Visit, language: str) -> None:
        self.visit = plain_visit(visit)
        self.language = language
        self.times = Times(language, visit.zone)
        self._texts = catalogue(language)

    @property
    def when(self) -> str:
        """Return day and hour: Monday, 23 November 2026, 10:00."""
        return self.times.day_and_hour(self.visit.appointment_at)

    @property
    def ticket(self) -> str:
        """Say until when, and where, the ticket has to be taken (rule 14)."""
        until = self.ticket_until
        if self.visit.hall is None:
            return self._texts.gettext("by %(hour)s at the kiosk") % {"hour": until}
        told = {"hour": until, "hall": self.visit.hall}
        return self._texts.gettext("by %(hour)s at the kiosk in %(hall)s") % told

    @property
    def ticket_until(self) -> str:
        """Return the hour until which the ticket has to be taken, with its day where that is another one."""
        until, at = self.visit.check_in_until, self.visit.appointment_at
        same_day = self.times.local(until) == self.times.local(at)
        return self.times.hour(until) if same_day else self.times.deadline(until)

    @property
    def place(self) -> str:
        """Return the office and where it stands, in one line."""
        address = ", ".join(each.strip() for each in (self.visit.address or "").splitlines() if each.strip())
        return ", ".join(filter(None, (self.visit.branch_name, address)))

    @property
    def people(self) -> str | None:
        """Return for whom the visit is, with the children of the same matter; None when that is erased."""
        if self.visit.applicant is None:
            return None
        return ", ".join((self.visit.applicant, *(f"{name} ({year})" for name, year in self.visit.children)))

    @property
    def bring(self) -> tuple[str, ...]:
        """List what to bring: documents, or what the service says in a sentence; copies, photographs, forms."""
        _, visit = self._texts.gettext, self.visit
        labelled = ((_("Copies"), visit.copies), (_("Photographs"), visit.photos))
        form = _("Form to fill in")
        return (
            *(visit.documents or filter(None, (visit.prepare,))),
            *(f"{label}: {value}" for label, value in labelled if value),
            *(f"{form}: {name}, {url}" for name, url in visit.forms),
        )

    @property
    def costs(self) -> tuple[str, ...]:
        """List what it costs, and how it is paid."""
        fees = (f"{what}: {amount}" if what else amount for what, amount in self.visit.fees)
        return (*fees, *filter(None, (self.visit.payment,)))

    @property
    def stay_warning(self) -> str | None:
        """Return the warning about the legal stay, in the words of the pages; None when none is due."""
        until, _ = self.visit.legal_stay_until, self._texts.gettext
        today, visit_day = map(self.times.local, (self.visit.told_at, self.visit.appointment_at))
        warning = warning_of(until, today, visit_day)
        if until is None or warning is None:
            return None
        if warning is StayWarning.OVER:
            sentence = _(
                "From what you entered, your legal stay ended on %(day)s. Please phone the office: an earlier "
                "visit may not help."
            )
        else:
            sentence = _(
                "Your legal stay ends on %(day)s, before this visit. You may have to file your application "
                "earlier."
            )
        return sentence % {"day": self.times.plain_day(until)}

    def rows(self, *, hours: bool = True) -> tuple[tuple[str, str], ...]:
        """List the facts of the visit, each with its label; without the hours where they stand beside already."""
        _ = self._texts.gettext
        found = (
            (_("What for"), self.visit.service_name),
            (_("When"), self.when if hours else None),
            (_("Take your ticket"), self.ticket if hours else None),
            (_("Where"), self.place),
            (_("For whom"), self.people),
        )
        return tuple((label, value) for label, value in found if value)


class Times:
    """Days and hours of a zone as a language writes them."""

    def __init__(self, language: str, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._comma = comma(language)
        self._locale = Locale.parse(_LOCALES.get(language, language))

    def local(self, at: datetime) -> date:
        """Return the day of an instant."""
        return at.astimezone(self.zone).date()

    def hour(self, at: datetime) -> str:
        """Write the hour: 09:45."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def day(self, at: datetime) -> str:
        """Write the day with its name: Monday, 23 November 2026."""
        return dates.format_date(self.local(at), "full", locale=self._locale)

    def plain_day(self, which: date) -> str:
        """Write a day without its name: 23 November 2026."""
        return dates.format_date(which, "long", locale=self._locale)

    def month(self, first: date) -> str:
        """Write a month, named by a day of it: November 2026."""
        return str(dates.format_skeleton("yMMMM", first, locale=self._locale))

    def short_day(self, at: datetime) -> str:
        """Write the day in figures with its weekday, for text messages: Mon 23.11."""
        weekday = dates.format_date(self.local(at), "EEE", locale=self._locale)
        return f"{weekday} {at.astimezone(self.zone):%d.%m}"

    def day_and_hour(self, at: datetime) -> str:
        """Write both: Monday, 23 November 2026, 10:00."""
        return f"{self.day(at)}{self._comma}{self.hour(at)}"

    def deadline(self, at: datetime) -> str:
        """Write both so that *by* or *until* can stand before them: 23 November 2026, 10:00 (Monday)."""
        weekday = dates.format_date(self.local(at), "EEEE", locale=self._locale)
        return f"{self.plain_day(self.local(at))}{self._comma}{self.hour(at)} ({weekday})"


def plain(text: str, *, many_lines: bool = False) -> str:
    """Return a text without what hides, steers or turns it round; a line break is a space, or stays."""
    kept = []
    for char in unicodedata.normalize("NFC", text[:_LONGEST]):
        kind = unicodedata.category(char)
        if char == "\n" and many_lines:
            kept.append(char)
        elif kind in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif kind not in ("Cf", "Cs", "Co", "Cn"):
            kept.append(char)
    return "\n".join(" ".join(line.split()) for line in "".join(kept).split("\n")).strip()


def plain_visit(visit: Visit) -> Visit:
    """Return a visit all of whose texts are plain; those that stay as they are have no text of a person's."""
    changed: dict[str, Any] = {}
    for each in fields(visit):
        value = getattr(visit, each.name)
        if isinstance(value, str):
            changed[each.name] = plain(value, many_lines=each.name in _MANY_LINES)
    documents = tuple(plain(each) for each in visit.documents)
    children = tuple((plain(name), year) for name, year in visit.children)
    forms, fees = (
        tuple((plain(one), plain(other)) for one, other in each) for each in (visit.forms, visit.fees)
    )
    return replace(visit, **changed, documents=documents, children=children, forms=forms, fees=fees)
