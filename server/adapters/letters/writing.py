"""Writes a message out: the templates are ours and never come from data, what they are given is plain text."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, UndefinedError

from server.adapters.letters.own_wording import NotFilled, OwnLetter, own_letter, own_text, values_of
from server.adapters.visit_wording import Times, VisitWords, plain
from server.domain.messages.sms_parts import for_phones, parts_of
from server.domain.messages.wording import SMS_KINDS, WordingError
from server.services.ports import MessageContent
from server.texts import catalogue
from wire.vocabulary import MessageKind

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SUBJECT = 150
_MONTH = len("2026-11")
_MOST_PARTS = {"pl": 1, "en": 1}
_GAPS = re.compile(r"\n{3,}")
_UNFILLED = (NotFilled, WordingError, UndefinedError)
_log = logging.getLogger("numerek.letters")


@dataclass(frozen=True, slots=True)
class Written:
    """A letter written out."""

    subject: str
    text: str
    html: str


def write_letter(told: MessageContent) -> Written:
    """Write a message as a letter, in the office's own wording where it has one and that can be filled.

    Raises jinja2.UndefinedError where a value that its kind needs is missing.
    """
    try:
        return _letter(told)
    except _UNFILLED as error:
        _tell_unfilled(told, error)
        return _letter(replace(told, wording=None))


def write_text(told: MessageContent) -> str:
    """Write a message as a text for phones, in the office's own wording where that can be filled.

    The product's is one part in Latin letters and two in Cyrillic, without a link. Latin letters lose their
    marks, so that a phone takes 160 of them at once and not 70. Raises KeyError for a kind that does not go to
    phones.
    """
    if told.kind not in SMS_KINDS:
        raise KeyError(told.kind)
    try:
        own = own_text(told, _fields(told, is_short=True))
    except _UNFILLED as error:
        _tell_unfilled(told, error)
        own = None
    return _products_text(told) if own is None else _text_of_the_office(told, own)


def _letter(told: MessageContent) -> Written:
    values, fields = _values(told), _fields(told, is_short=False)
    own = own_letter(told, fields, is_html=False)
    template = _template(_sheet("text", told.language), told.kind)
    subject = own.subject or plain(_block(template, "subject", values))
    text = _rendered("text", told, values, own)
    html = _rendered("html", told, values, own_letter(told, fields, is_html=True))
    return Written(subject[:_LONGEST_SUBJECT], _GAPS.sub("\n\n", text.strip()) + "\n", html.strip() + "\n")


def _rendered(form: str, told: MessageContent, values: dict[str, Any], own: OwnLetter) -> str:
    more = {"kind": told.kind.value, "own": own}
    return _sheet(form, told.language).get_template("own.jinja").render(values | more)


def _products_text(told: MessageContent) -> str:
    template = _template(_sheet("text", told.language), told.kind)
    text = ""
    for longest in (40, 12, 0):
        text = _text_of_the_office(told, _block(template, "sms", _values(told, longest_place=longest)))
        if parts_of(text) <= _MOST_PARTS.get(told.language, 2):
            break
    return text


def _text_of_the_office(told: MessageContent, text: str) -> str:
    """Write who sends a text message before it, in letters for phones."""
    said = f"{plain(told.sms_name)}: {plain(text)}" if told.sms_name else plain(text)
    return for_phones(said, told.language)


def _fields(told: MessageContent, *, is_short: bool) -> dict[str, str]:
    """Give the values of the fields of the office's own wording; none where it has none."""
    if told.wording is None:
        return {}
    template, values = _template(_sheet("text", told.language), told.kind), _values(told)
    names = [name for name in template.blocks if name in ("link", "reason")]
    said = {name: _block(template, name, values) for name in names}
    return values_of(told, said, is_short=is_short)


def _tell_unfilled(told: MessageContent, error: Exception) -> None:
    _log.warning(
        "message %s in %s: the office's own wording cannot be filled (%s); the product's text is sent",
        told.kind,
        told.language,
        error,
    )


@cache
def _sheet(form: str, language: str) -> Environment:
    """Return what writes one form (`html` or `text`) in a language."""
    sheet = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=form == "html",  # noqa: S701 - the other form is plain text
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    sheet.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    sheet.globals.update(
        layout=f"{form}/letter.jinja",
        say=sheet.get_template(f"{form}/parts.jinja").module,
        language=language,
        direction=Locale.parse(language).text_direction,
    )
    return sheet


def _template(sheet: Environment, kind: MessageKind) -> Template:
    return sheet.get_template(f"kinds/{kind}.jinja")


def _block(template: Template, name: str, values: dict[str, Any]) -> str:
    """Write one block of a template, in one line."""
    return "".join(template.blocks[name](template.new_context(values))).strip()


def _values(told: MessageContent, longest_place: int = 200) -> dict[str, Any]:
    """Give the names that templates know."""
    times = Times(told.language, told.zone)
    words = None if told.visit is None else VisitWords(told.visit, told.language)
    hall = words.visit.hall if words else None
    return {
        "values": {name: _plain(value) for name, value in told.values.items()},
        "facts": {name: _plain(value) for name, value in told.facts.items()},
        "visit": words and words.visit,
        "visit_words": words,
        "times": times,
        "hall": hall if hall and len(hall) <= longest_place else None,
        "url": told.public_url,
        "until": told.until,
        "next_hours": [datetime.fromisoformat(each) for each in str(told.facts.get("places", "")).split()],
        "has_room": longest_place > 0,
        "closes_at": _instant(told.facts.get("closes_at")),
        "service_name": _plain(told.service_name),
        "branch_name": _plain(told.branch_name),
        "phone": _plain(told.phone),
        "address": _plain(told.address),
        "words": told.words and plain(told.words, many_lines=True),
        "verbatim": told.verbatim,
        "month_name": _day(told.facts.get("month"), times.month),
        "day_name": _day(told.facts.get("day"), times.plain_day),
    }


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _day(value: Any, write: Callable[[date], str]) -> str | None:
    """Write a day that a fact names, such as 2026-11-28, or a month by its name, 2026-11."""
    return write(date.fromisoformat(value if len(value) > _MONTH else f"{value}-01")) if value else None


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
