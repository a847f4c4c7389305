"""A visit is moved to another free hour: the day, the hour, and what became of the wish."""

from __future__ import annotations

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal.booking.reservations.own_reservation import NUMBER, Way, log_in_first, pages, way
from server.services.booking import moving
from server.services.booking.moving import Moved, NotMoved
from server.services.booking.progress import Progress, progress
from server.services.booking.slots import availability
from server.web import times
from server.web.forms import Form
from server.web.pages import page, read, tell, write
from server.web.times import read_hour, write_hour

_NEAREST = 6
_OTHER_DAYS = 21


@pages.route(f"/reservations/{NUMBER}/move", methods=["GET", "POST"])
@pages.route("/v/<link>/move", methods=["GET", "POST"])
def move(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Let another hour of the same service be chosen, and move the visit there."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    asks, reservation_id = found.owner, found.reservation_id
    form, is_gone = Form(), False
    if form.validate_on_submit() and (chosen := read_hour(request.form.get("hour", ""))):
        answer = write(lambda session, context: moving.move(session, context, asks, reservation_id, chosen))
        if isinstance(answer, Moved):
            tell(_("The visit is moved. A new confirmation is on its way; the code stays the same."))
            return found.go("show")
        if isinstance(answer, NotMoved):
            tell(_("The visit cannot be moved any more."))
            return found.go("show")
        is_gone = True
    if not read(lambda session, context: moving.may_move(session, context, asks, reservation_id)):
        return found.go("show")
    return _choice(found, form, is_gone=is_gone)


def _choice(found: Way, form: Form, *, is_gone: bool) -> ResponseReturnValue:
    asked = times.read_day(request.args.get("day", ""))
    far, hours, days = read(lambda session, context: _look(session, context, found, asked))
    return page(
        "booking/reservations/move.html",
        _("Move the visit to another hour"),
        form=form,
        way=found,
        far=far,
        zone=far.branch.policy.zone,
        hours=hours,
        days=days[:_OTHER_DAYS],
        asked=asked,
        is_gone=is_gone,
        write_hour=write_hour,
    )


def _look(session: Any, context: Any, found: Way, asked: Any) -> tuple[Progress, list[Any], list[Any]]:
    far = progress(session, context, found.owner, found.reservation_id)
    days = [each.day for each in availability.days(session, context, far.service) if each.free]
    if asked is not None:
        hours = availability.hours(session, context, far.service, asked)
    else:
        hours = availability.nearest(session, context, far.service, far.appointment_at, _NEAREST)
    return far, [each for each in hours if each.starts_at != far.appointment_at], days
