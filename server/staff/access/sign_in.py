"""Signing in with a password, then with the second factor; signing out."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.guard.agents import agent_of
from server.services.access import brake, second_factors, staff_sessions
from server.services.context import RuleBroken
from server.staff import networks, staff_session
from server.staff.permissions import before_proof, for_anybody, needs
from server.web import safe_redirects
from server.web.forms import CodeField, Form, PasswordField, TextField, needed
from server.web.pages import go, page, read, tell, write

pages = Blueprint("sign_in", __name__)
"""Under which name wrong codes of a second factor are counted, beside whose they are."""


class SignInForm(Form):
    """Who it is."""

    login = TextField(_l("Login"), 100, [needed(_l("Enter your login"))], autocomplete="username")
    password = PasswordField(_l("Password"), [needed(_l("Enter your password"))])


class CodeForm(Form):
    """The code that the app shows."""

    code = CodeField(
        _l("Code from your authenticator app"), 10, [needed(_l("Enter the six digits of the code"))]
    )


class SignOutForm(Form):
    """A button."""


@pages.route("/sign-in", methods=["GET", "POST"])
@for_anybody
def show() -> ResponseReturnValue:
    """Ask who it is."""
    wanted = safe_redirects.inner(request.args.get("next"))
    known = staff_session.colleague()
    if known is not None and known.may(Permission.OWN):
        return redirect(wanted or url_for("start.show"), 303)
    form = SignInForm()
    if not form.validate_on_submit():
        return page("access/sign_in.html", _("Sign in"), form=form, wanted=wanted)
    runtime = authentication.runtime()
    try:
        verified = staff_sessions.verify(
            runtime.store, runtime.context(), networks.source(), form.login.data, form.password.data
        )
    except RuleBroken as broken:
        form.password.errors = [too_many_tries(broken)]
        response = page("access/sign_in.html", _("Sign in"), form=form, wanted=wanted, status=429)
        response.headers["Retry-After"] = str(_seconds(broken))
        return response
    if verified is None:
        write(
            lambda session, context: staff_sessions.note_refused(session, context, "wrong_login_or_password")
        )
        form.password.errors = [_("The login or the password is wrong")]
        return page("access/sign_in.html", _("Sign in"), form=form, wanted=wanted)
    if verified.has_second_factor:
        staff_session.wait_for_proof(verified.user_id)
        return go("sign_in.prove", next=wanted)
    return enter(verified.user_id, None, wanted)


@pages.route("/sign-in/code", methods=["GET", "POST"])
@for_anybody
def prove() -> ResponseReturnValue:
    """Ask for the second factor of whose password was right."""
    user_id = staff_session.awaiting_proof()
    if user_id is None:
        return go("sign_in.show")
    factors = read(lambda session, _context: second_factors.of(session, user_id))
    if not factors.has_app:
        return go("passkeys.prove", next=safe_redirects.inner(request.args.get("next")))
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form, factors)
    if (broken := slowed(user_id)) is not None:
        form.code.errors = [too_many_tries(broken)]
        return _code_page(form, factors, 429)
    if not write(lambda session, context: second_factors.check(session, context, user_id, form.code.data)):
        write(lambda session, context: staff_sessions.note_refused(session, context, "code_wrong", user_id))
        form.code.errors = [_("This code does not fit. Wait for the next one and enter it")]
        return _code_page(form, factors)
    forgive(user_id)
    return enter(user_id, second_factors.TOTP, safe_redirects.inner(request.args.get("next")))


@pages.post("/sign-out")
@needs(Permission.OWN)
@before_proof
def leave() -> ResponseReturnValue:
    """End the session on the server and in this browser."""
    me = staff_session.me()
    write(lambda session, context: staff_sessions.end_session(session, context, me, me.session_id))
    staff_session.leave()
    tell(_("You are signed out."))
    return go("sign_in.show")


def enter(user_id: int, proof: str | None, wanted: str | None) -> ResponseReturnValue:
    """Begin the session of somebody who has proved who they are, and lead to where they wanted to go."""
    agent, limits = asdict(agent_of(request.user_agent.string)), staff_session.limits()
    token = write(
        lambda session, context: staff_sessions.begin_session(session, context, user_id, proof, agent, limits)
    )
    staff_session.enter(token)
    return redirect(wanted or url_for("start.show"), 303)


def go_on() -> ResponseReturnValue:
    """Ask for the second factor of somebody who has chosen a new password."""
    return go("sign_in.prove")


def slowed(user_id: int) -> RuleBroken | None:
    """Count a try of a second factor's code; say how long somebody must wait who has typed many wrong ones."""
    return write(lambda session, context: brake.admit(session, context, _tries_of(user_id)))


def forgive(user_id: int) -> None:
    """Forget the wrong codes of a second factor before the right one."""
    write(lambda session, context: brake.forgive(session, context, _tries_of(user_id)))


def _tries_of(user_id: int) -> str:
    return f"code:{user_id}"


def too_many_tries(broken: RuleBroken) -> str:
    """Write that there were too many tries, and how long to wait."""
    return _("There were too many wrong tries. Try again in %(seconds)d s", seconds=_seconds(broken))


def _seconds(broken: RuleBroken) -> int:
    return int(str(broken.facts["retry_after"]))


def _code_page(form: CodeForm, factors: second_factors.Factors, status: int = 200) -> Response:
    title = _("Confirm that it is you")
    return page("access/code.html", title, form=form, factors=factors, status=status)
