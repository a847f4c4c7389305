"""Writes a message out: the templates are ours and never come from data, what they are given is plain text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from server.adapters.letters.message_facts import MessageContent
from server.adapters.visit_wording import Times, VisitWords, plain
from server.texts import catalogue
from wire.vocabulary import MessageKind

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SUBJECT = 150
# Letters that a phone takes 160 of at once (GSM 03.38); with any other it takes 70. Joined parts hold 153 and 67.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_MOST_PARTS = {"pl": 1, "en": 1}
_GAPS = re.compile(r"\n{3,}")
# What an account is about goes by mail alone: an account has no phone.
SMS_KINDS = frozenset(
    {
        MessageKind.ACTIVATION_CODE,
        MessageKind.CONFIRMATION,
        MessageKind.CANCELLATION,
        MessageKind.REMOVAL,
        MessageKind.REMINDER,
        MessageKind.QUESTIONS,
        MessageKind.QUESTIONS_REMINDER,
        MessageKind.REJECTION,
        MessageKind.RELEASED,
        MessageKind.DRAW_APPLIED,
        MessageKind.DRAW_RESULT,
    }
)
_UNFOLDED = str.maketrans("łŁøØđĐ–—„”“’‘…", 'lLoOdD--"""\'\'.')


@dataclass(frozen=True, slots=True)
class Written:
    """A letter written out."""

    subject: str
    text: str
    html: str


def write_letter(told: MessageContent) -> Written:
    """Write a message as a letter. Raises jinja2.UndefinedError where a value that its kind needs is missing."""
    plain_sheet, html_sheet = _sheet("text", told.language), _sheet("html", told.language)
    values = _values(told)
    subject = plain(_block(_template(plain_sheet, told.kind), "subject", values))
    text = _template(plain_sheet, told.kind).render(values)
    html = _template(html_sheet, told.kind).render(values)
    return Written(subject[:_LONGEST_SUBJECT], _GAPS.sub("\n\n", text.strip()) + "\n", html.strip() + "\n")


def write_text(told: MessageContent) -> str:
    """Write a message as a text for phones: without a link one part in Latin letters, two in Cyrillic.

    Latin letters lose their marks, so that a phone takes 160 of them at once and not 70. Raises KeyError for a
    kind that does not go to phones.
    """
    if told.kind not in SMS_KINDS:
        raise KeyError(told.kind)
    template = _template(_sheet("text", told.language), told.kind)
    text = ""
    for longest in (40, 12, 0):
        text = plain(_block(template, "sms", _values(told, longest_place=longest)))
        text = f"{plain(told.sms_name)}: {text}" if told.sms_name else text
        text = _folded(text) if told.language in ("pl", "en") else text
        if parts_of(text) <= _MOST_PARTS.get(told.language, 2):
            break
    return text


def parts_of(text: str) -> int:
    """Count the text messages that a text is sent as (3GPP TS 23.038)."""
    alone, joined = (160, 153) if _BASIC.issuperset(text) else (70, 67)
    return 1 if len(text) <= alone else -(-len(text) // joined)


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
        layout=f"{form}/letter.jinja", say=sheet.get_template(f"{form}/parts.jinja").module, language=language
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
    }


def _plain(value: Any) -> Any:
    return plain(value) if isinstance(value, str) else value


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _folded(text: str) -> str:
    """Take the marks off Latin letters: ą is a, ł is l."""
    apart = unicodedata.normalize("NFD", text.translate(_UNFOLDED))
    return "".join(char for char in apart if not unicodedata.combining(char))
