"""The form of a booking at the desk: an hour, everybody who comes, and one contact or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from server.domain.booking.policy import BookingPolicy
from server.services.booking.desk.booking import MOST
from server.staff import languages
from server.staff.booking.desk_changes import with_country
from server.staff.booking.hours import Offer, hour_choices
from server.texts import LANGUAGES
from server.web.forms import (
    CheckField,
    DayField,
    EmailField,
    Form,
    PhoneField,
    SelectField,
    TextField,
    needed,
)
from server.web.stay_wording import KINDS

_CHILD = re.compile(r"(.*?)\s*,?\s+(\d{4})")


class BookForm(Form):
    """The fields for all; those of each person, named with their place, are added by `form_for`."""

    hour = SelectField(_l("Hour"), [needed(_l("Choose an hour"))])
    email = EmailField(_l("E-mail address (optional)"), hint=_l("The confirmation goes there"))
    phone = PhoneField(
        _l("Telephone number (optional)"), hint=_l("For example, 601 234 567 or +380 50 123 4567")
    )
    language = SelectField(_l("Language of the messages and of the ticket"))
    anyway = CheckField(_l("Book all the same"))
    count = 1
    asks_anyway = False

    def offer(self, offer: Offer, zone: ZoneInfo, language: str) -> None:
        """Offer the free hours and the languages."""
        self.hour.choices = hour_choices(offer, zone)
        self.language.choices = [SelectChoice(code, languages.named(code)) for code in LANGUAGES]
        self.language.data = self.language.data or language

    def field(self, name: str, place: int) -> Any:
        """Return the field that a value of a person was typed into, or the one of all."""
        own = f"{name}_{place}"
        return self[own] if own in self else self[name] if name in self else self[f"name_{place}"]

    def people(self) -> list[list[Any]]:
        """List the fields of each person."""
        return [[each for each in self if each.name.endswith(f"_{place}")] for place in range(self.count)]

    def told(self, place: int) -> dict[str, Any]:
        """Return what was typed about a person, as domain.booking.details reads it."""
        born, until = self[f"birth_date_{place}"].data, None
        said: dict[str, Any] = {
            "name": self[f"name_{place}"].data or "",
            "birth_date": born.isoformat() if born else "",
            "document": self[f"document_{place}"].data or "",
            "email": self.email.data or "",
            "phone": with_country(self.phone.data or ""),
            "language": self.language.data,
            "children": [],
        }
        if f"legal_stay_{place}" in self:
            kind, until = self[f"legal_stay_{place}"].data, self[f"legal_stay_until_{place}"].data
            said["legal_stay"] = kind
            said["legal_stay_until"] = until.isoformat() if until and kind == "until" else ""
        if f"children_{place}" in self:
            said["children"] = _children(self[f"children_{place}"].data or "")
        return said


def form_for(rules: BookingPolicy, sent: Mapping[str, str]) -> BookForm:
    """Make the form for as many people as were asked for, with what the service wants to know of each."""
    asked = sent.get("people", "1")
    count = min(MOST, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 3 else 1) or 1
    if sent.get("more"):
        count = min(MOST, count + 1)
    fields: dict[str, Any] = {"count": count}
    for place in range(count):
        fields |= _person(rules, place)
    return type("BookForm", (BookForm,), fields)()


def _person(rules: BookingPolicy, place: int) -> dict[str, Any]:
    named = {
        "name": TextField(
            _l("Name, as in the document"), 200, [needed(_l("Enter the name as written in the document"))]
        ),
        "birth_date": DayField(_l("Date of birth"), [needed(_l("Enter the date of birth"))]),
        "document": TextField(
            _l("Series and number of the document"), 60, [needed(_l("Enter the number of the document"))]
        ),
    }
    if rules.ask_legal_stay:
        choices = [SelectChoice("", _l("Choose")), *(SelectChoice(*each) for each in KINDS.items())]
        checks = [needed(_l("Choose what makes the stay legal"))]
        named["legal_stay"] = SelectField(_l("What makes the stay in Poland legal?"), checks, choices=choices)
        named["legal_stay_until"] = DayField(_l("Last day of the legal stay, if it has one"))
    if rules.most_children:
        hint = _l("Each with the year of birth, such as Jan Nowak 2018; Ola Nowak 2020")
        named["children"] = TextField(_l("Children who come along"), 1_000, hint=hint)
    return {f"{name}_{place}": field for name, field in named.items()}


def _children(typed: str) -> list[dict[str, Any]]:
    """Read children, each a name and a year of birth; what has no year is told as missing it."""
    found = []
    for each in filter(None, (part.strip() for part in typed.split(";"))):
        read = _CHILD.fullmatch(each)
        found.append({"name": read[1], "birth_year": int(read[2])} if read else {"name": each})
    return found
