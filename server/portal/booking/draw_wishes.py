"""The days and hours of a draw that suit somebody, as a form asks for them and as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.release.draw import ANY, days_of
from server.services.release.publication import DrawView
from server.web import times
from server.web.forms import Form, SelectField

MOST = 5
"""So many wishes the form takes; programs may say more (domain.draw.MOST_PREFERENCES)."""

_BEFORE_NOON, _FROM_NOON = "00:00-12:00", "12:00-24:00"


class WishesForm(Form):
    """What suits, dearest first; `wishes_form` makes it with as many rows as there may be wishes."""

    places: Mapping[str, str] = {"wishes": "wish_1_day"}
    rows = range(1, MOST + 1)

    def fill(self, said: Mapping[str, Any]) -> None:
        """Show what was told before; at first, that any day suits."""
        for row, wish in zip(self.rows, said.get("wishes") or (ANY,), strict=False):
            self[f"wish_{row}_day"].data, _sep, self[f"wish_{row}_hours"].data = wish.partition(" ")

    def told(self) -> dict[str, Any]:
        """Return the wishes as the draw's list has them."""
        typed = [(self[f"wish_{row}_day"].data, self[f"wish_{row}_hours"].data) for row in self.rows]
        return {"wishes": list(dict.fromkeys(f"{day} {part or ''}".strip() for day, part in typed if day))}


def wishes_form(draw: DrawView) -> WishesForm:
    """Make the form of a draw, with its days."""
    fields = {f"wish_{row}_day": SelectField(_l("Day")) for row in WishesForm.rows}
    fields |= {f"wish_{row}_hours": SelectField(_l("Hours")) for row in WishesForm.rows}
    form: WishesForm = type("WishesOfADraw", (WishesForm,), fields)()
    each_day = [
        (day.isoformat(), times.weekday_and_day(day)) for day in days_of(draw.first_day, draw.last_day)
    ]
    days = [(ANY, _("any day")), *each_day]
    for row in form.rows:
        form[f"wish_{row}_day"].choices = days if row == 1 else [("", _("no other wish")), *days]
        form[f"wish_{row}_hours"].choices = _parts()
    return form


def _parts() -> list[tuple[str, str]]:
    return [("", _("the whole day")), (_BEFORE_NOON, _("morning")), (_FROM_NOON, _("afternoon"))]


def words(wish: str) -> str:
    """Say a wish in words."""
    day, _sep, part = wish.partition(" ")
    which = _("any day") if day == ANY else times.weekday_and_day(date.fromisoformat(day))
    if not part:
        return which
    known = dict(_parts())
    return f"{which}, {known.get(part, part)}"


def hour_words(at: str | None) -> str:
    """Say an hour of the draw's list (`2026-12-07T08:30+01:00`) in words; nothing where there is none."""
    if at is None:
        return ""
    when = datetime.fromisoformat(at)
    return f"{times.weekday_and_day(when.date())}, {when:%H:%M}"
