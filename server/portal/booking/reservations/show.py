"""A reservation: how far it is, the confirmation with code and QR, and the files of it (rule 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Response, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from server.api import authentication
from server.domain.office.hours import day_of
from server.portal import languages
from server.portal.booking.reservations.own_reservation import NUMBER, Way, log_in_first, pages, way
from server.portal.booking.reservations.states import tag_of, title_of, why_of
from server.portal.guard import limits
from server.portal.pages import kept_around
from server.services.booking.confirmation import Confirmation
from server.services.booking.confirmation import confirmation as confirmation_of
from server.services.booking.progress import Progress
from server.services.ports import Visit
from server.web import times
from server.web.forms import Form
from server.web.pages import look, page
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
    seen = _read(found)
    far, visit = seen.far, seen.visit
    if far.status is ReservationStatus.HELD:
        return found.go("activate")
    own = _own(found, visit)
    if far.status is not ReservationStatus.BOOKED:
        return _page(found, seen, own)
    # The kind of the address too, a number or a link: whoever is logged in may follow either.
    return kept_around(own, partial(_page, found, seen), far.service.id, seen.can_move, *found.words)


def _own(found: Way, visit: Visit) -> dict[str, str]:
    """Return what is this visitor's own on the page: texts, empty where there is nothing to say."""
    zone, (secret,) = ZoneInfo(visit.zone), found.words.values()
    at, until = visit.appointment_at, visit.check_in_until
    is_same_day = day_of(at, zone) == day_of(until, zone)
    children = Markup("<br>").join(f"{name}, {year}" for name, year in visit.children)
    named = _("QR code of the reservation, for the scanner of the kiosk")
    return {
        "secret": str(secret),
        "code": visit.code or "",
        "qr": svg(visit.qr, named) if visit.qr else "",
        "when": times.day_and_hour(at, zone),
        "by_hour": times.hour(until, zone) if is_same_day else "",
        "by_day": "" if is_same_day else times.deadline(until, zone),
        "applicant": visit.applicant or "",
        "children": children,
        "stay_warning": _stay_warning(visit) or "",
    }


def _page(found: Way, seen: Confirmation, own: Mapping[str, str]) -> Response:
    """Make the page of a reservation around what is its visitor's own, or around words that stand for it."""
    far = seen.far
    return page(
        "booking/reservations/show.html",
        title_of(far.status),
        way=replace(found, words=dict.fromkeys(found.words, own["secret"])),
        own=own,
        far=far,
        visit=seen.visit,
        zone=ZoneInfo(seen.visit.zone),
        told=far.service.policy.information,
        service=far.service,
        branch=far.branch,
        tag=tag_of(far.status),
        why=why_of(far.status, _reason(far)),
        form=Form(),
        stands=far.status in _STANDS,
        can_move=seen.can_move,
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
    seen = _read(found)
    far, visit = seen.far, seen.visit
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
    seen = _read(found)
    far, visit = seen.far, seen.visit
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


def _read(found: Way) -> Confirmation:
    spoken = languages.current()
    return look(
        lambda place, context: confirmation_of(place, context, found.owner, found.reservation_id, spoken)
    )
