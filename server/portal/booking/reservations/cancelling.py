"""Cancelling a reservation, after a page that says what it means; and typing nothing twice when one lapsed."""

from __future__ import annotations

from dataclasses import replace

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal.booking.reservations.own_reservation import NUMBER, log_in_first, owner, pages, way
from server.services.booking import drafts, visits
from server.services.booking.progress import progress
from server.web.forms import Form
from server.web.pages import go, page, read, tell, write
from wire.vocabulary import ReservationStatus

_CAN = (ReservationStatus.HELD, ReservationStatus.PENDING, ReservationStatus.BOOKED)


@pages.route(f"/reservations/{NUMBER}/cancel", methods=["GET", "POST"])
@pages.route("/v/<link>/cancel", methods=["GET", "POST"])
def cancel(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Ask whether the visit is really to be cancelled, and cancel it."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    asks, reservation_id = found.owner, found.reservation_id
    form = Form()
    if form.validate_on_submit():
        answer = write(lambda session, context: visits.cancel(session, context, asks, reservation_id))
        if isinstance(answer, visits.Cancelled):
            tell(_("The reservation is cancelled."))
        return found.go("show")
    far = read(lambda session, context: progress(session, context, asks, reservation_id))
    if far.status not in _CAN:
        return found.go("show")
    return page(
        "booking/reservations/cancel.html",
        _("Do you want to cancel this visit?"),
        form=form,
        way=found,
        far=far,
        zone=far.branch.policy.zone,
    )


@pages.post(f"/reservations/{NUMBER}/again")
@pages.post("/v/<link>/again")
def again(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Begin a draft with what was typed for a reservation that is over, and choose another hour."""
    found = way(number, link)
    # The link opens what was typed; the draft is the browser's, or the account's.
    asks = replace(owner(), link=link)
    token = write(lambda session, context: drafts.begin_again(session, context, asks, found.reservation_id))
    return go("book.hour", token=token)
