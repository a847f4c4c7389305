"""A new account: an address and a password, a letter, a button behind its link."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.api import door
from server.portal import languages, limits
from server.portal.account import said
from server.portal.challenge import Puzzled
from server.portal.forms import CheckField, EmailField, Form, PasswordField, needed
from server.portal.now import this_moment
from server.portal.pages import go, page, read, write
from server.services.accounts.registration import (
    Confirmation,
    Refused,
    Registration,
    confirm,
    look_at_confirmation,
    register,
)

_MOST = "30 per hour"

pages = Blueprint("account_new", __name__)


class NewAccountForm(Puzzled):
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
    form.password.description = said.password_hint()
    if form.validate_on_submit():
        limits.stop_too_often("account_new", _MOST)
        house = door.house()
        new = Registration(
            form.email.data, form.password.data, languages.current(), house.portal.terms_version
        )
        answer = register(house.store, this_moment(), new)
        if not isinstance(answer, Refused):
            return go("account_new.sent")
        is_email = answer.reason == "email_malformed"
        said.mistake(form.email if is_email else form.password, said.refused(answer.reason))
    return page("account/new.html", _("Make an account"), form=form)


@pages.get("/account/sent")
def sent() -> Response:
    """Say that a letter is on its way, whoever may get it."""
    return page("account/sent.html", _("Look into your mailbox"))


@pages.route("/account/confirm/<token>", methods=["GET", "POST"])
def confirmation(token: str) -> ResponseReturnValue:
    """Show the button that confirms an address, or confirm it.

    Programs that follow every link of a letter press no buttons.
    """
    form = ConfirmForm()
    if form.validate_on_submit():
        state = write(lambda session, moment: confirm(session, moment, token))
        if state is not Confirmation.SPENT:
            return go("account_new.confirmed")
    else:
        state = read(lambda session, moment: look_at_confirmation(session, moment, token))
    if state is Confirmation.ALREADY:
        return go("account_new.confirmed")
    if state is Confirmation.SPENT:
        return spent(url_for("account_new.show"), _("Make an account"))
    return page("account/confirm.html", _("Confirm your e-mail address"), form=form)


@pages.get("/account/confirmed")
def confirmed() -> Response:
    """Say that the address is confirmed, and lead on."""
    return page("account/confirmed.html", _("Your e-mail address is confirmed"))


def spent(again: str, what: str) -> Response:
    """Say that a link does nothing any more, and where there is a new one."""
    return page("account/spent.html", _("This link no longer works"), status=410, again=again, what=what)
