"""The calendar of a service and the hours of a day; choosing one begins a draft (rule 2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from server.domain.office.hours import day_of
from server.portal import languages, visitor_session
from server.portal.booking.blueprint import pages
from server.portal.booking.gates import days_shown, draw_page, not_here, release_gate, waiting_room
from server.portal.booking.months import Told, months, scarcity, sentences, told_of, weekdays
from server.portal.booking.reservations.own_reservation import owner
from server.portal.booking.wishes import wish_state
from server.portal.pages import find_service, kept
from server.services.booking import drafts
from server.services.booking.one_per_person import visits_of
from server.services.booking.slots import availability
from server.services.booking.slots.availability import DayPlaces, Hour
from server.services.office.settings import BranchView, ServiceView
from server.services.release.gate import DrawOnly, Gate, NotYet, Open, Waits, next_release
from server.web import times
from server.web.forms import ChoiceField, Form, needed
from server.web.pages import look, page, read, read_recent, write
from server.web.request_context import request_context
from server.web.times import read_hour, write_hour

_NEXT_DAYS = 3
_PARTS_BEGIN = (12, 15)


class HourForm(Form):
    """The free hours of a day."""

    hour = ChoiceField(_l("Choose the hour of your visit"), [needed(_l("Choose an hour"))])


@pages.get("/book/<branch>/<letter>")
def calendar(branch: str, letter: str) -> ResponseReturnValue:
    """Show the days with places, or why there is nothing to choose yet."""
    found, service = find_service(branch, letter)
    if refused := not_here(found, service):
        return refused
    gate = release_gate(service)
    if not isinstance(gate, Open):
        return _closed(found, service, gate)
    places, own_visits = days_shown(service), _own_visits(service)
    coming = read(lambda session, context: next_release(session, context, service))
    free_days = [each.day for each in places if each.free]
    told = _told(service, places)

    def make() -> Response:
        return page(
            "booking/calendar.html",
            service.name(languages.current()),
            **_about(found, service),
            months=months(told, day_of(request_context().now, found.policy.zone)),
            weekdays=weekdays(),
            next_days=free_days[:_NEXT_DAYS],
            until=gate.until,
            coming=coming,
            room=waiting_room(found, service),
            wish=None if free_days else wish_state(service),
            own_visits=own_visits,
            calendar=url_for("book.calendar", branch=branch, letter=letter),
        )

    is_personal = own_visits or not (free_days or visitor_session.account() is None)
    return make() if is_personal else kept(make, *told.items(), gate.until, coming)


@pages.route("/book/<branch>/<letter>/<day>", methods=["GET", "POST"])
def hours(branch: str, letter: str, day: str) -> ResponseReturnValue:
    """Show the free hours of a day; a chosen one begins a draft, after the log-in where the service wants one."""
    found, service = find_service(branch, letter)
    which = _day(day)
    if refused := not_here(found, service):
        return refused
    if not isinstance(release_gate(service), Open):
        return redirect(url_for("book.calendar", branch=branch, letter=letter), 303)
    if request.method == "POST" and (chosen := read_hour(request.form.get("hour", ""))):
        return _begin(service, chosen)
    free = read_recent(lambda session, context: availability.hours(session, context, service, which))
    told = _told_of_hours(service, free)
    if request.method == "GET" and free:
        return kept(lambda: _hours(found, service, which, told), *told.items())
    return _hours(found, service, which, told)


def _hours(
    branch: BranchView, service: ServiceView, which: date, free: Mapping[datetime, Told | None]
) -> Response:
    zone = branch.policy.zone
    form = HourForm()
    form.hour.choices = [SelectChoice(write_hour(at), times.hour(at, zone)) for at in free]
    said = sentences()
    if free:
        form.validate_on_submit()
    return page(
        "booking/hours.html",
        times.weekday_and_day(which),
        form=form,
        **_about(branch, service),
        parts_of_day=_parts_of_day(form, zone),
        # Who had to log in on the way finds the choice made.
        chosen=request.args.get("hour"),
        counts={write_hour(at): said[told] if told else "" for at, told in free.items()},
        **({} if free else _instead(service, which)),
    )


def _told(service: ServiceView, places: Sequence[DayPlaces]) -> Mapping[date, Told]:
    """Return what the calendar tells of each day: the page stays while only numbers change."""
    few = service.policy.booking.few_share
    return {each.day: told_of(each, few) for each in places}


def _told_of_hours(service: ServiceView, free: Sequence[Hour]) -> Mapping[datetime, Told | None]:
    """Return of each free hour whether few places are left."""
    few = service.policy.booking.few_share
    return {each.starts_at: scarcity(each.free, each.places, few) for each in free}


def _own_visits(service: ServiceView) -> list[tuple[int, datetime]]:
    """List the visits for this service that the account has already: one cannot have another."""
    account = visitor_session.account()
    if account is None:
        return []
    found = look(lambda place, context: visits_of(place, context, service, account.id))
    return [(row.id, row.appointment_at) for row in found]


def _begin(service: ServiceView, chosen: datetime) -> ResponseReturnValue:
    """Begin a draft; whether the hour is free is asked when it is booked, as for one that went meanwhile."""
    if service.policy.booking.account_required and visitor_session.account() is None:
        back = f"{request.path}?hour={write_hour(chosen)}"
        return redirect(url_for("log_in.show", next=back), 303)
    asks = owner()
    token = write(lambda session, context: drafts.begin(session, context, asks, service, chosen))
    return redirect(url_for("book.details", token=token), 303)


def _parts_of_day(form: HourForm, zone: ZoneInfo) -> list[tuple[str, list[SelectChoice]]]:
    """Group the hours under the parts of the day that have some."""
    names = (_("Morning (before 12:00)"), _("Early afternoon (12:00–15:00)"), _("Later (from 15:00)"))
    grouped: dict[str, list[SelectChoice]] = {}
    for choice in form.hour.choices:
        at = read_hour(choice.value)
        part = bisect_right(_PARTS_BEGIN, at.astimezone(zone).hour) if at else 0
        grouped.setdefault(names[part], []).append(choice)
    return list(grouped.items())


def _instead(service: ServiceView, which: date) -> dict[str, Any]:
    """Return why a day has no hours, and the next days that have some (rule 2)."""
    places = read_recent(lambda session, context: availability.days(session, context, service))
    there = next((each for each in places if each.day == which), None)
    after = [each.day for each in places if each.free and each.day > which]
    before = [each.day for each in places if each.free and each.day < which]
    near = after[:_NEXT_DAYS] or before[-_NEXT_DAYS:]
    is_full = there is not None and there.is_open and there.opens_at is None
    return {"is_full": is_full, "opens_at": there.opens_at if there else None, "next_days": near}


def _closed(branch: BranchView, service: ServiceView, gate: Gate) -> Response:
    """Say that places are released later, in turn, or by a draw (rule 10), and where that happens."""
    leads = None
    if isinstance(gate, NotYet | Waits):
        leads = waiting_room(branch, service)
    elif isinstance(gate, DrawOnly) and gate.draw:
        leads = draw_page(gate.draw)
    return page(
        "booking/released_later.html",
        service.name(languages.current()),
        **_about(branch, service),
        gate=gate,
        kind=type(gate).__name__,
        leads=leads,
    )


def _about(branch: BranchView, service: ServiceView) -> dict[str, Any]:
    """Return what the pages before the details tell of a service (rule 3)."""
    return {
        "branch": branch,
        "service": service,
        "name": service.name(languages.current()),
        "told": service.policy.information,
        "zone": branch.policy.zone,
        "now": request_context().now,
        "help_phone": branch.policy.phone,
    }


def _day(text: str) -> date:
    return times.read_day(text) or abort(404)
