"""Webhooks of a program: where it hears of what happens, and the log of what was sent."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.domain.access.scopes import IntegratorScope
from server.domain.access.webhooks import PUBLISHED
from server.services.access import webhooks
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView
from server.services.store_types import Session
from server.staff import staff_session
from server.staff.access.integrators import AT as PROGRAMS
from server.staff.permissions import needs
from server.web.forms import Form, SelectField, TextField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context
from wire.vocabulary import FactType

pages = Blueprint("webhooks", __name__)
AT = "/office/webhooks/<int:webhook_id>"
FACTS: dict[str, object] = {
    FactType.TICKET_ISSUED: _l("a ticket was issued"),
    FactType.TICKET_CALLED: _l("a ticket was called"),
    FactType.TICKET_RECALLED: _l("a ticket was called again"),
    FactType.TICKET_STARTED: _l("a visit began"),
    FactType.TICKET_FINISHED: _l("a visit was finished"),
    FactType.TICKET_MISSED: _l("a visitor did not come"),
    FactType.TICKET_PUT_BACK: _l("a call was taken back"),
    FactType.TICKET_TRANSFERRED: _l("a ticket was transferred"),
    FactType.TICKET_WITHDRAWN: _l("a ticket was taken out of the line"),
    FactType.TICKET_CAME_BACK: _l("a visitor came back after a missed call"),
    FactType.RESERVATION_BOOKED: _l("a visit was booked"),
    FactType.RESERVATION_ACTIVATED: _l("a visit booked on the web was confirmed"),
    FactType.RESERVATION_MOVED: _l("a visit was moved"),
    FactType.RESERVATION_CANCELLED: _l("a visit was cancelled"),
    FactType.RESERVATION_CHECKED_IN: _l("a booked visitor took a ticket"),
    FactType.RESERVATION_LAPSED: _l("a booked visitor came too late, or not at all"),
    FactType.COUNTER_OPENED: _l("a counter opened"),
    FactType.COUNTER_PAUSED: _l("a counter paused"),
    FactType.COUNTER_CLOSED: _l("a counter closed"),
    FactType.SERVICE_CLOSED: _l("a service was closed for today"),
    FactType.SERVICE_OPENED: _l("a service was opened again"),
    FactType.WALK_INS_STOPPED: _l("tickets without a reservation were stopped"),
    FactType.WALK_INS_RESUMED: _l("tickets without a reservation are given again"),
}
_PROBLEMS = {
    "no_such_host": _l("there is no such host"),
    "inside_address": _l("the address leads into a network where nothing may be sent"),
    "not_https": _l("the address has no https"),
    "no_connection": _l("no connection"),
    "no_answer": _l("no answer that can be read"),
    "too_slow": _l("no answer in time"),
    "tls": _l("the certificate does not fit"),
    "error": _l("an error of ours"),
}


class WebhookForm(Form):
    """A webhook to be made; which facts it hears of stands in boxes beside."""

    url = TextField(
        _l("Address"),
        webhooks.LONGEST_ADDRESS,
        [needed(_l("Enter the address to which messages go"))],
        hint=_l("Of the program's people, such as https://city.example.org/queue"),
    )
    branch = SelectField(_l("Branch of the webhook"))


@pages.get(PROGRAMS + "/<int:integrator_id>/webhooks")
@needs(Permission.SET_UP_OFFICE)
def show(integrator_id: int) -> ResponseReturnValue:
    """List the webhooks of a program."""
    program, found = read(lambda session, context: webhooks.of_program(session, integrator_id))
    return page(
        "access/webhooks.html",
        _("Webhooks of %(name)s", name=program.name),
        program=program,
        found=found,
        may_hear=IntegratorScope.FACTS in program.scopes and program.revoked_at is None,
        branches=request_context().office.branches,
        problem=problem_words,
    )


@pages.route(PROGRAMS + "/<int:integrator_id>/webhooks/new", methods=["GET", "POST"])
@needs(Permission.SET_UP_OFFICE)
def new(integrator_id: int) -> ResponseReturnValue:
    """Make a webhook, and show its secret once."""
    program, _found = read(lambda session, context: webhooks.of_program(session, integrator_id))
    form, by = WebhookForm(), staff_session.me().id
    form.branch.choices = [(str(each.id), each.name) for each in _branches(program.branch_id)]
    ticked = frozenset(each for each in PUBLISHED if str(each) in request.form.getlist("facts"))
    no_facts = None
    if form.validate_on_submit():
        wanted = webhooks.NewWebhook(integrator_id, int(form.branch.data), form.url.data, ticked)
        try:
            _id, secret = write(lambda session, context: webhooks.add(session, context, wanted, by=by))
        except RuleBroken as broken:
            no_facts = _say_at_field(form, broken)
        else:
            return page("access/webhook_secret.html", _("New webhook"), secret=secret, program=program)
    return page(
        "access/new_webhook.html",
        _("New webhook"),
        form=form,
        status=422 if form.errors or no_facts else 200,
        program=program,
        facts=FACTS,
        ticked=ticked,
        no_facts=no_facts,
    )


@pages.get(AT)
@needs(Permission.SET_UP_OFFICE)
def one(webhook_id: int) -> ResponseReturnValue:
    """Show a webhook, how it is, and the log of what was sent."""
    found = read(lambda session, context: webhooks.log(session, webhook_id))
    return page(
        "access/webhook.html",
        _("Webhook"),
        hook=found.webhook,
        program=found.integrator,
        deliveries=found.deliveries,
        branch_name=request_context().branch(found.webhook.branch_id).name,
        facts=FACTS,
        problem=problem_words,
    )


@pages.post(AT + "/switch")
@needs(Permission.SET_UP_OFFICE)
def switch(webhook_id: int) -> ResponseReturnValue:
    """Switch a webhook off, or on with or without what it missed."""
    by, to = staff_session.me().id, request.form.get("to", "off")

    def change(session: Session, context: Context) -> None:
        if to == "off":
            webhooks.switch_off(session, context, webhook_id, by=by)
        else:
            webhooks.switch_on(session, context, webhook_id, by=by, with_missed=to == "on")

    write(change)
    tell(_("Nothing is sent any more.") if to == "off" else _("Messages go out again."))
    return go("webhooks.one", webhook_id=webhook_id)


@pages.post(AT + "/remove")
@needs(Permission.SET_UP_OFFICE)
def remove(webhook_id: int) -> ResponseReturnValue:
    """Take a webhook away."""
    by = staff_session.me().id
    program_id = write(lambda session, context: webhooks.remove(session, context, webhook_id, by=by))
    tell(_("The webhook is removed."))
    return go("webhooks.show", integrator_id=program_id)


@pages.post(AT + "/deliveries/<int:delivery_id>/again")
@needs(Permission.SET_UP_OFFICE)
def again(webhook_id: int, delivery_id: int) -> ResponseReturnValue:
    """Have a message sent once more."""
    write(lambda session, context: webhooks.send_again(session, context, webhook_id, delivery_id))
    tell(_("The message goes out once more within some seconds."))
    return go("webhooks.one", webhook_id=webhook_id)


def problem_words(problem: str) -> str:
    """Say in words why something could not be sent."""
    kind, _sign, status = problem.partition("_")
    if kind == "status" and status.isdigit():
        return _("the answer was %(status)s", status=status)
    return str(_PROBLEMS.get(problem, problem))


def _branches(only: int | None) -> list[BranchView]:
    branches = request_context().office.branches.values()
    return [each for each in branches if only in (None, each.id) and not each.policy.archived]


def _say_at_field(form: WebhookForm, broken: RuleBroken) -> Any:
    if broken.reason == "wrong_address":
        form.url.errors = [_("Enter a whole address that begins with https://")]
        return None
    if broken.reason == "types_missing":
        return _("Tick one thing at least of which it is to hear")
    raise broken
