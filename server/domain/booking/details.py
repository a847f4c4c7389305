"""What a visitor tells when booking, read from what was typed and checked by the rules of the service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from server.domain.booking import people
from server.domain.booking.legal_stay import StayKind
from server.domain.booking.people import Identity, identity_of
from server.domain.booking.policy import BookingPolicy
from server.domain.office import reading
from server.domain.release.draw import are_wishes

_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})+")
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Details:
    """The applicant of a visit, who comes along, and how to reach them; `activation` is how the code is sent.

    `legal_stay` says what makes the stay legal (StayKind); only `until` has a last day.
    """

    name: str
    birth_date: date
    document: str
    email: str | None
    phone: str | None
    language: str
    activation: str
    children: tuple[tuple[str, int], ...] = ()
    legal_stay_until: date | None = None
    legal_stay: str | None = None

    @property
    def identity(self) -> Identity:
        """Return the keys under which the applicant is found again."""
        return identity_of(self.name, self.birth_date, self.document)

    def as_json(self) -> dict[str, Any]:
        """Return the values that are kept sealed; what was not told is left out."""
        told: dict[str, Any] = {
            "name": self.name,
            "birth_date": self.birth_date.isoformat(),
            "document": self.document,
            "email": self.email,
            "phone": self.phone,
            "language": self.language,
            "legal_stay_until": self.legal_stay_until and self.legal_stay_until.isoformat(),
            "legal_stay": self.legal_stay,
            "activation": self.activation,
        }
        children = [{"name": name, "birth_year": year} for name, year in self.children]
        return {key: value for key, value in told.items() if value is not None} | {"children": children}


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What was typed cannot be booked: a reason by the name of the field (`children.0.name`)."""

    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Days:
    """The day it is at the branch, and the day of the visit; of a draw its first day, and all days in `drawn`."""

    today: date
    visit: date
    drawn: tuple[date, date] | None = None


def check(
    said: Mapping[str, Any], rules: BookingPolicy, days: Days, *, at_desk: bool = False
) -> Details | Incomplete:
    """Read what was typed: all of it is right, or each field that is not is told with its reason.

    `said` has the fields of Details, dates as 1990-05-01, children as [{"name", "birth_year"}]; for a draw also
    `wishes`, which its list takes as they are. Reasons are
    `missing`, `malformed`, `too_long`, `characters`, `no_letters`, `in_future`, `too_old`, `not_adult`,
    `not_minor` and `too_many`. A phone is written as +48123456789. Whoever books at the desk needs no contact.
    """
    form = _Form(said)
    channel = rules.activation if rules.activation != "choice" else form.text("activation")
    if at_desk:
        channel = "email" if form.text("email") else "sms"
    if channel not in ("email", "sms"):
        form.problem("activation", "missing")
    needs_email = channel == "email" or rules.one_per_email
    needs_phone = channel == "sms" or rules.one_per_phone or rules.phone_required
    name = form.line("name", people.name_problem)
    born = form.day("birth_date")
    if born is not None:
        form.problem("birth_date", people.birth_date_problem(born, days.today, days.visit))
    document = form.line("document", people.document_problem)
    email = form.reached("email", _email_problem, needed=needs_email and not at_desk)
    phone = form.reached("phone", _phone_problem, needed=needs_phone and not at_desk)
    language = form.text("language")
    form.problem("language", None if _LANGUAGE.fullmatch(language) else "malformed")
    kind, until = _legal_stay(form, needed=rules.ask_legal_stay)
    children = _children(form, rules.most_children, days)
    if days.drawn is not None and not are_wishes(form.items("wishes"), *days.drawn):
        form.problem("wishes", "missing")
    if form.problems or born is None:
        return Incomplete(form.problems)
    return Details(name, born, document, email, phone, language, channel, children, until, kind)


def contact_problems(said: Mapping[str, str]) -> dict[str, str]:
    """Say what is wrong with an `email` and a `phone`, each of which may be left out."""
    form = _Form(said)
    form.reached("email", _email_problem, needed=False)
    form.reached("phone", _phone_problem, needed=False)
    return form.problems


def plain_email(email: str) -> str:
    """Return an address as it counts for one visit an address: small letters, nothing behind a plus."""
    local, _, host = email.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0] or local}@{host}"


class _Form:
    """Typed values and what is wrong with them; the first problem of a field is the one that is told."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._said = said
        self.problems: dict[str, str] = {}

    def problem(self, field: str, reason: str | None) -> None:
        """Note a problem, if it is one."""
        if reason is not None:
            self.problems.setdefault(field, reason)

    def text(self, field: str) -> str:
        """Return what was typed; anything but a text counts as nothing."""
        value = self._said.get(field)
        return value if isinstance(value, str) else ""

    def line(self, field: str, wrong: Any) -> str:
        """Read a needed line."""
        self.problem(field, wrong(self.text(field)))
        return people.clean(self.text(field))

    def day(self, field: str) -> date | None:
        """Read a needed day."""
        typed = self.text(field).strip()
        if not typed:
            self.problem(field, "missing")
            return None
        try:
            return reading.day(typed)
        except ValueError:
            self.problem(field, "malformed")
            return None

    def reached(self, field: str, wrong: Any, *, needed: bool) -> str | None:
        """Read an address or a phone, which may be left out where nothing needs it."""
        typed = self.text(field).strip()
        if not typed:
            self.problem(field, "missing" if needed else None)
            return None
        self.problem(field, wrong(typed))
        return typed

    def items(self, field: str) -> list[Any]:
        """Return a list that was sent."""
        value = self._said.get(field)
        return value if isinstance(value, list) else []


def _legal_stay(form: _Form, *, needed: bool) -> tuple[str | None, date | None]:
    """Read what makes the stay legal, with its last day where it has one (rule 13)."""
    kind = form.text("legal_stay") or (StayKind.UNTIL if form.text("legal_stay_until") else "")
    if not kind:
        form.problem("legal_stay", "missing" if needed else None)
        return None, None
    if kind not in tuple(StayKind):
        form.problem("legal_stay", "malformed")
        return None, None
    until = form.day("legal_stay_until") if kind == StayKind.UNTIL else None
    return kind, until


def _children(form: _Form, most: int, days: Days) -> tuple[tuple[str, int], ...]:
    sent = form.items("children")
    if len(sent) > most:
        form.problem("children", "too_many")
        return ()
    read = []
    for place, each in enumerate(sent):
        child = _Form(each if isinstance(each, Mapping) else {})
        name = child.line("name", people.name_problem)
        year = each.get("birth_year") if isinstance(each, Mapping) else None
        if isinstance(year, bool) or not isinstance(year, int) or not 1900 <= year <= 9999:
            child.problem("birth_year", "missing" if year is None else "malformed")
        else:
            child.problem("birth_year", people.birth_year_problem(year, days.today, days.visit))
            read.append((name, year))
        for field, reason in child.problems.items():
            form.problem(f"children.{place}.{field}", reason)
    return tuple(read)


def _email_problem(typed: str) -> str | None:
    if len(typed) > _LONGEST_EMAIL:
        return "too_long"
    local, _, host = typed.rpartition("@")
    is_one = typed.isprintable() and _LOCAL.fullmatch(local) and _HOST.fullmatch(host)
    return None if is_one else "malformed"


def _phone_problem(typed: str) -> str | None:
    return None if _PHONE.fullmatch(typed) else "malformed"
