"""Logging in and out."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.portal import languages, visitor_session
from server.portal.accounts import wording
from server.portal.accounts.destination import Destination, destination
from server.portal.guard import limits
from server.portal.guard.challenge import PuzzleForm
from server.services.accounts.entry import Entry, LoggedIn, NotConfirmed, Wrong, log_in
from server.services.accounts.sessions import log_out
from server.services.accounts.tries import SlowDown
from server.web.forms import EmailField, Form, PasswordField, needed
from server.web.pages import go, page, tell, write
from server.web.request_context import request_context

pages = Blueprint("log_in", __name__)


class LogInForm(PuzzleForm):
    """Who it is."""

    email = EmailField(
        _l("E-mail address"), [needed(_l("Enter your e-mail address"))], autocomplete="username"
    )
    password = PasswordField(_l("Password"), [needed(_l("Enter your password"))])


class LogOutForm(Form):
    """A button."""


@pages.route("/log-in", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """Ask who it is, and lead to where they wanted to go."""
    wanted = destination()
    there = wanted.address or url_for("reservations.mine")
    if visitor_session.account() is not None:
        return redirect(there, 303)
    form = LogInForm()
    if not form.validate_on_submit():
        return _page(form, wanted)
    answer = _tried(form)
    if isinstance(answer, LoggedIn):
        visitor_session.enter(answer.token)
        return redirect(there, 303)
    if isinstance(answer, NotConfirmed):
        return page("accounts/not_confirmed.html", _("Confirm your e-mail address first"), wanted=wanted)
    text = _("The e-mail address or the password is wrong")
    return wording.wrong_password(form.password, answer, lambda: _page(form, wanted), text)


@pages.route("/log-out", methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    """Ask whether to log out, or end the session on the server and in this browser."""
    form = LogOutForm()
    token = visitor_session.session_token()
    if not form.validate_on_submit():
        if token is None:
            return go("start.show")
        return page("accounts/log_out.html", _("Do you want to log out?"), form=form)
    if token is not None:
        write(lambda session, context: log_out(session, context, token))
    visitor_session.leave()
    tell(_("You are logged out."))
    return go("start.show")


def _tried(form: LogInForm) -> LoggedIn | NotConfirmed | Wrong | SlowDown:
    entry = Entry(
        email=form.email.data,
        password=form.password.data,
        block=limits.address_block(),
        agent=request.user_agent.string,
        language=languages.current(),
        previous=visitor_session.session_token(),
    )
    return log_in(authentication.runtime().store, request_context(), entry, visitor_session.session_limits())


def _page(form: LogInForm, wanted: Destination) -> Response:
    return page("accounts/log_in.html", _("Log in"), form=form, wanted=wanted)
