"""Deleting an account, on its owner's wish."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import authentication
from server.portal import visitor_session
from server.portal.accounts import wording
from server.portal.guard import limits
from server.services.accounts.deletion import Deleted, delete
from server.web.forms import Form, PasswordField, needed
from server.web.pages import go, page, tell
from server.web.request_context import request_context

pages = Blueprint("account_deletion", __name__)


class DeleteForm(Form):
    """The password, so that nobody else does it."""

    password = PasswordField(_l("Your password"), [needed(_l("Enter your password"))])


@pages.route("/account/delete", methods=["GET", "POST"])
@login_required
def show() -> ResponseReturnValue:
    """Say what goes with an account, and delete it by its password."""
    form = DeleteForm()
    if not form.validate_on_submit():
        return _page(form)
    answer = delete(
        authentication.runtime().store,
        request_context(),
        wording.me(),
        form.password.data,
        limits.address_block(),
    )
    if isinstance(answer, Deleted):
        visitor_session.leave()
        tell(_("Your account is deleted."))
        return go("start.show")
    return wording.wrong_password(form.password, answer, lambda: _page(form))


def _page(form: DeleteForm) -> Response:
    return page("accounts/delete.html", _("Delete your account"), form=form)
