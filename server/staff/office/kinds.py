"""What kind of field a setting is, by its own reader, and what a reader that refuses says on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.audit.cosignatures import witness_line
from server.domain.booking import policy as booking
from server.domain.messages.addresses import mail_address
from server.domain.messages.wording import Part, WordingError, WordingText
from server.domain.office import outcomes, priorities, publisher, reading
from server.domain.office.hours import WeekHours, Window
from server.domain.office.listed import EntryError, Listed
from server.domain.office.outcomes import OutcomeKind
from server.domain.office.priorities import PriorityKind
from server.domain.office.reading import Nested, Number, OneOf, Optional, Several, Short, ShortTexts
from server.domain.office.slip import Ordered
from server.staff.office.wording_words import wrong_wording

Reader = Callable[[Any], Any]
_SIMPLE: dict[Any, str] = {
    reading.flag: "flag",
    reading.clock: "time",
    reading.day: "date",
    reading.moment: "moment",
    reading.texts: "texts",
    reading.hours: "hours",
    booking.delays: "pair",
    booking.message_words: "messages",
}
_WORDS: dict[Any, tuple[str, ...]] = {booking.weekday: reading.WEEKDAYS}

_OPTIONS: dict[str, object] = {
    "email": _l("by e-mail"),
    "sms": _l("by text message"),
    "choice": _l("as the visitor chooses"),
    "open": _l("free at all times"),
    "daily": _l("daily at an hour"),
    "draw": _l("by a draw"),
    "text": _l("a text"),
    "date": _l("a day"),
    "any": _l("anywhere"),
    "past": _l("in the past"),
    "future": _l("in the future"),
    "PL": _l("Poland"),
    "pl": _l("Polish"),
    "en": _l("English"),
    "uk": _l("Ukrainian"),
    "ru": _l("Russian"),
    "none": _l("none"),
    "pregnancy": _l("pregnancy"),
    "disability": _l("disability"),
    "small_children": _l("small children"),
    "elderly": _l("elderly"),
    "serve": _l("everybody is served"),
    "until": _l("is served until an hour"),
    "clerks": _l("every clerk"),
    "supervisors": _l("supervisors only"),
    "first": _l("the visitor is called before others"),
    "alarm": _l("staff are told"),
    "both": _l("both"),
    "code": _l("Short name"),
    "served": _l("Served"),
    "without_documents": _l("Documents were missing"),
    "wrong_person": _l("Another person came"),
    "other": _l("Another outcome"),
    "full": _l("in full"),
    "partial": _l("in part"),
    "part": _l("in part"),
    "printer": _l("as the kiosk's printer is set"),
    "small": _l("small"),
    "usual": _l("usual"),
    "large": _l("large"),
    "appointment_at": _l("hour of the visit"),
    "issued": _l("when the ticket was issued"),
    "ahead": _l("how many are ahead"),
    "expected": _l("expected call"),
}
_QUESTION = {"choice": _l("one of some answers")}


def bare(read: Reader) -> Reader:
    """Return a reader without the wrapping that lets none pass."""
    return read.read if isinstance(read, Optional) else read


def kind(read: Reader) -> str:
    """Say what kind of field a reader wants."""
    read = bare(read)
    if isinstance(read, WordingText):
        return "text" if read.part is Part.SUBJECT else "area"
    if isinstance(read, Number):
        return "number"
    if isinstance(read, OneOf):
        return "choice"
    if isinstance(read, Ordered):
        return "order"
    if isinstance(read, ShortTexts):
        return "texts"
    if isinstance(read, Nested):
        return "table"
    if isinstance(read, Several):
        if isinstance(read.read, Nested) or read.read is reading.texts:
            return "tables"
        return "choices" if words_of(read.read) else "lines"
    return _SIMPLE.get(read, "text")


def words_of(read: Reader) -> tuple[str, ...]:
    """List the words that a reader chooses from; none for one that takes others."""
    return read.words if isinstance(read, OneOf | Ordered) else tuple(_WORDS.get(read, ()))


def word(name: str, within: str = "") -> str:
    """Write a word of a setting as people say it."""
    if name in reading.WEEKDAYS:
        names = dates.get_day_names("wide", locale=get_locale())
        return str(names[reading.WEEKDAYS.index(name)])
    if within == "Question" and name in _QUESTION:
        return str(_QUESTION[name])
    return str(_OPTIONS.get(name, name))


def plain(value: Any) -> Any:
    """Write a value of a policy as the office's file would."""
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, ZoneInfo):
        return value.key
    if isinstance(value, Window):
        closes = "24:00" if value.closes == time.min else f"{value.closes:%H:%M}"
        return f"{value.opens:%H:%M}-{closes}"
    if isinstance(value, WeekHours):
        return {reading.WEEKDAYS[each]: plain(windows) for each, windows in value.windows.items()}
    if isinstance(value, OutcomeKind) and value == outcomes.of_word(value.code):
        return value.code
    if isinstance(value, PriorityKind) and value == priorities.of_word(value.code):
        return value.code
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return dict(value) if hasattr(value, "items") else value


