"""The contact data of a held reservation are corrected, and a new code goes out; the hour stays (rule 6)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.portal.booking.details_forms import Contact, can_text
from server.portal.booking.refusals import words_of
from server.portal.booking.reservations.own_reservation import NUMBER, log_in_first, pages, way
from server.services.booking import contact as use_case
from server.services.booking.activation import Expired
from server.services.booking.contact import Corrected, NotCorrected
from server.services.booking.progress import progress
from server.web.details_wording import sentence
from server.web.pages import page, read, tell, write


@pages.route(f"/reservations/{NUMBER}/contact", methods=["GET", "POST"])
@pages.route("/v/<link>/contact", methods=["GET", "POST"])
def contact(number: int | None = None, link: str | None = None) -> ResponseReturnValue:
    """Ask for the right address or number while the hour is held, and send a new code there."""
    found = way(number, link)
    if first := log_in_first(found):
        return first
    asks, reservation_id = found.owner, found.reservation_id
    now = read(lambda session, context: use_case.contact_of(session, context, asks, reservation_id))
    if isinstance(now, Expired):
        return found.go("show")
    far = read(lambda session, context: progress(session, context, asks, reservation_id))
    form = Contact()
    form.suit(far.service.policy.booking, can_text=can_text())
    # The language of the messages was chosen before; only the way to the applicant is corrected here.
    del form.language
    if form.validate_on_submit() and form.is_as_meant() and form.phone_fits():
        said = form.told()
        answer = write(
            lambda session, context: use_case.correct(session, context, asks, reservation_id, said)
        )
        if isinstance(answer, Corrected):
            tell(_("A new code is on its way. The one before is no longer valid."))
            return found.go("activate")
        if isinstance(answer, Expired):
            return found.go("show")
        _show_problems(form, answer)
    elif not form.is_submitted():
        form.fill({"email": now.email, "phone": now.phone, "activation": now.activation})
    return page(
        "booking/reservations/contact.html",
        _("Correct the e-mail address or the telephone number"),
        form=form,
        way=found,
        far=far,
        zone=far.branch.policy.zone,
        left=now.corrections_left,
    )


def _show_problems(form: Contact, answer: NotCorrected) -> None:
    if answer.reason == "corrected_enough":
        form.email.errors = [_l("It cannot be corrected any more. Cancel the reservation and book again")]
        return
    for field, reason in answer.problems.items():
        if field in form:
            form[field].errors = [sentence(field, reason)]
    if answer.reason in ("email_used", "phone_used"):
        form["email" if answer.reason == "email_used" else "phone"].errors = [words_of(answer.reason)[0]]
