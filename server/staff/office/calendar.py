"""A month of the branch: its opening hours, public holidays and closed days, and a form that closes days."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta

from babel import dates
from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.booking.policy import Closure
from server.domain.office.differences import digest, part
from server.domain.office.hours import day_of
from server.domain.office.policies import BranchPolicy
from server.domain.office.reading import WEEKDAYS, Nested, SettingError
from server.services.booking.slots.planning import public_holidays_of
from server.services.office import editing, things
from server.services.office.editing import ChangedMeanwhile
from server.staff import branches, languages
from server.staff.office.codec import Setting, draw, mistakes, taken
from server.staff.office.described import Words
from server.staff.office.editor import saved
from server.staff.office.kinds import of_a_rule, plain, word
from server.staff.permissions import needs
from server.web import times
from server.web.pages import page, read, tell
from server.web.request_context import request_context

pages = Blueprint("calendar", __name__)
_NEW = Setting("closure", Nested(Closure), Words(_l("Close days")))


@dataclass(frozen=True, slots=True)
class Day:
    """A day as the calendar shows it: `why` is why nothing can be booked."""

    day: date
    hours: tuple[str, ...]
    is_off: bool
    why: str


@pages.route("/at/<branch>/settings/calendar", methods=["GET", "POST"])
@needs(Permission.SET_UP)
def show() -> ResponseReturnValue:
    """Show a month of the branch, or close some days."""
    if request.method == "GET":
        return _page({}, {})
    typed = taken(_NEW.read, _NEW.name, request.form) or {}
    errors = dict(mistakes(_NEW.read, _NEW.name, typed))
    if errors:
        return _page(typed, errors)
    thing = things.branch(branches.here().code)
    old = part(read(lambda session, context: things.stated(session, thing)), ["closures"])
    said = {"closures": [*old.get("closures", ()), typed]}
    try:
        saved(
            lambda session, who: editing.edit(session, who, thing, said, names=["closures"], seen=digest(old))
        )
    except SettingError as error:
        return _page(typed, {_NEW.name: of_a_rule(error.problem)})
    except ChangedMeanwhile:
        return _page(typed, {_NEW.name: _("Somebody else changed the closed days just now. Send it again.")})
    tell(_("The days are closed. Visits that are booked on them stay: see to them by yourself."))
    return _back_to(str(typed["first"])[:7])


def _back_to(month: str) -> ResponseReturnValue:
    return "", 303, {"Location": url_for("calendar.show", month=month)}


def _page(typed: dict[str, object], errors: dict[str, str]) -> ResponseReturnValue:
    policy = branches.here().policy
    first = _month(request.args.get("month", ""), day_of(request_context().now, policy.zone))
    before, after = first - timedelta(days=1), first + timedelta(days=31)
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    shown = [[_day(policy, each) if each.month == first.month else None for each in week] for week in weeks]
    return page(
        "office/calendar.html",
        _("Calendar"),
        status=422 if errors else 200,
        tab=_("Error: %(title)s", title=_("Calendar")) if errors else None,
        first=first,
        weeks=shown,
        today=day_of(request_context().now, policy.zone),
        before=_written(before),
        before_name=_named(before),
        after=_written(after),
        after_name=_named(after),
        closing=draw(_NEW, typed, errors),
        errors=errors,
        weekdays=[word(each) for each in WEEKDAYS],
        month=_named(first),
    )


def _day(policy: BranchPolicy, day: date) -> Day:
    """Say what a day is at the branch."""
    hours = policy.hours
    windows = None if hours is None else hours.windows_of(day)
    off = [each for each in policy.closures if each.first <= day <= each.last]
    why = ""
    if off:
        why = off[0].why.get(languages.current()) or next(iter(off[0].why.values()), "") or _("closed")
    elif day in public_holidays_of(policy.public_holidays, day.year):
        why = _("public holiday")
    around = (_("around the clock"),)
    return Day(day, around if windows is None else tuple(map(plain, windows)), bool(why), why)


def _month(said: str, today: date) -> date:
    found = times.read_day(f"{said}-01") or today
    return found.replace(day=1)


def _named(day: date) -> str:
    return dates.format_skeleton("yMMMM", day, locale=get_locale())


def _written(day: date) -> str:
    return f"{day:%Y-%m}"
