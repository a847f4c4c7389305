"""The form of an application: what suits, who comes, and how to reach them; with the questions of a booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.booking.policy import BookingPolicy
from server.domain.release import draw as draw_rules
from server.portal.booking.details_forms import Contact, PersonForm, StayForm
from server.portal.forms import CheckField, SelectField, TextField
from server.portal.guard.challenge import PuzzleField
from server.portal.release import wishes
from server.services.release.publication import DrawView

MOST_CHILDREN = 5


class ApplyForm(PersonForm, StayForm, Contact):
    """All of an application at once; `apply_form` makes it with as many wishes and children as there may be."""

    puzzle = PuzzleField()
    # Ticked after the warning that a wish lies behind the end of the legal stay, to apply all the same.
    stay_known = CheckField(_l("I know, and take part all the same"))

    places: Mapping[str, str] = {"name": "surname"}
    rows: int
    children: int

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what is known before anything was typed: the address of the account, the page's language."""
        Contact.fill(self, said)
        self["wish_1_day"].data = wishes.ANY

    def wishes(self) -> list[str]:
        """Return what suits, dearest first."""
        typed = [(self[f"wish_{row}_day"].data, self[f"wish_{row}_hours"].data) for row in self.wish_rows]
        return list(dict.fromkeys(wishes.code(day, hours or "") for day, hours in typed if day))

    def last_wished_day(self, last: date) -> date:
        """Return the last day on which a wish can be fulfilled; `last` is the draw's, for a wish for any day."""
        return max((draw_rules.last_day_of(wish, last) for wish in self.wishes()), default=last)

    @property
    def wish_rows(self) -> range:
        """Return the numbers of the wishes."""
        return range(1, self.rows + 1)

    @property
    def child_rows(self) -> range:
        """Return the numbers of the children."""
        return range(1, self.children + 1)

    def told(self) -> dict[str, Any]:
        """Return what was typed, as the details of a booking have it."""
        said = PersonForm.told(self) | Contact.told(self)
        if "legal_stay_until" in self:
            said |= StayForm.told(self)
        return said | {"children": [child for row in self.child_rows if (child := self._child(row))]}

    def place_of(self, field: str) -> str | None:
        """Return the field at which a sentence about the details is shown."""
        name, _sep, rest = field.partition(".")
        if name == "children" and rest:
            place, _sep, what = rest.partition(".")
            rows = [row for row in self.child_rows if self._child(row)]
            name = f"child_{rows[int(place)]}_{what}"
        name = self.places.get(name, name)
        return name if name in self else None

    def _child(self, row: int) -> dict[str, Any] | None:
        name, year = self[f"child_{row}_name"].data or "", self[f"child_{row}_birth_year"].data or ""
        if not name and not year:
            return None
        is_number = year.isascii() and year.isdigit()
        return {"name": name, "birth_year": int(year) if is_number else year or None}


def apply_form(draw: DrawView, rules: BookingPolicy, *, can_text: bool) -> ApplyForm:
    """Make the form of a draw, with what its service asks."""
    children = min(rules.most_children, MOST_CHILDREN)
    fields: dict[str, Any] = {"rows": wishes.MOST, "children": children}
    for row in range(1, wishes.MOST + 1):
        fields[f"wish_{row}_day"] = SelectField(_l("Day"), validate_choice=True)
        fields[f"wish_{row}_hours"] = SelectField(_l("Hours"), validate_choice=True)
    for row in range(1, children + 1):
        fields[f"child_{row}_name"] = TextField(_l("Full name of the child"), 200)
        fields[f"child_{row}_birth_year"] = TextField(_l("Year of birth"), 4)
    form: ApplyForm = type("FormOfADraw", (ApplyForm,), fields)()
    days = wishes.days(draw.first_day, draw.last_day)
    for row in form.wish_rows:
        form[f"wish_{row}_day"].choices = days if row == 1 else [("", _("no other wish")), *days]
        form[f"wish_{row}_hours"].choices = wishes.hours()
    if not rules.ask_legal_stay:
        del form.legal_stay
        del form.legal_stay_until
    # There is no code to type: the address of the account is confirmed.
    form.suit(rules, can_text=can_text)
    if "activation" in form:
        del form.activation
    return form
