"""The reservations of an account in plain words: visits and draws to come first, what is over below."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user, login_required

from server.domain.office.hours import day_of
from server.domain.release.draw import shown_line
from server.portal import languages
from server.portal.booking.reservations.own_reservation import pages
from server.portal.booking.reservations.states import Tag, tag_of
from server.services.booking import visits
from server.services.office.settings import BranchView, ServiceView
from server.services.release import applications
from server.services.release.applications import OwnApplication
from server.web.pages import page, read
from server.web.request_context import request_context
from wire.vocabulary import ReservationStatus

_STANDS = (ReservationStatus.HELD, ReservationStatus.PENDING, ReservationStatus.BOOKED)


@dataclass(frozen=True, slots=True)
class Entered:
    """An application of the account in the list; it is past when the days of its draw are over."""

    entry: OwnApplication
    branch: BranchView
    service: ServiceView
    tag: Tag
    is_past: bool


@pages.get("/reservations")
@login_required
def mine() -> Response:
    """List the reservations of the logged-in account."""
    found = read(lambda session, context: visits.mine(session, context, current_user.account.id))
    coming = sorted((each for each in found if each.status in _STANDS), key=lambda each: each.appointment_at)
    over = [each for each in found if each.status not in _STANDS]
    entries = read(lambda session, context: applications.mine(session, context, current_user.account.id))
    entered = [_entered(each) for each in entries]
    return page(
        "booking/reservations/mine.html",
        _("My reservations"),
        coming=coming,
        over=over,
        entered=[each for each in entered if not each.is_past],
        entered_before=[each for each in entered if each.is_past],
        tag_of=tag_of,
        spoken=languages.current(),
        shown_line=shown_line,
    )


def _entered(entry: OwnApplication) -> Entered:
    service = request_context().office.services[entry.service_id]
    branch = request_context().branch(service.branch_id)
    if entry.visit_at is not None:
        tag = Tag(_("You won a place"), "govuk-tag--green")
    elif entry.place is not None:
        tag = Tag(_("No place"), "govuk-tag--grey")
    else:
        tag = Tag(_("Waits for the draw"), "govuk-tag--blue")
    is_past = entry.last_day < day_of(request_context().now, branch.policy.zone)
    return Entered(entry, branch, service, tag, is_past)
