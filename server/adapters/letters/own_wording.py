"""The office's own wording of a message, filled with what the message tells.

Values stand where their fields stood and are read no further: braces in them are braces.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from server.adapters.visit_wording import Times, VisitWords, plain
from server.domain.messages.wording import Field, Part, needed, pieces
from server.services.ports import MessageContent
from wire.vocabulary import MessageKind

_LINKS = ("link", "map")
_APART = re.compile(r"\n{2,}")


class NotFilled(Exception):
    """A wording needs a field that has no value in this message; the text is its name."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a letter; a code that stands alone is written large."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class OwnLetter:
    """The office's own subject and paragraphs; what is empty is the product's."""

    subject: str = ""
    paragraphs: Sequence[Paragraph] = ()


def own_letter(told: MessageContent, values: Mapping[str, str], *, is_html: bool) -> OwnLetter:
    """Fill the wording of a letter. Raises NotFilled, WordingError."""
    wording = told.wording
    if wording is None:
        return OwnLetter()
    subject = _filled(wording.subject or "", values)
    if not wording.body:
        return OwnLetter(plain(subject))
    _demand(told.kind, Part.BODY, values)
    texts = _APART.split(plain(wording.body, many_lines=True))
    paragraphs = [_paragraph(each, values, is_html=is_html) for each in texts]
    return OwnLetter(plain(subject), [each for each in paragraphs if each.text.strip()])


def own_text(told: MessageContent, values: Mapping[str, str]) -> str | None:
    """Fill the wording of a text message; None where there is none. Raises NotFilled, WordingError."""
    if told.wording is None or not told.wording.sms:
        return None
    _demand(told.kind, Part.SMS, values)
    return _filled(told.wording.sms, values)


def values_of(told: MessageContent, said: Mapping[str, str], *, is_short: bool) -> dict[str, str]:
    """Give the value of each field that has one in this message, short for phones.

    `said` has those that the product's own text knows.
    """
    times = Times(told.language, told.zone)
    found = {
        "service": told.service_name,
        "branch": told.branch_name,
        "address": told.address,
        "phone": told.phone,
        "title": told.values.get("title"),
        "number": told.facts.get("line"),
        "place": told.facts.get("place"),
        "applications": told.facts.get("applications"),
        "hash": told.facts.get("secret_hash"),
        "until": _until(told, times, is_short=is_short),
        "next_hours": _next_hours(told, times, is_short=is_short),
    }
    found |= {**_of_the_visit(told, times, is_short=is_short), **said}
    return {name: plain(str(value), many_lines=True) for name, value in found.items() if value is not None}


def _of_the_visit(told: MessageContent, times: Times, *, is_short: bool) -> dict[str, str | None]:
    code = told.values.get("code")
    if told.visit is None:
        return {"code": code}
    words = VisitWords(told.visit, told.language)
    visit = words.visit
    return {
        "code": code if told.kind is MessageKind.ACTIVATION_CODE else visit.code,
        "date": times.short_day(visit.appointment_at) if is_short else times.day(visit.appointment_at),
        "time": times.hour(visit.appointment_at),
        "ticket_by": words.ticket_until,
        "hall": visit.hall,
        "people": words.people,
        "bring": _list(words.bring),
        "fees": _list(words.costs),
        "map": visit.map_url,
    }


def _until(told: MessageContent, times: Times, *, is_short: bool) -> str | None:
    until = told.until
    if told.kind is MessageKind.DRAW_APPLIED:
        closes_at = told.facts.get("closes_at")
        until = datetime.fromisoformat(closes_at) if isinstance(closes_at, str) else None
    if until is None:
        return None
    if told.kind is MessageKind.ACTIVATION_CODE:
        return times.hour(until)
    return f"{times.short_day(until)} {times.hour(until)}" if is_short else times.deadline(until)


def _next_hours(told: MessageContent, times: Times, *, is_short: bool) -> str | None:
    hours = [datetime.fromisoformat(each) for each in str(told.facts.get("places", "")).split()]
    if is_short:
        return next((f"{times.short_day(at)}, {times.hour(at)}" for at in hours), None)
    return _list([times.day_and_hour(at) for at in hours])


def _list(lines: Sequence[str]) -> str | None:
    return "\n".join(f"- {each}" for each in lines) or None


def _demand(kind: MessageKind, part: Part, values: Mapping[str, str]) -> None:
    for name in needed(kind, part):
        if not values.get(name):
            raise NotFilled(name)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Put the values of its fields into a text; a field without one is nothing."""
    found = pieces(plain(text, many_lines=True))
    return "".join(values.get(each.name, "") if isinstance(each, Field) else each for each in found)


def _paragraph(text: str, values: Mapping[str, str], *, is_html: bool) -> Paragraph:
    filled: str = _marked(text, values) if is_html else _filled(text, values)
    return Paragraph(filled, is_code=text == "{code}")


def _marked(text: str, values: Mapping[str, str]) -> Markup:
    """Fill a text for HTML: all of it is escaped, and an address can be followed."""
    found = Markup()
    for each in pieces(text):
        value = escape(values.get(each.name, "") if isinstance(each, Field) else each)
        is_link = isinstance(each, Field) and each.name in _LINKS and value
        found += (
            Markup('<a href="{0}" style="color:#0B4A8F;word-break:break-all">{0}</a>').format(value)
            if is_link
            else value
        )
    return found
