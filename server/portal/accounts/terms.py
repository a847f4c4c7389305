"""A newer version of the terms is accepted before anything else."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from server.api import authentication
from server.portal import visitor_session
from server.portal.accounts import wording
from server.services.accounts.registration import accept_terms
from server.web.forms import CheckField, Form, needed
from server.web.pages import page, write
from server.web.safe_redirects import back_here, inner

# What can be read, and the ways out, stay open to people who have not accepted yet.
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
    """Redirect people who accepted an older version to this page."""
    if request.blueprint is None or request.blueprint in _OPEN or visitor_session.session_token() is None:
        return None
    account = visitor_session.account()
    if account is None or account.terms_version == authentication.runtime().portal.terms_version:
        return None
    return redirect(url_for("account_terms.show", next=back_here()), 303)


@pages.route("/account/terms", methods=["GET", "POST"])
@login_required
def show() -> ResponseReturnValue:
    """Ask whether the terms that hold now are accepted."""
    account, version = wording.me(), authentication.runtime().portal.terms_version
    there = inner(request.args.get("next")) or url_for("account.show")
    if account.terms_version == version:
        return redirect(there, 303)
    form = TermsForm()
    if form.validate_on_submit():
        write(lambda session, context: accept_terms(session, context, account.id, version))
        return redirect(there, 303)
    return page("accounts/terms.html", _("Our terms have changed"), form=form)
