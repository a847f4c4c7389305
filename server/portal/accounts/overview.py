"""One's account and where it is logged in."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from server.domain.guard.agents import Agent
from server.portal import navigation, visitor_session
from server.portal.accounts import wording
from server.services.accounts import sessions as sessions_of
from server.services.accounts.account_view import show as show_account
from server.web.forms import Form
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context

pages = Blueprint("account", __name__)

_LONGEST_ID = 18


class EndForm(Form):
    """Buttons that end sessions."""


@pages.get("/account")
@login_required
def show() -> ResponseReturnValue:
    """Show what is kept about an account, and what can be done with it."""
    account = wording.me()
    shown = read(lambda session, context: show_account(session, context, account))
    if shown is None:
        return go("log_in.show")
    has_data_page = navigation.has_page("account_data.show")
    return page(
        "accounts/show.html", _("My account"), account=shown, zone=_zone(), has_data_page=has_data_page
    )


@pages.route("/account/sessions", methods=["GET", "POST"])
@login_required
def sessions() -> ResponseReturnValue:
    """List where the account is logged in, and end what its owner does not know."""
    form = EndForm()
    if form.validate_on_submit():
        _end(request.form.get("which", ""))
        return go("account.sessions")
    account = wording.me()
    listed = read(
        lambda session, context: sessions_of.sessions(
            session, context, account, visitor_session.session_limits()
        )
    )
    shown = [(each, agent_name(each.agent)) for each in listed]
    return _sessions_page(form, shown)


def agent_name(agent: Agent) -> str:
    """Say in words which browser it is: Firefox on Android."""
    if agent.browser and agent.system:
        return _("%(browser)s on %(system)s", browser=agent.browser, system=agent.system)
    return agent.browser or agent.system or _("Unknown browser")


def _sessions_page(form: EndForm, shown: list[tuple[sessions_of.SessionShown, str]]) -> Response:
    title = _("Where you are logged in")
    return page("accounts/sessions.html", title, form=form, sessions=shown, zone=_zone())


def _end(which: str) -> None:
    """End one session, or all others; what is ended already is no mistake."""
    account = wording.me()
    if which == "others":
        write(lambda session, context: sessions_of.end_others(session, context, account))
        tell(_("You are logged out everywhere else."))
    elif which.isascii() and which.isdigit() and len(which) <= _LONGEST_ID:
        row_id = int(which)
        if row_id != account.session_id:
            write(lambda session, context: sessions_of.end_session(session, context, account, row_id))
        tell(_("That session is ended."))


def _zone() -> ZoneInfo:
    """Return the zone in which a person reads times that belong to no branch: the first branch's."""
    branches = request_context().office.branches.values()
    return next((branch.policy.zone for branch in branches), ZoneInfo("Europe/Warsaw"))
