"""Another e-mail address, confirmed by the link of a letter to it."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import door
from server.portal import limits
from server.portal.account import said
from server.portal.account.new import spent
from server.portal.forms import EmailField, Form, PasswordField, needed
from server.portal.now import this_moment
from server.portal.pages import go, page, read, tell, write
from server.services.accounts import changes
from server.services.accounts.changes import Asked, Changed
from server.services.accounts.registration import Refused
from server.services.accounts.tries import SlowDown

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
        door.house().store,
        this_moment(),
        said.me(),
        form.password.data,
        form.email.data,
        limits.address_block(),
    )
    if isinstance(answer, Asked):
        return go("account_email.sent")
    if isinstance(answer, Refused):
        said.mistake(form.email, said.refused(answer.reason))
    elif isinstance(answer, SlowDown):
        said.mistake(form.password, said.slow_down(answer))
        return said.slowed(_page(form), answer)
    else:
        said.mistake(form.password, _("This is not your password"))
    return _page(form)


@pages.get("/account/email/sent")
@login_required
def sent() -> Response:
    """Say that a letter is on its way."""
    return page("account/email_sent.html", _("Look into your new mailbox"))


@pages.route("/account/email/<token>", methods=["GET", "POST"])
def take(token: str) -> ResponseReturnValue:
    """Show the button that takes the new address, or take it."""
    form = TakeForm()
    if form.validate_on_submit():
        answer = write(lambda session, moment: changes.change_email(session, moment, token))
        if isinstance(answer, Changed):
            tell(_("Your e-mail address is changed. Log in with the new one from now on."))
            return go("account.show")
    elif read(lambda session, moment: changes.may_change_email(session, moment, token)):
        return page("account/email_take.html", _("Use this e-mail address"), form=form)
    return spent(url_for("account_email.ask"), _("Ask for a new link"))


def _page(form: EmailForm) -> Response:
    return page("account/email.html", _("Change your e-mail address"), form=form)
