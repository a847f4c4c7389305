"""A newer version of the terms is accepted before anything else."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import door
from server.portal import who
from server.portal.account import said
from server.portal.forms import CheckField, Form, needed
from server.portal.inside import back_here, inner
from server.portal.pages import page, write
from server.services.accounts.registration import accept_terms

# What can be read, and the ways out, stay open to who has not accepted yet.
_OPEN = frozenset(
    {
        *("account_terms", "account_deletion", "account_data", "log_in"),
        *("start", "terms", "privacy", "accessibility", "contact"),
    }
)

pages = Blueprint("account_terms", __name__)


class TermsForm(Form):
    """Whether the terms are accepted."""

    terms = CheckField(
        _l("I have read the terms of booking and accept them"),
        [needed(_l("To go on, read the terms and accept them"))],
    )


@pages.before_app_request
def ask_first() -> ResponseReturnValue | None:
    """Lead who accepted an older version to this page."""
    if request.blueprint is None or request.blueprint in _OPEN or who.session_token() is None:
        return None
    account = who.account()
    if account is None or account.terms_version == door.house().portal.terms_version:
        return None
    return redirect(url_for("account_terms.show", next=back_here()), 303)


@pages.route("/account/terms", methods=["GET", "POST"])
@login_required
def show() -> ResponseReturnValue:
    """Ask whether the terms that hold now are accepted."""
    account, version = said.me(), door.house().portal.terms_version
    there = inner(request.args.get("next")) or url_for("account.show")
    if account.terms_version == version:
        return redirect(there, 303)
    form = TermsForm()
    if form.validate_on_submit():
        write(lambda session, moment: accept_terms(session, moment, account.id, version))
        return redirect(there, 303)
    return page("account/terms.html", _("Our terms have changed"), form=form)
