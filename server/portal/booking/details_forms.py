"""The forms of the details: one thing a page, each field with what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from flask import request
from flask_babel import lazy_gettext as _l
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice

from server.api import authentication
from server.domain.booking.email_hints import meant_email
from server.domain.booking.policy import BookingPolicy
from server.portal import languages
from server.portal.guard.challenge import PuzzleForm, TimedForm, new_word
from server.web.details_wording import sentence
from server.web.forms import ChoiceField, DayField, EmailField, Form, PhoneField, TextField, needed
from server.web.stay_wording import KINDS

# Numbers typed without the country's are read as this one's.
_REGION = "PL"
_SENDS = (SelectChoice("email", _l("By e-mail")), SelectChoice("sms", _l("By text message (SMS)")))


class PersonForm(TimedForm):
    """Who comes: as it stands in the document, because the clerk compares it."""

    given_names = TextField(
        _l("Given names"),
        100,
        hint=_l("In Latin letters, exactly as in the document that you will bring"),
        autocomplete="given-name",
    )
    surname = TextField(
        _l("Surname"),
        99,
        [needed(_l("Enter the surname"))],
        hint=_l("In Latin letters. If the document shows one name only, enter it here"),
        autocomplete="family-name",
    )
    birth_date = DayField(
        _l("Date of birth"),
        [needed(_l("Enter the date of birth"))],
        hint=_l("For example, 27 3 1990"),
        autocomplete="bday",
    )
    document = TextField(
        _l("Series and number of the document"),
        60,
        [needed(_l("Enter the number of the document"))],
        hint=_l("Of the passport, residence card or identity card that you will bring"),
    )

    # Where a sentence about a field of the details is shown.
    places: Mapping[str, str] = {"name": "surname"}

    @staticmethod
    def typed(said: Mapping[str, Any]) -> dict[str, str]:
        """Return what a newly opened form shows: what was told before, the day of birth in its parts.

        A name that was kept in one piece stands in the second field.
        """
        born = _day(said.get("birth_date"))
        return {
            "given_names": said.get("given_names") or "",
            "surname": said.get("surname") or said.get("name") or "",
            "document": said.get("document") or "",
            "day": str(born.day) if born else "",
            "month": str(born.month) if born else "",
            "year": str(born.year) if born else "",
            "shown": new_word(),
        }

    def show(self, typed: Mapping[str, str]) -> None:
        """Show what `typed` returned, or words that stand for it."""
        for name in ("given_names", "surname", "document"):
            self[name].data = typed[name]
        self.birth_date.show(typed["day"], typed["month"], typed["year"])
        self.puzzle.word = typed["shown"]

    def told(self) -> dict[str, Any]:
        """Return what was typed; the name in one piece too, as it will be shown."""
        given, surname = self.given_names.data or "", self.surname.data or ""
        return {
            "given_names": given,
            "surname": surname,
            "name": f"{given} {surname}".strip(),
            "birth_date": _iso(self.birth_date.data),
            "document": self.document.data or "",
        }


class StayForm(TimedForm):
    """Until when the stay is legal, or why it has no last day (rule 13)."""

    legal_stay = ChoiceField(
        _l("What makes your stay in Poland legal?"),
        choices=[SelectChoice(*each) for each in KINDS.items()],
        description=_l("If several are true, choose the first"),
    )
    legal_stay_until = DayField(
        _l("Last day of your legal stay, if it has one"),
        hint=_l("You find it on your visa or residence card. For example, 27 3 2027"),
    )
    places: Mapping[str, str] = {}

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before."""
        self.legal_stay_until.data = _day(said.get("legal_stay_until"))
        self.legal_stay.data = said.get("legal_stay") or ("until" if self.legal_stay_until.data else None)

    def told(self) -> dict[str, Any]:
        """Return what was typed."""
        kind = self.legal_stay.data or ""
        return {
            "legal_stay": kind,
            "legal_stay_until": _iso(self.legal_stay_until.data) if kind == "until" else "",
        }


