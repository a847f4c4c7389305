"""The reservations of an account in plain words: the visits to come first, what is over below."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext as _
from flask_login import current_user, login_required

from server.portal import languages
from server.portal.booking.reservations.own_reservation import pages
from server.portal.booking.reservations.states import tag_of
from server.portal.pages import page, read
from server.services.booking import visits
from wire.vocabulary import ReservationStatus

_STANDS = (ReservationStatus.HELD, ReservationStatus.PENDING, ReservationStatus.BOOKED)


@pages.get("/reservations")
@login_required
def mine() -> Response:
    """List the reservations of the logged-in account."""
    found = read(lambda session, context: visits.mine(session, context, current_user.account.id))
    coming = sorted((each for each in found if each.status in _STANDS), key=lambda each: each.appointment_at)
    over = [each for each in found if each.status not in _STANDS]
    return page(
        "booking/reservations/mine.html",
        _("My reservations"),
        coming=coming,
        over=over,
        tag_of=tag_of,
        spoken=languages.current(),
    )
