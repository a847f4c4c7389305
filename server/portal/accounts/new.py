"""A new account: an address and a password, a letter, a button behind its link."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import authentication
from server.portal import languages
from server.portal.accounts import wording
from server.portal.accounts.destination import destination
from server.portal.guard import limits
from server.portal.guard.challenge import PuzzleForm
from server.services.accounts.registration import (
    Confirmation,
    Refused,
    Registration,
    confirm,
    look_at_confirmation,
    register,
)
from server.web.forms import CheckField, EmailField, Form, PasswordField, needed
from server.web.pages import go, page, read, write
from server.web.request_context import request_context

_MOST, _MOST_OF_BLOCK = "10 per hour", "300 per hour"

pages = Blueprint("account_new", __name__)


class NewAccountForm(PuzzleForm):
    """What an account needs."""

    email = EmailField(
        _l("E-mail address"),
        [needed(_l("Enter your e-mail address"))],
        hint=_l("We send you a link there. You also log in with it."),
    )
    password = PasswordField(
        _l("Choose a password"), [needed(_l("Choose a password"))], autocomplete="new-password"
    )
    terms = CheckField(
        _l("I have read the terms of booking and accept them"),
        [needed(_l("To make an account, read the terms and accept them"))],
    )


class ConfirmForm(Form):
    """A button."""


@pages.route("/account/new", methods=["GET", "POST"])
def show() -> ResponseReturnValue:
    """Ask for what an account needs; the answer is the same for an address that has one."""
    form = NewAccountForm()
    form.password.description = wording.password_hint()
    wanted = destination()
    if form.validate_on_submit():
        limits.stop_too_often("account_new", session=_MOST, block=_MOST_OF_BLOCK)
        runtime = authentication.runtime()
        new = Registration(
            form.email.data,
            form.password.data,
            languages.current(),
            runtime.portal.terms_version,
            wanted.address,
        )
        answer = register(runtime.store, request_context(), new)
        if not isinstance(answer, Refused):
            return go("account_new.sent", next=wanted.address)
        is_email = answer.reason == "email_malformed"
        wording.mistake(form.email if is_email else form.password, wording.refused(answer.reason))
    return page("accounts/new.html", _("Create an account"), form=form, wanted=wanted)


@pages.get("/account/sent")
def sent() -> Response:
    """Say that a letter is on its way, whoever may get it."""
    return page("accounts/sent.html", _("Check your e-mail"), wanted=destination())


@pages.route("/account/confirm/<token>", methods=["GET", "POST"])
def confirmation(token: str) -> ResponseReturnValue:
    """Show the button that confirms an address, or confirm it.

    Programs that follow every link of a letter press no buttons.
    """
    form, wanted = ConfirmForm(), destination()
    if form.validate_on_submit():
        state = write(lambda session, context: confirm(session, context, token))
        if state is not Confirmation.SPENT:
            return go("account_new.confirmed", next=wanted.address)
    else:
        state = read(lambda session, context: look_at_confirmation(session, context, token))
    if state is Confirmation.ALREADY:
        return go("account_new.confirmed", next=wanted.address)
    if state is Confirmation.SPENT:
        return spent(url_for("account_new.show", next=wanted.address), _("Create an account"))
    return page("accounts/confirm.html", _("Confirm your e-mail address"), form=form)


@pages.get("/account/confirmed")
def confirmed() -> Response:
    """Say that the address is confirmed, and lead on."""
    return page("accounts/confirmed.html", _("Your e-mail address is confirmed"), wanted=destination())


def spent(again: str, what: str) -> Response:
    """Say that a link does nothing any more, and where there is a new one."""
    return page("accounts/spent.html", _("This link no longer works"), status=410, again=again, what=what)
