"""A new password: by the old one, or by the link of a letter."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import authentication
from server.portal.accounts import wording
from server.portal.accounts.destination import destination
from server.portal.accounts.new import spent
from server.portal.guard import limits
from server.portal.guard.challenge import PuzzleForm
from server.services.accounts import changes
from server.services.accounts.changes import Changed, LinkSpent
from server.services.accounts.registration import Refused
from server.web.forms import EmailField, Form, PasswordField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context

_MOST, _MOST_OF_BLOCK = "10 per hour", "300 per hour"

pages = Blueprint("account_password", __name__)


class ChangeForm(Form):
    """The old password and a new one."""

    old = PasswordField(_l("The password you have now"), [needed(_l("Enter the password you have now"))])
    new = PasswordField(
        _l("New password"), [needed(_l("Choose a new password"))], autocomplete="new-password"
    )


class AskForm(PuzzleForm):
    """Whose password was forgotten."""

    email = EmailField(
        _l("E-mail address"), [needed(_l("Enter your e-mail address"))], autocomplete="username"
    )


class ResetForm(Form):
    """A new password."""

    new = PasswordField(
        _l("New password"), [needed(_l("Choose a new password"))], autocomplete="new-password"
    )


@pages.route("/account/password", methods=["GET", "POST"])
@login_required
def change() -> ResponseReturnValue:
    """Ask for the old password and a new one."""
    form = ChangeForm()
    form.new.description = wording.password_hint()
    if not form.validate_on_submit():
        return _change_page(form)
    answer = changes.change_password(
        authentication.runtime().store,
        request_context(),
        wording.me(),
        form.old.data,
        form.new.data,
        limits.address_block(),
    )
    if isinstance(answer, Changed):
        tell(_("Your password is changed. You are logged out everywhere else."))
        return go("account.show")
    if isinstance(answer, Refused):
        wording.mistake(form.new, wording.refused(answer.reason))
        return _change_page(form)
    text = _("This is not the password you have now")
    return wording.wrong_password(form.old, answer, lambda: _change_page(form), text)


@pages.route("/account/reset", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Ask for the address to which a link may be sent; the answer is the same for every address."""
    form, wanted = AskForm(), destination()
    if form.validate_on_submit():
        limits.stop_too_often("account_reset", session=_MOST, block=_MOST_OF_BLOCK)
        write(lambda session, context: changes.ask_reset(session, context, form.email.data, wanted.address))
        return go("account_password.sent", next=wanted.address)
    return page("accounts/reset_ask.html", _("Set a new password"), form=form, wanted=wanted)


@pages.get("/account/reset/sent")
def sent() -> Response:
    """Say that a letter is on its way, if there is somebody to get it."""
    return page("accounts/reset_sent.html", _("Check your e-mail"), wanted=destination())


@pages.route("/account/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> ResponseReturnValue:
    """Ask for a new password, and set it."""
    form = ResetForm()
    form.new.description = wording.password_hint()
    if form.validate_on_submit():
        answer = changes.reset(authentication.runtime().store, request_context(), token, form.new.data)
        if isinstance(answer, Changed):
            tell(_("Your password is changed. Log in with the new one."))
            return go("log_in.show", next=destination().address)
        if isinstance(answer, LinkSpent):
            return _spent()
        wording.mistake(form.new, wording.refused(answer.reason))
    elif not read(lambda session, context: changes.may_reset(session, context, token)):
        return _spent()
    return page("accounts/reset.html", _("Choose a new password"), form=form)


def _change_page(form: ChangeForm) -> Response:
    return page("accounts/password.html", _("Change your password"), form=form)


def _spent() -> Response:
    return spent(url_for("account_password.ask", next=destination().address), _("Ask for a new link"))
