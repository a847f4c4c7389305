"""Another e-mail address, confirmed by the link of a letter to it."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import authentication
from server.portal.accounts import wording
from server.portal.accounts.new import spent
from server.portal.guard import limits
from server.services.accounts import changes
from server.services.accounts.changes import Asked, Changed
from server.services.accounts.registration import Refused
from server.web.forms import EmailField, Form, PasswordField, needed
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context

pages = Blueprint("account_email", __name__)


class EmailForm(Form):
    """The new address, and the password."""

    email = EmailField(_l("New e-mail address"), [needed(_l("Enter your new e-mail address"))])
    password = PasswordField(_l("Your password"), [needed(_l("Enter your password"))])


class TakeForm(Form):
    """A button."""


@pages.route("/account/email", methods=["GET", "POST"])
@login_required
def ask() -> ResponseReturnValue:
    """Ask for the new address; nothing changes before its link is used."""
    form = EmailForm()
    if not form.validate_on_submit():
        return _page(form)
    answer = changes.ask_email_change(
        authentication.runtime().store,
        request_context(),
        wording.me(),
        form.password.data,
        form.email.data,
        limits.address_block(),
    )
    if isinstance(answer, Asked):
        return go("account_email.sent")
    if isinstance(answer, Refused):
        wording.mistake(form.email, wording.refused(answer.reason))
        return _page(form)
    return wording.wrong_password(form.password, answer, lambda: _page(form))


@pages.get("/account/email/sent")
@login_required
def sent() -> Response:
    """Say that a letter is on its way."""
    return page("accounts/email_sent.html", _("Check your new mailbox"))


@pages.route("/account/email/<token>", methods=["GET", "POST"])
def take(token: str) -> ResponseReturnValue:
    """Show the button that takes the new address, or take it."""
    form = TakeForm()
    if form.validate_on_submit():
        answer = write(lambda session, context: changes.change_email(session, context, token))
        if isinstance(answer, Changed):
            tell(_("Your e-mail address is changed. Log in with the new one from now on."))
            return go("account.show")
    elif read(lambda session, context: changes.may_change_email(session, context, token)):
        return page("accounts/email_take.html", _("Use this e-mail address"), form=form)
    return spent(url_for("account_email.ask"), _("Ask for a new link"))


def _page(form: EmailForm) -> Response:
    return page("accounts/email.html", _("Change your e-mail address"), form=form)
