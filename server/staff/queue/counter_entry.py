"""A browser becomes a counter by an enrolment code, and a clerk sits down at it and gets up again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.access import devices
from server.services.access import sign_in as sign_ins
from server.services.access.sign_in import SignedIn
from server.services.context import RuleBroken
from server.services.store_types import DeviceRow
from server.staff import at_counter, branches, networks, staff_session
from server.staff.permissions import before_proof, for_anybody, needs, signs_in_at
from server.staff.queue import counter_desk
from server.web.forms import Form, PasswordField, TextField, needed
from server.web.pages import go, page, write
from wire.vocabulary import CounterProgram, DeviceRole

pages = Blueprint("counter_entry", __name__)


class CodeForm(Form):
    """The code that makes this browser a counter."""

    code = TextField(
        _l("Enrolment code of the counter"),
        20,
        [needed(_l("Enter the code"))],
        hint=_l("Twelve letters and digits, such as ABCD-EFGH-2345. It works once, within a day."),
        autocomplete="off",
    )


class SignInForm(Form):
    """Who sits down at this counter."""

    login = TextField(_l("Login"), 100, [needed(_l("Enter your login"))], autocomplete="username")
    password = PasswordField(_l("Password"), [needed(_l("Enter your password"))])


class SitDownForm(Form):
    """A button."""


def place() -> DeviceRow | None:
    """Return the counter that this browser is, if it is one of the branch of the page."""
    found, branch = at_counter.device(), branches.here()
    return found if found is not None and found.branch_id == branch.id else None


def ask_for_code(form: CodeForm | None = None) -> Response:
    """Ask for the code that makes this browser a counter."""
    elsewhere = at_counter.device()
    said = None
    if at_counter.was_enrolled():
        said = _("The server no longer knows this counter. Ask the administrator for a new code.")
    elif elsewhere is not None:
        said = _("This browser is a counter of another branch. A new code makes it a counter of this one.")
    title = _("Make this browser a counter")
    return page("queue/counter_code.html", title, form=form or CodeForm(), told=said)


def ask_to_sit_down(taken: RuleBroken | None = None) -> Response:
    """Let the clerk who is signed in on the pages sit down at this counter."""
    title = _("Counter %(number)s", number=_number())
    return page("queue/counter_sit_down.html", title, form=SitDownForm(), **_told(taken))


@pages.route(branches.AT + "/counter/code", methods=["GET", "POST"])
@for_anybody
def enrol() -> ResponseReturnValue:
    """Make this browser the counter that the code is for; the code is the counter's, whoever types it."""
    branches.here()
    form = CodeForm()
    if not form.validate_on_submit():
        return ask_for_code(form)
    code, source, runtime = form.code.data, networks.source(), authentication.runtime()
    try:
        devices.try_code(runtime.store, runtime.context(), source)
    except RuleBroken:
        form.code.errors = [_("There were too many wrong tries. Wait a moment and try again")]
        return ask_for_code(form)
    found = write(lambda session, context: devices.enrol(session, context, code, source, DeviceRole.COUNTER))
    if found is None:
        form.code.errors = [_("This is no counter's code, or it was used already or is too old")]
        return ask_for_code(form)
    device, token = found
    response = redirect(url_for("counter.show", branch=device.branch), 303)
    at_counter.keep_device(response, token)
    return response


@pages.route(branches.AT + "/counter/sign-in", methods=["GET", "POST"])
@for_anybody
def sign_in() -> ResponseReturnValue:
    """Sign a clerk in at this browser's counter: the counter is the second factor."""
    branches.here()
    device = place()
    if device is None:
        return ask_for_code()
    if request.method == "GET" and at_counter.clerk() is not None:
        return go("counter.show")  # back to here by the browser's own button
    form = SignInForm()
    title = _("Counter %(number)s", number=_number())
    if not form.validate_on_submit():
        return page("queue/counter_sign_in.html", title, form=form, **_told(None))
    runtime = authentication.runtime()
    try:
        clerk_id = sign_ins.verify(
            runtime.store, runtime.context(), device, form.login.data, form.password.data
        )
        if clerk_id is not None:
            return _seated(device, clerk_id)
    except RuleBroken as broken:
        if broken.reason == "counter_taken":
            return page("queue/counter_sign_in.html", title, form=form, status=409, **_told(broken))
        form.password.errors = [_("There were too many wrong tries. Wait a moment and try again")]
        return page("queue/counter_sign_in.html", title, form=form, status=broken.status, **_told(None))
    write(lambda session, context: sign_ins.sign_in_refused(session, context, device))
    form.password.errors = [_("The login or the password is wrong")]
    return page("queue/counter_sign_in.html", title, form=form, **_told(None))


@pages.post(branches.AT + "/counter/sit-down")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def sit_down() -> ResponseReturnValue:
    """Begin the clerk's session at this browser's counter."""
    device = place()
    if device is None:
        return go("counter.show")
    try:
        return _seated(device, staff_session.me().id)
    except RuleBroken as broken:
        if broken.reason != "counter_taken":
            raise
        response = ask_to_sit_down(broken)
        response.status_code = 409
        return response


@pages.post(branches.AT + "/counter/leave")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def leave() -> ResponseReturnValue:
    """End the clerk's session and close the counter; the ticket in hand stays there."""
    clerk = counter_desk.clerk()
    if clerk is not None:
        write(lambda session, context: sign_ins.sign_out(session, context, clerk))
    response = redirect(url_for("counter.show"), 303)
    at_counter.forget_clerk(response)
    return response


def _seated(device: DeviceRow, clerk_id: int) -> ResponseReturnValue:
    take_over = request.form.get("take_over") == "yes"
    done: SignedIn = write(
        lambda session, context: sign_ins.sign_in(
            session, context, device, clerk_id, CounterProgram.BROWSER, take_over=take_over
        )
    )
    if done.not_closed:
        counter_desk.say("not_closed", numbers=", ".join(done.not_closed))
    response = redirect(url_for("counter.show"), 303)
    at_counter.keep_clerk(response, done.token)
    return response


def _number() -> int | None:
    found = place()
    return found.counter if found else None


def _told(taken: RuleBroken | None) -> dict[str, Any]:
    """Return what the page of a sign-in says: who works at the counter elsewhere, or that a session is over."""
    if taken is None:
        return {"taken": None, "is_over": at_counter.was_here()}
    by, program = taken.facts["clerk"], taken.facts["program"]
    if program == CounterProgram.WINDOW:
        said = _("%(clerk)s works at this counter in the installed program.", clerk=by)
    else:
        said = _("%(clerk)s works at this counter in another browser.", clerk=by)
    return {"taken": said, "is_over": False}
