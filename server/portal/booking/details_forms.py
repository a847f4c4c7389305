"""The forms of the details: one thing a page, each field with what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import phonenumbers
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from server.domain.booking import BookingPolicy
from server.portal import languages
from server.portal.challenge import Puzzled, Unhurried
from server.portal.forms import ChoiceField, DayField, EmailField, Form, PhoneField, TextField, needed

# Numbers typed without the country's are read as this one's.
_REGION = "PL"
_SENDS = (SelectChoice("email", _l("By e-mail")), SelectChoice("sms", _l("By text message (SMS)")))


class PersonForm(Unhurried):
    """Who comes: as it stands in the document, because the clerk compares it."""

    given_names = TextField(_l("Given names"), 100, autocomplete="given-name")
    surname = TextField(
        _l("Surname"),
        99,
        [needed(_l("Enter the surname"))],
        hint=_l("If the document shows one name only, enter it here"),
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

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before; a name that was kept in one piece stands in the second field."""
        for name in ("given_names", "surname", "document"):
            self[name].data = said.get(name)
        self.surname.data = self.surname.data or said.get("name")
        self.birth_date.data = _day(said.get("birth_date"))

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


class StayForm(Unhurried):
    """Until when the stay is legal (rule 13)."""

    legal_stay_until = DayField(
        _l("Last day of your legal stay in Poland"),
        [needed(_l("Enter the last day of your legal stay"))],
        hint=_l("It stands in your visa, residence card or stamp. For example, 27 3 2027"),
    )
    places: Mapping[str, str] = {}

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before."""
        self.legal_stay_until.data = _day(said.get("legal_stay_until"))

    def told(self) -> dict[str, Any]:
        """Return what was typed."""
        return {"legal_stay_until": _iso(self.legal_stay_until.data)}


class Contact(Form):
    """How the office reaches the applicant, and in which language."""

    email = EmailField(_l("E-mail address"), hint=_l("The confirmation is sent there"))
    phone = PhoneField(_l("Telephone number"))
    activation = ChoiceField(
        _l("How do you want to get the code that activates the reservation?"), choices=_SENDS
    )
    language = ChoiceField(_l("Language of the messages and of your ticket"))
    places: Mapping[str, str] = {}

    def suit(self, rules: BookingPolicy, *, can_text: bool) -> None:
        """Leave out what the service does not need, and say what the rest is for."""
        self.language.choices = [SelectChoice(*each) for each in languages.own_names().items()]
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

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before."""
        for name in ("email", "phone", "activation", "language"):
            if name in self:
                self[name].data = said.get(name)
        self.language.data = self.language.data or languages.current()

    def told(self) -> dict[str, Any]:
        """Return what was typed; a telephone number as +48601234567, where it is one."""
        told = {name: self[name].data or "" for name in ("email", "phone", "language") if name in self}
        if told.get("phone"):
            told["phone"] = international(told["phone"])
        # Where there is nothing to choose, the only way that there is.
        return told | {"activation": (self.activation.data or "") if "activation" in self else "email"}


class ContactForm(Contact):
    """The same, for who solved the puzzle of this draft before."""


class PuzzledContactForm(Contact, Puzzled):
    """The same with the puzzle, on the last page before the check."""


class ChildForm(Form):
    """A minor child who comes along."""

    name = TextField(_l("Full name of the child"), 200, hint=_l("As it stands in the child's document"))
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
    if not phonenumbers.is_possible_number(number):
        return typed
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
