"""The activation: the code that came by message is typed in time, or sent again (rule 6)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from server.portal.booking.reservations.own_reservation import NUMBER, log_in_first, pages, way
from server.services.booking.activation import Activated, NoMoreSends, SentAgain, WrongCode
from server.services.booking.activation import activate as take_code
from server.services.booking.activation import send_again as send_code
from server.services.booking.progress import progress
from server.web.forms import CodeField, Form, needed
from server.web.pages import page, read, tell, write
from wire.vocabulary import ReservationStatus


class CodeForm(Form):
    """The code of the activation."""

    code = CodeField(
        _l("Code"), 40, [needed(_l("Enter the code of 6 digits"))], hint=_l("6 digits, for example 123 456")
    )


@pages.route(f"/reservations/{NUMBER}/activate", methods=["GET", "POST"])
@pages.route("/v/<link>/activate", methods=["GET", "POST"])
def activate(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Ask for the code and take it; a reservation that is not held any more shows itself."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    form = CodeForm()
    asks, reservation_id = found.owner, found.reservation_id
    if form.validate_on_submit():
        typed = form.code.data or ""
        answer = write(lambda session, context: take_code(session, context, asks, reservation_id, typed))
        if not isinstance(answer, WrongCode):
            return found.go("show")
        form.code.errors = [_wrong(answer)]
    far = read(lambda session, context: progress(session, context, asks, reservation_id))
    if far.status is not ReservationStatus.HELD:
        return found.go("show")
    return page(
        "booking/reservations/activate.html",
        _("Activate your reservation"),
        form=form,
        way=found,
        far=far,
        zone=far.branch.policy.zone,
        help_phone=far.branch.policy.phone,
        corrections_left=far.corrections_left,
        is_guest=asks.account_id is None,
    )


@pages.post(f"/reservations/{NUMBER}/activate/again")
@pages.post("/v/<link>/activate/again")
def send_again(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Send a new code."""
    found = way(number, link)
    answer = write(lambda session, context: send_code(session, context, found.owner, found.reservation_id))
    if isinstance(answer, SentAgain):
        tell(_("A new code is on its way. The one before is no longer valid."))
    elif isinstance(answer, NoMoreSends):
        tell(_("We cannot send the code again. Check your spam folder too."))
    return found.go("activate" if isinstance(answer, SentAgain | NoMoreSends) else "show")


def _wrong(answer: WrongCode) -> str:
    if not answer.is_code:
        return _("Enter the 6 digits of the code, without letters")
    return ngettext(
        "This code is not right. You have %(num)s try left.",
        "This code is not right. You have %(num)s tries left.",
        answer.tries_left,
    )


__all__ = ["Activated", "activate", "send_again"]
