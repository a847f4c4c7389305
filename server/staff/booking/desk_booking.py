"""Booking at the desk or by phone: one page for the hour and for everybody who comes; the code is shown once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.booking.legal_stay import warning_of
from server.domain.office.hours import day_of
from server.services.booking import visits
from server.services.booking.desk import booking
from server.services.booking.desk.booking import NotBooked, Refused
from server.services.booking.desk.own_branch import looked_at, row_at
from server.services.office.settings import ServiceView
from server.services.ports import NotWritten, Visit
from server.staff import branches, languages, staff_session
from server.staff.booking import hours, wording
from server.staff.booking.booking_form import BookForm, form_for
from server.staff.booking.desk_blueprint import AT, ONE, pages, service_named, services_of
from server.staff.permissions import needs
from server.web import times
from server.web.details_wording import sentence
from server.web.pages import go, page, tell, write
from server.web.request_context import request_context

_PRINTABLE_FOR = timedelta(minutes=15)
_BOOKED = "booked"


@pages.route(AT + "/new", methods=["GET", "POST"])
@needs(Permission.CHANGE_RESERVATIONS)
def new() -> ResponseReturnValue:
    """Ask for the service, the hour and everybody who comes, and book."""
    branch = branches.here()
    service = service_named(branch, request.values.get("service"))
    if service is None:
        return page("booking/new_service.html", _("Book a visit"), services=services_of(branch))
    offer = hours.offer_of(service, request.values.get("day"))
    form = form_for(service.policy.booking, request.form)
    form.offer(offer, branch.policy.zone, languages.current())
    if not request.form.get("more") and form.validate_on_submit() and (done := _book(service, form)):
        return done
    return page(
        "booking/new.html",
        _("Book a visit: %(service)s", service=service.name(languages.current())),
        form=form,
        service=service,
        offer=offer,
        most=booking.MOST,
    )


@pages.get(AT + "/booked")
@needs(Permission.CHANGE_RESERVATIONS)
def booked() -> ResponseReturnValue:
    """Show the codes of what was just booked, once."""
    known = staff_session.remembered(_BOOKED)
    if not isinstance(known, dict) or known.get("shown") or known.get("branch") != branches.here().code:
        tell(_("The codes were shown before. They are in the confirmation that the visitor got."))
        return go("desk.show")
    shown = [_visit(number) for number in known["numbers"]]
    staff_session.remember(_BOOKED, known | {"shown": True})
    title = _("Booked") if len(shown) == 1 else _("Booked: %(count)d people", count=len(shown))
    return page("booking/booked.html", title, visits=shown)


@pages.get(ONE + "/confirmation.pdf")
@needs(Permission.CHANGE_RESERVATIONS)
def confirmation(number: int) -> ResponseReturnValue:
    """Give the confirmation to print, of what this colleague booked within a quarter of an hour."""
    known, outside = staff_session.remembered(_BOOKED), authentication.runtime().outside
    if outside is None or not isinstance(known, dict) or number not in known.get("numbers", ()):
        abort(404)
    if request_context().now - datetime.fromtimestamp(known["at"], UTC) > _PRINTABLE_FOR:
        abort(404)
    visit = _visit(number)
    if visit.code is None:
        abort(404)
    try:
        body = outside.papers.confirmation_pdf(visit, known["language"])
    except NotWritten:
        abort(503)
    response = Response(body, content_type="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="confirmation.pdf"'
    return response


def _book(service: ServiceView, form: BookForm) -> ResponseReturnValue | None:
    """Book what the form asks for; None when something is in the way, which the form says then."""
    starts_at = times.read_hour(form.hour.data or "")
    people = [form.told(place) for place in range(form.count)]
    if starts_at is None or (not form.anyway.data and _is_warned(form, people, starts_at)):
        return None
    me = staff_session.me().id
    try:
        numbers = write(
            lambda session, context: booking.book(session, context, service, starts_at, people, me)
        )
    except NotBooked as refused:
        _say(form, refused.refused)
        return None
    at = int(request_context().now.timestamp())
    kept = {
        "numbers": list(numbers),
        "at": at,
        "language": form.language.data,
        "branch": branches.here().code,
    }
    staff_session.remember(_BOOKED, kept)
    return go("desk.booked")


def _is_warned(form: BookForm, people: list[dict[str, Any]], starts_at: datetime) -> bool:
    """Say at the form whose legal stay ends before the visit (rule 13), and offer to book all the same."""
    zone = branches.here().policy.zone
    today, visit_day = day_of(request_context().now, zone), day_of(starts_at, zone)
    for place, said in enumerate(people):
        until = said.get("legal_stay_until")
        if until and warning_of(date.fromisoformat(until), today, visit_day) is not None:
            text = _("The legal stay of person %(number)d ends before this visit", number=place + 1)
            form.anyway.errors = [text]
            form.asks_anyway = True
            return True
    return False


def _say(form: BookForm, refused: Refused) -> None:
    """Say at its field why nobody was booked."""
    if refused.problems is None:
        at_person = refused.reason == "already_booked"
        field = form.field("name", refused.place) if at_person else form.hour
        field.errors = [wording.refused(refused.reason)]
        if refused.reason in ("email_used", "phone_used"):
            form.hour.errors, form[refused.reason[:5]].errors = (), field.errors
        return
    for name, problem in refused.problems.items():
        field = form.field(name.partition(".")[0], refused.place)
        field.errors = [*field.errors, sentence(name, problem)]


def _visit(number: int) -> Visit:
    """Read what was booked for whoever booked it. Raises RuleBroken 404 for another branch's."""
    branch_id, me, spoken = branches.here().id, staff_session.me().id, languages.current()

    def look(session: Any, context: Any) -> Visit:
        row = row_at(session, branch_id, number)
        looked_at(session, context, branch_id, me, [row.id], "booked")
        return visits.visit_of(session, context, row.id, spoken)

    return write(look)
