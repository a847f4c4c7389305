"""Taking part in a draw, changing that and taking it back: the pages of a draft ask what is needed (rule 10)."""

from __future__ import annotations

from typing import Any

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from server.portal import languages
from server.portal.booking.gates import not_here
from server.portal.booking.own_draft import find
from server.portal.booking.reservations.own_reservation import owner
from server.portal.pages import note_refusal
from server.portal.release.blueprint import office_of, pages
from server.services.release import applications, applying, publication
from server.services.release.applications import NotApplied
from server.services.release.publication import DrawState, DrawView
from server.web.forms import Form
from server.web.pages import go, page, read, tell, write


class WithdrawForm(Form):
    """A button to withdraw."""


@pages.route("/draws/<draw>/entry", methods=["GET", "POST"])
@login_required
def entry(draw: str) -> ResponseReturnValue:
    """Begin an application or a change of it; by a link, as letters have it, show it after the log-in."""
    shown = read(lambda session, context: publication.find(session, context, draw))
    if away := not_here(*office_of(shown.service_id)):
        return away
    form = Form()
    if not form.validate_on_submit() or shown.state is not DrawState.OPEN:
        return go("release.draw", draw=draw)
    asks = owner()
    token = write(lambda session, context: applying.begin(session, context, asks, draw))
    return find(token).next_page()


@pages.post("/book/draft/<token>/entry")
@login_required
def send(token: str) -> ResponseReturnValue:
    """Take part with the answers of a draft, or change one's application to them."""
    own = find(token)
    if away := own.elsewhere("check"):
        return away
    if own.draw is None or own.missing:
        return own.next_page()
    asks = owner()
    answer = write(lambda session, context: applying.send(session, context, asks, token))
    if isinstance(answer, NotApplied):
        note_refusal(answer.reason, own.service, draw=own.draw.public_id, account=asks.account_id)
        return go("book.refused", token=token, why=answer.reason)
    if own.entry is None:
        tell(_("You take part in the draw. We have sent you a message with your entry number."))
    else:
        tell(_("Your application is saved. Your entry number stays the same."))
    return redirect(own.calendar, 303)


@pages.route("/draws/<draw>/withdraw", methods=["GET", "POST"])
@login_required
def withdraw(draw: str) -> ResponseReturnValue:
    """Ask whether the application shall be taken back, and do it."""
    account_id = current_user.account.id
    shown = read(lambda session, context: publication.find(session, context, draw))
    mine = read(lambda session, context: applications.mine_in(session, context, account_id, draw))
    if mine is None or not mine.is_open:
        return go("release.draw", draw=draw)
    form = WithdrawForm()
    if form.validate_on_submit():
        if write(lambda session, context: applications.withdraw(session, context, draw, account_id)):
            tell(_("You do not take part in this draw any more. What you told us for it is erased."))
        return go("release.draw", draw=draw)
    return page("release/withdraw.html", _("Withdraw your application"), form=form, **_about(shown))


def _about(shown: DrawView) -> dict[str, Any]:
    branch, service = office_of(shown.service_id)
    return {
        "draw": shown,
        "branch": branch,
        "service": service,
        "name": service.name(languages.current()),
        "zone": branch.policy.zone,
    }
