"""What the desk does with a reservation: steps for a reason, another hour or contact, the code again."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.booking.contact import Corrected
from server.services.booking.desk import card, changing
from server.services.booking.desk.changing import Step
from server.services.booking.moving import Moved
from server.services.context import RuleBroken
from server.staff import branches, staff_session
from server.staff.booking import hours, wording
from server.staff.booking.desk import StepForm, card_page
from server.staff.booking.desk_blueprint import ONE, pages
from server.staff.permissions import needs
from server.web import times
from server.web.details_wording import sentence
from server.web.forms import EmailField, Form, PhoneField
from server.web.pages import go, page, tell, write

_DONE = {
    Step.ACCEPT: _l("The reservation is accepted. Its owner gets the confirmation."),
    Step.REJECT: _l("The reservation is rejected. Its owner is told."),
    Step.CANCEL: _l("The reservation is cancelled. Its owner is told."),
    Step.REINSTATE: _l("The reservation stands again until its day is over."),
    Step.REMOVE: _l("The reservation is removed. Its owner is told, its evidence is kept."),
}


class ContactForm(Form):
    """How the applicant is reached."""

    email = EmailField(_l("E-mail address"))
    phone = PhoneField(_l("Telephone number"), hint=_l("For example, 601 234 567 or +380 50 123 4567"))


@pages.post(ONE + "/step")
@needs(Permission.CHANGE_RESERVATIONS)
def step(number: int) -> ResponseReturnValue:
    """Accept a reservation; reject, cancel, reinstate or remove one for a reason."""
    form = StepForm()
    form.offer()
    wanted = form.step.data
    if wanted == Step.ACCEPT:
        form.reason.validators, form.reason.validate_choice = (), False
    if wanted not in tuple(Step) or not form.validate_on_submit():
        return card_page(number, form)
    chosen, reason = Step(wanted), form.reason.data
    branch_id, me = branches.here().id, staff_session.me().id
    try:
        write(lambda session, context: changing.take(session, context, branch_id, number, chosen, reason, me))
    except RuleBroken as broken:
        if broken.status == 404:
            raise
        form.reason.errors = [wording.refused(broken.reason)]
        return card_page(number, form, 409)
    tell(str(_DONE[chosen]))
    return go("desk.one", number=number)


@pages.post(ONE + "/again")
@needs(Permission.CHANGE_RESERVATIONS)
def again(number: int) -> ResponseReturnValue:
    """Send the code once more to where the applicant is reached."""
    branch_id, me = branches.here().id, staff_session.me().id
    try:
        write(lambda session, context: changing.send_again(session, context, branch_id, number, me))
    except RuleBroken as broken:
        if broken.status == 404:
            raise
        tell(str(wording.refused(broken.reason)))
        return go("desk.one", number=number)
    tell(_("The code is on its way to the contact that is known."))
    return go("desk.one", number=number)


@pages.route(ONE + "/contact", methods=["GET", "POST"])
@needs(Permission.CHANGE_RESERVATIONS)
def contact(number: int) -> ResponseReturnValue:
    """Correct the e-mail address and the phone."""
    branch_id, me = branches.here().id, staff_session.me().id
    form = ContactForm()
    if request.method == "GET":
        shown = write(lambda session, context: card.show(session, context, branch_id, number, me))
        form.email.data, form.phone.data = shown.person.get("email"), shown.person.get("phone")
    elif form.validate_on_submit():
        said = {"email": form.email.data or "", "phone": with_country(form.phone.data or "")}
        done = write(lambda session, context: changing.correct(session, context, branch_id, number, said, me))
        if isinstance(done, Corrected):
            tell(_("The contact is corrected. What is still to be sent goes there."))
            return go("desk.one", number=number)
        for name, problem in done.problems.items():
            form[name].errors = [sentence(name, problem)]
        if not done.problems:
            form["phone" if done.reason == "phone_used" else "email"].errors = [wording.refused(done.reason)]
    return page("booking/contact.html", _("Correct the contact"), form=form, number=number)


@pages.route(ONE + "/move", methods=["GET", "POST"])
@needs(Permission.CHANGE_RESERVATIONS)
def move(number: int) -> ResponseReturnValue:
    """Move a visit to a free hour of its service."""
    branch, me = branches.here(), staff_session.me().id
    shown = write(lambda session, context: card.show(session, context, branch.id, number, me))
    offer = hours.offer_of(shown.service, request.values.get("day"), shown.appointment_at)
    form = hours.HourForm()
    form.offer(offer, branch.policy.zone)
    starts_at = times.read_hour(form.hour.data or "")
    if form.validate_on_submit() and starts_at is not None:
        reason = form.reason.data
        done = write(
            lambda session, context: changing.move(session, context, branch.id, number, starts_at, reason, me)
        )
        if isinstance(done, Moved):
            tell(_("The visit is moved. Its owner gets a new confirmation."))
            return go("desk.one", number=number)
        form.hour.errors = [wording.refused(done.reason)]
    return page("booking/move.html", _("Move the visit"), form=form, offer=offer, card=shown)


def with_country(typed: str) -> str:
    """Write a telephone number with its country; nine digits alone are Polish."""
    plain = "".join(char for char in typed if char not in " -().")
    if plain.startswith("00"):
        return "+" + plain[2:]
    return f"+48{plain}" if plain.isdigit() and len(plain) == 9 else plain