class Contact(Form):
    """How the office reaches the applicant, and in which language."""

    email = EmailField(_l("E-mail address"), hint=_l("We send the confirmation there"))
    # The address about which a question was asked already: sent again, it is meant as it stands.
    email_asked = HiddenField()
    phone = PhoneField(_l("Telephone number"))
    activation = ChoiceField(
        _l("How do you want to get the code that activates the reservation?"), choices=_SENDS
    )
    language = ChoiceField(_l("Language of the messages and of your ticket"))
    places: Mapping[str, str] = {}
    only_way = "email"

    def suit(self, rules: BookingPolicy, *, can_text: bool) -> None:
        """Leave out what the service does not need, and say what the rest is for."""
        self.language.choices = [SelectChoice(*each) for each in languages.own_names().items()]
        self.only_way = rules.activation if rules.activation != "choice" else "email"
        needs_phone = rules.activation == "sms" or rules.one_per_phone or rules.phone_required
        if not can_text and not needs_phone:
            del self.phone
            del self.activation
            return
        if rules.activation != "choice" or not can_text:
            del self.activation
        if rules.phone_required:
            self.phone.description = _l(
                "To send you the code and reminders by SMS, and to call you about the visit"
            )
        elif needs_phone:
            self.phone.description = _l("For text messages about this visit")
        else:
            self.phone.label.text = _l("Telephone number (optional)")
            self.phone.description = _l("For text messages: the code and a reminder before the visit")

    meant_email: str | None = None

    def is_as_meant(self) -> bool:
        """Say whether the address is to be taken as typed; one that looks like a slip is asked about once."""
        if used := request.form.get("use_email"):
            self.email.data = used
        typed = (self.email.data or "").strip()
        self.meant_email = meant_email(typed) if typed != self.email_asked.data else None
        self.email_asked.data = typed
        return self.meant_email is None

    def phone_fits(self) -> bool:
        """Say whether the telephone number exists, and gets text messages where it has to; note what is wrong."""
        if "phone" not in self or not self.phone.data:
            return True
        needs_mobile = self.told().get("activation") == "sms"
        if (problem := phone_problem(self.phone.data, mobile=needs_mobile)) is None:
            return True
        self.phone.errors = [problem]
        return False

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before."""
        for name in ("email", "phone", "activation", "language"):
            if name in self:
                self[name].data = said.get(name)
        if "language" in self:
            self.language.data = self.language.data or languages.current()

    def told(self) -> dict[str, Any]:
        """Return what was typed; a telephone number as +48601234567, where it is one."""
        told = {name: self[name].data or "" for name in ("email", "phone", "language") if name in self}
        if told.get("phone"):
            told["phone"] = international(told["phone"])
        # Where there is nothing to choose, the only way that there is.
        return told | {"activation": (self.activation.data or "") if "activation" in self else self.only_way}


class ContactForm(Contact):
    """The same, for people who solved the puzzle of this draft before."""


class PuzzledContactForm(Contact, PuzzleForm):
    """The same with the puzzle, on the last page before the check."""


class ChildForm(Form):
    """A minor child who comes along."""

    name = TextField(_l("Full name of the child"), 200, hint=_l("As written in the child's document"))
    birth_year = TextField(_l("Year of birth"), 4, hint=_l("For example, 2018"))

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was typed."""
        return not self.name.data and not self.birth_year.data

    def told(self) -> dict[str, Any]:
        """Return the child as the details have it; a year that is no number is left as it was typed."""
        typed = self.birth_year.data or ""
        year = int(typed) if typed.isascii() and typed.isdigit() else typed or None
        return {"name": self.name.data or "", "birth_year": year}


def international(typed: str) -> str:
    """Write a telephone number with its country's; what is none comes back as it was typed."""
    try:
        number = phonenumbers.parse(typed, _REGION)
    except phonenumbers.NumberParseException:
        return typed
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_problem(typed: str, *, mobile: bool) -> object:
    """Say in words what is wrong with a telephone number, None: nothing; `mobile`: it must get texts."""
    try:
        number = phonenumbers.parse(typed, _REGION)
    except phonenumbers.NumberParseException:
        return sentence("phone", "malformed")
    if not phonenumbers.is_valid_number(number):
        return sentence("phone", "malformed")
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    if mobile and phonenumbers.number_type(number) not in kinds:
        return _l("Enter a mobile number: a landline does not get text messages")
    return None


def can_text() -> bool:
    """Say whether this server sends text messages."""
    outside = authentication.runtime().outside
    return outside is not None and outside.texter is not None


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
