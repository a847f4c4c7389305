"""The office's own wording of messages: the fields that each kind knows, and how a text with them is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from server.domain.messages.sms_parts import for_phones, parts_of
from server.domain.office.reading import SettingError, word
from wire.vocabulary import MessageKind

MOST_SMS_PARTS = 3
_LONGEST = {"subject": 150, "body": 2_000, "sms": 600}
_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Part(StrEnum):
    """A part of a message that can have a wording of its own."""

    SUBJECT = "subject"
    BODY = "body"
    SMS = "sms"


class Mistake(StrEnum):
    """What a wording can have wrong."""

    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    BRACE = "brace"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    TOO_MANY_PARTS = "too_many_parts"


_SAID = {
    Mistake.NO_TEXT: "a text is expected",
    Mistake.TOO_LONG: "at most {what} characters are expected",
    Mistake.BRACE: "line {line}, character {column}: {what} stands alone; write {what}{what} for the sign itself",
    Mistake.UNKNOWN_FIELD: "line {line}, character {column}: {{{what}}} is no field of this text",
    Mistake.MISSING_FIELD: "the field {{{what}}} is missing",
    Mistake.TOO_MANY_PARTS: f"it would be sent as {{what}} text messages; at most {MOST_SMS_PARTS} are expected",
}


class WordingError(ValueError):
    """A wording is wrong: `what` is the field, the sign or the number, at a line and a character from 1."""

    def __init__(self, mistake: Mistake, what: object = "", line: int = 0, column: int = 0) -> None:
        super().__init__(_SAID[mistake].format(what=what, line=line, column=column))
        self.mistake, self.what, self.line, self.column = mistake, what, line, column


@dataclass(frozen=True, slots=True)
class Field:
    """A field where it stands in a text."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Wording:
    """The office's own words for a message in a language; what is None goes out in the product's."""

    subject: str | None = None
    body: str | None = None
    sms: str | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a kind of message, and those that its letter and its text message cannot do without.

    `sms` is None for a kind that does not go to phones.
    """

    known: tuple[str, ...]
    body: tuple[str, ...] = ()
    sms: tuple[str, ...] | None = None


_HOUR = ("date", "time")
_OFFICE = ("service", "branch", "address", "phone")
_VISIT = (*_HOUR, *_OFFICE, "hall", "people")
_COMING = (*_VISIT, "code", "ticket_by", "link", "bring", "fees", "map")
_TO_COME = (*_HOUR, "ticket_by", "code")
_LINK = ("link",)
_ASKED = Fields((*_VISIT, "link", "until"), _LINK, _LINK)
_ACCOUNT = Fields(("branch", "link", "until"), _LINK)
KINDS: Mapping[MessageKind, Fields] = MappingProxyType(
    {
        MessageKind.ACTIVATION_CODE: Fields((*_VISIT, "code", "link", "until"), ("code", "link"), ("code",)),
        MessageKind.CONFIRMATION: Fields(_COMING, (*_TO_COME, "link"), _TO_COME),
        MessageKind.REMINDER: Fields(_COMING, (*_TO_COME, "link"), _TO_COME),
        MessageKind.CANCELLATION: Fields((*_VISIT, "reason", "next_hours", "link"), _HOUR, _HOUR),
        MessageKind.REMOVAL: Fields((*_VISIT, "reason"), (*_HOUR, "reason"), _HOUR),
        MessageKind.QUESTIONS: _ASKED,
        MessageKind.QUESTIONS_REMINDER: _ASKED,
        MessageKind.REJECTION: Fields(_VISIT, _HOUR, _HOUR),
        MessageKind.RELEASED: Fields((*_VISIT, "reason", "link"), (*_HOUR, "reason"), _HOUR),
        MessageKind.PLACES: Fields((*_OFFICE, "link"), _LINK),
        MessageKind.DRAW_APPLIED: Fields(
            (*_OFFICE, "number", "until", "hash", "link"), ("number", "link"), ("number", "link")
        ),
        MessageKind.DRAW_RESULT: Fields(
            (*_OFFICE, "number", "place", "applications", "link"), ("place", "link"), ("link",)
        ),
        MessageKind.CONFIRM_EMAIL: _ACCOUNT,
        MessageKind.ALREADY_KNOWN: Fields(("branch", "link"), _LINK),
        MessageKind.RESET_PASSWORD: _ACCOUNT,
        MessageKind.CHANGE_EMAIL: _ACCOUNT,
        MessageKind.ACCOUNT_CHANGED: Fields(("branch", "link", "reason"), ("link", "reason")),
        MessageKind.ACCOUNT_DELETED: Fields(("branch",)),
        MessageKind.PAGE_LINK: Fields(("branch", "link", "title"), _LINK),
    }
)
# What an account is about goes by mail alone: an account has no phone.
SMS_KINDS = frozenset(kind for kind, each in KINDS.items() if each.sms is not None)
# What is about an account or a page: no branch sends it.
OF_NO_BRANCH = frozenset(kind for kind, each in KINDS.items() if "service" not in each.known)
# So long the values of fields are usually, where the messages of a text are counted before it is sent.
_USUAL_LENGTHS = {
    **{
        "code": 11,
        "date": 9,
        "time": 5,
        "ticket_by": 5,
        "until": 15,
        "service": 30,
        "branch": 30,
        "hall": 10,
    },
    **{"phone": 12, "link": 60, "next_hours": 15, "reason": 70, "number": 7, "place": 4, "applications": 4},
}


def known(kind: MessageKind, part: Part) -> tuple[str, ...]:
    """List the fields of a part of a message; a text message takes none that can be long."""
    fields_of = KINDS[kind].known
    return tuple(each for each in fields_of if part is not Part.SMS or each in _USUAL_LENGTHS)


def needed(kind: MessageKind, part: Part) -> tuple[str, ...]:
    """List the fields that a part of a message cannot do without."""
    if part is Part.SUBJECT:
        return ()
    return KINDS[kind].body if part is Part.BODY else KINDS[kind].sms or ()


def parts(kind: MessageKind) -> tuple[Part, ...]:
    """List the parts of a kind of message."""
    return tuple(Part) if kind in SMS_KINDS else (Part.SUBJECT, Part.BODY)


def pieces(text: str) -> Iterator[str | Field]:
    """Take a text apart into what stands as it is and its fields; {{ and }} are the signs themselves.

    Raises WordingError for a brace that stands alone.
    """
    end = 0
    for found in _TOKEN.finditer(text):
        yield text[end : found.start()]
        end, token = found.end(), found[0]
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        if token in ("{", "}"):
            raise WordingError(Mistake.BRACE, token, line, column)
        yield token[0] if found[1] is None else Field(found[1], line, column)
    yield text[end:]


@dataclass(frozen=True, slots=True)
class WordingText:
    """The reader of one part of a message in a language."""

    kind: MessageKind
    part: Part
    language: str

    def __call__(self, value: Any) -> str:
        """Read a text. Raises WordingError."""
        if not isinstance(value, str) or not value.strip():
            raise WordingError(Mistake.NO_TEXT)
        if len(value) > _LONGEST[self.part]:
            raise WordingError(Mistake.TOO_LONG, _LONGEST[self.part])
        found = list(pieces(value))
        named = [each for each in found if isinstance(each, Field)]
        for each in named:
            if each.name not in known(self.kind, self.part):
                raise WordingError(Mistake.UNKNOWN_FIELD, each.name, each.line, each.column)
        for name in needed(self.kind, self.part):
            if name not in [each.name for each in named]:
                raise WordingError(Mistake.MISSING_FIELD, name)
        if self.part is Part.SMS and (count := self._sms_parts(found)) > MOST_SMS_PARTS:
            raise WordingError(Mistake.TOO_MANY_PARTS, count)
        return value

    def _sms_parts(self, found: list[str | Field]) -> int:
        usual = ("0" * _USUAL_LENGTHS[each.name] if isinstance(each, Field) else each for each in found)
        return parts_of(for_phones("".join(usual), self.language))


def own_wordings(value: Any) -> Mapping[str, Mapping[str, Wording]]:
    """Read the wordings of messages by kind and language. Raises SettingError with the place of a mistake."""
    found: dict[str, Mapping[str, Wording]] = {}
    for kind, by_language in _table("", value).items():
        if kind not in KINDS:
            raise SettingError(str(kind), "there is no message of this kind")
        read = {
            language: _wording(MessageKind(kind), language, said)
            for language, said in _table(kind, by_language).items()
        }
        found[kind] = MappingProxyType(read)
    return MappingProxyType(found)


def _wording(kind: MessageKind, language: str, said: Any) -> Wording:
    place = f"{kind}.{language}"
    try:
        word(language)
    except ValueError as error:
        raise SettingError(place, str(error)) from None
    texts = {}
    for name, text in _table(place, said).items():
        if name not in parts(kind):
            names = ", ".join(parts(kind))
            raise SettingError(f"{place}.{name}", f"unknown setting; this message has {names}")
        try:
            texts[name] = WordingText(kind, Part(name), language)(text)
        except WordingError as error:
            raise SettingError(f"{place}.{name}", str(error)) from None
    return Wording(**texts)


def _table(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        problem = "texts by kind of message, language and part are expected"
        raise SettingError(place, problem) if place else ValueError(problem)
    return value
