"""The end of an account, on its owner's wish."""

from __future__ import annotations

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import door
from server.portal import limits, who
from server.portal.account import said
from server.portal.forms import Form, PasswordField, needed
from server.portal.now import this_moment
from server.portal.pages import go, page, tell
from server.services.accounts.deletion import Deleted, delete
from server.services.accounts.tries import SlowDown

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
    answer = delete(door.house().store, this_moment(), said.me(), form.password.data, limits.address_block())
    if isinstance(answer, Deleted):
        who.leave()
        tell(_("Your account is deleted."))
        return go("start.show")
    if isinstance(answer, SlowDown):
        said.mistake(form.password, said.slow_down(answer))
        return said.slowed(_page(form), answer)
    said.mistake(form.password, _("This is not your password"))
    return _page(form)


def _page(form: DeleteForm) -> Response:
    return page("account/delete.html", _("Delete your account"), form=form)
