"""A reservation: how far it is, the confirmation with code and QR, and the files of it (rule 7)."""

from __future__ import annotations

from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Response, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.api import authentication
from server.domain.office.hours import day_of
from server.portal import languages
from server.portal.booking.reservations.own_reservation import NUMBER, Way, log_in_first, pages, way
from server.portal.booking.reservations.states import tag_of, title_of, why_of
from server.portal.guard import limits
from server.services.booking import visits
from server.services.booking.moving import may_move
from server.services.booking.progress import Progress, progress
from server.services.ports import Visit
from server.web.forms import Form
from server.web.pages import page, read
from server.web.qr import svg
from server.web.request_context import request_context
from server.web.stay_wording import stay_warning
from wire.vocabulary import ReservationStatus

_FILES = {"pdf": "application/pdf", "ics": "text/calendar; charset=utf-8"}
_STANDS = (ReservationStatus.PENDING, ReservationStatus.BOOKED)


@pages.get(f"/reservations/{NUMBER}")
@pages.get("/v/<link>")
def show(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Show a reservation; one that is only held wants its code first."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    far, visit = _read(found)
    can_move = read(lambda session, context: may_move(session, context, found.owner, found.reservation_id))
    if far.status is ReservationStatus.HELD:
        return found.go("activate")
    return page(
        "booking/reservations/show.html",
        title_of(far.status),
        way=found,
        far=far,
        visit=visit,
        zone=ZoneInfo(visit.zone),
        told=far.service.policy.information,
        service=far.service,
        branch=far.branch,
        tag=tag_of(far.status),
        why=why_of(far.status, _reason(far)),
        qr=svg(visit.qr, _("QR code of the reservation, for the scanner of the kiosk")) if visit.qr else None,
        form=Form(),
        stands=far.status in _STANDS,
        can_move=can_move,
        stay_warning=_stay_warning(visit),
        # A guest has the link alone, and must be told to keep it.
        is_guest=found.owner.account_id is None,
    )


@pages.get(f"/reservations/{NUMBER}/confirmation.<any(pdf, ics):kind>")
@pages.get("/v/<link>/confirmation.<any(pdf, ics):kind>")
def confirmation(kind: str, number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Give the confirmation as a PDF or as a calendar file; only of a visit that stands."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    far, visit = _read(found)
    outside = authentication.runtime().outside
    if far.status is not ReservationStatus.BOOKED or outside is None:
        abort(404)
    spoken = languages.current()
    if kind == "pdf":
        # To write one takes as much of the processor as hundreds of pages.
        limits.stop_too_often("confirmation", session="20 per hour", block="3000 per hour")
        body = outside.papers.confirmation_pdf(visit, spoken)
    else:
        body = outside.papers.confirmation_ics(visit, spoken)
    response = Response(body, content_type=_FILES[kind])
    # It says nothing of the person or the matter. A header takes Latin letters only (RFC 6266).
    name = quote(_("confirmation"))
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"confirmation.{kind}\"; filename*=UTF-8''{name}.{kind}"
    )
    return response


@pages.get(f"/reservations/{NUMBER}/code")
@pages.get("/v/<link>/code")
def code(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Show the confirmation's QR alone, white and full screen, so that the kiosk's scanner reads it."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    far, visit = _read(found)
    if far.status is not ReservationStatus.BOOKED or not visit.qr:
        return found.go("show")
    qr = svg(visit.qr, _("QR code of the reservation, for the scanner of the kiosk"))
    return page("booking/reservations/code.html", title_of(far.status), way=found, visit=visit, qr=qr)


def _reason(far: Progress) -> str | None:
    """Return why a reservation is over; a hold may have ended by its time or by wrong codes."""
    return "wrong_codes" if far.reason == "not_activated" and not far.tries_left else far.reason


def _stay_warning(visit: Visit) -> str | None:
    zone = ZoneInfo(visit.zone)
    today = day_of(request_context().now, zone)
    return stay_warning(visit.legal_stay_until, today, day_of(visit.appointment_at, zone))


def _read(found: Way) -> tuple[Progress, Visit]:
    spoken = languages.current()
    return read(
        lambda session, context: (
            progress(session, context, found.owner, found.reservation_id),
            visits.show(session, context, found.owner, found.reservation_id, spoken),
        )
    )
