"""The copy of one's data: asked for with the password, given as a file that nobody keeps on the way."""

from __future__ import annotations

import json

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import authentication
from server.portal.accounts import wording
from server.portal.guard import limits
from server.portal.office.purposes import PURPOSES, Purpose
from server.portal.sentences import bare
from server.services.accounts.entry import Wrong, check_own
from server.services.accounts.tries import SlowDown
from server.services.privacy.own_data import Part
from server.services.privacy.own_data import own_data as gather
from server.web.forms import Form, PasswordField, needed
from server.web.pages import page, write
from server.web.request_context import request_context

pages = Blueprint("account_data", __name__)


class DataForm(Form):
    """The password: somebody who finds a logged-in telephone must not read a passport's number."""

    password = PasswordField(_l("Your password"), [needed(_l("Enter your password"))])


@pages.route("/account/data", methods=["GET", "POST"])
@login_required
def show() -> ResponseReturnValue:
    """Say what the copy holds, or give it for the password."""
    form = DataForm()
    if not form.validate_on_submit():
        return _page(form)
    me = wording.me()
    answer = check_own(
        authentication.runtime().store, request_context(), me, form.password.data, limits.address_block()
    )
    if isinstance(answer, Wrong | SlowDown):
        return wording.wrong_password(form.password, answer, lambda: _page(form))
    return _file(write(lambda session, context: gather(session, context, me.id)))


def _page(form: DataForm) -> Response:
    return page("accounts/data.html", _("A copy of your data"), form=form)


def _file(parts: tuple[Part, ...]) -> Response:
    """Write the copy: each part with what it is kept for, in the page's language."""
    told = {
        part.name: {
            "kept_for": [_said(PURPOSES[purpose]) for purpose in part.purposes],
            "data": part.rows,
        }
        for part in parts
    }
    body = json.dumps({"made_at": request_context().now.isoformat(), **told}, ensure_ascii=False, indent=2)
    response = Response(body, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


def _said(purpose: Purpose) -> dict[str, str]:
    return {"what": bare(purpose.what), "why": bare(purpose.why), "until": bare(purpose.kept)}