def told(value: Any) -> str:
    """Write a value in short, for a default, a difference or what somebody else saved."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(told(each) for each in value) or _("none")
    if hasattr(value, "items"):
        return "; ".join(f"{word(key)}: {told(each)}" for key, each in value.items()) or _("none")
    return word(value) if isinstance(value, str) else str(value)


def wrong(read: Reader, error: ValueError) -> str:
    """Say what a reader wants, in the page's language; `error` is what it said itself."""
    if isinstance(error, WordingError):
        return wrong_wording(error)
    read = bare(read)
    if isinstance(read, Number):
        return _("Enter a whole number from %(least)d to %(most)d", least=read.least, most=read.most)
    if isinstance(read, Short):
        return _("Enter %(most)d characters at most", most=read.most)
    if isinstance(read, ShortTexts):
        return _("Enter %(most)d characters at most", most=read.most)
    if isinstance(error, EntryError) and isinstance(read, Listed):
        return _("Line %(number)s: %(problem)s", number=error.number, problem=wrong(read.read, error.problem))
    if isinstance(read, Listed):
        return _("Enter %(most)d lines at most", most=read.most)
    if isinstance(read, Several):
        return wrong(read.read, error)
    found = _WRONG.get(read) or _PROBLEMS.get(str(error))
    return str(found) if found else str(error)


def of_a_rule(problem: str) -> str:
    """Say why settings do not fit together, in the page's language."""
    if "would be taken for" in problem:
        return _(
            "On a ticket O looks like 0 and I like 1: nobody would know the number. Choose another letter."
        )
    if problem.startswith("there is no hall"):
        return _("Choose a hall")
    if problem.startswith("tickets have it"):
        return _(
            "Tickets have a kind of priority that is missing here now. Mark it as no longer given instead."
        )
    if problem.startswith("people have accepted"):
        return _("People have accepted this version as it was. Make a new version.")
    if "is not closed" in problem:
        return _("A counter is still open. Close it first.")
    return str(_PROBLEMS.get(problem, problem))


_WRONG: dict[Any, object] = {
    publisher.mail: _l("Enter an e-mail address"),
    publisher.version: _l("Enter a version such as 2026-12"),
    publisher.web_page: _l("Enter an address such as https://example.org/report"),
    reading.letter: _l("Enter one letter from A to Z"),
    reading.word: _l("Use small letters, digits and _ only, and begin with a letter"),
    priorities.kind_word: _l(
        "Use up to 20 small letters, digits and _, begin with a letter; the word none is taken"
    ),
    reading.zone: _l("Enter a time zone such as Europe/Warsaw"),
    reading.hours: _l("Enter hours such as 08:00-15:30 that end after they begin; several with a comma"),
    reading.window: _l("Enter hours such as 08:00-15:30 that end after they begin"),
    reading.day: _l("Enter a day such as 2026-12-24"),
    reading.clock: _l("Enter an hour such as 08:00"),
    reading.moment: _l("Enter a day with an hour such as 2026-12-24T08:00"),
    reading.text: _l("Enter this"),
    witness_line: _l(
        "Enter a key as name+id+key, and behind a space an address such as https://example.org, or an e-mail "
        "address"
    ),
    mail_address: _l("this is no e-mail address such as office@example.org"),
    booking.delays: _l("Enter two whole numbers, the smaller one first"),
}
_PROBLEMS: dict[str, object] = {
    "must be more than check_in_lead_minutes": _l("This must be more than the shortest time before the hour"),
    "each may stand there once": _l("One of the short names stands there twice"),
    "is not after the beginning": _l("This is not after the beginning"),
    "is before the first day": _l("The last day is before the first one"),
    "two periods have a day in common": _l("Two periods have a day in common: a day has one set of hours"),
    "is missing": _l("Enter this"),
    '"full" does not go with contents that are not accessible': _l(
        "It does not comply in full while contents are named that are not accessible"
    ),
    "is before accessibility.published": _l("This is before the day on which the website was published"),
    "is before accessibility.stated": _l("This is before the day on which the statement was prepared"),
    "a text is expected": _l("Enter this"),
    "names by language are expected": _l("Enter a name in at least one language"),
    "there is no such template": _l("There is no such template, or it is put away"),
    "there is one of this name already": _l("There is one of this name already. Choose another"),
    "letters of the branch's services are expected": _l("Choose at least one service that is there"),
    "the same letters in another order are expected": _l(
        "Enter the letters of the counter's services, each once"
    ),
    "a word of letters, digits, - and _ is expected": _l("Use letters without accents, digits, - and _ only"),
    "one letter from A to Z is expected": _l("Enter one letter from A to Z"),
    "a whole number from 1 to 999 is expected": _l("Enter a whole number from 1 to 999"),
    "at most 10 characters are expected": _l("Use 10 characters or fewer"),
    "at most 100 characters are expected": _l("Use 100 characters or fewer"),
    "at most 200 characters are expected": _l("Use 200 characters or fewer"),
}
