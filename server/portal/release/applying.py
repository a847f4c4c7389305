"""Somebody takes part in a draw, on one page without scripts; and takes it back (rule 10)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from server.api import door
from server.domain import details as rules
from server.domain.booking import BookingPolicy
from server.domain.details import Days, Details
from server.domain.hours import day_of
from server.portal import languages
from server.portal.booking import refused
from server.portal.booking.gates import not_here
from server.portal.booking.said import sentence
from server.portal.forms import Form
from server.portal.now import this_moment
from server.portal.pages import go, page, read, tell, write
from server.portal.release.forms import ApplyForm, apply_form
from server.portal.release.ways import office_of, pages
from server.services.accounts.shown import show
from server.services.release import applying, published
from server.services.release.applying import Applied, NotApplied, Wish
from server.services.release.published import DrawState, DrawView


class WithdrawForm(Form):
    """A button to withdraw."""


@pages.route("/draws/<draw>/apply", methods=["GET", "POST"])
@login_required
def apply(draw: str) -> ResponseReturnValue:
    """Ask for all that an application needs, and take it."""
    shown = read(lambda session, moment: published.find(session, moment, draw))
    branch, service = office_of(shown.service_id)
    if away := not_here(branch, service):
        return away
    mine = read(lambda session, moment: applying.mine(session, moment, current_user.account.id))
    if shown.state is not DrawState.OPEN or any(each.draw == draw for each in mine):
        return go("release.draw", draw=draw)
    booking = service.policy.booking
    form = apply_form(shown, booking, can_text=_can_text())
    if form.validate_on_submit():
        told = _checked(form, shown, booking)
        if told is not None:
            return _take(draw, shown, Wish(current_user.account.id, form.wishes(), told))
    elif not form.is_submitted():
        account = read(lambda session, moment: show(session, moment, current_user.account))
        form.fill({"email": account.email if account else None})
    return page("release/apply.html", _("Take part in the draw"), form=form, **_about(shown))


@pages.route("/draws/<draw>/withdraw", methods=["GET", "POST"])
@login_required
def withdraw(draw: str) -> ResponseReturnValue:
    """Ask whether the application shall be taken back, and do it."""
    shown = read(lambda session, moment: published.find(session, moment, draw))
    mine = read(lambda session, moment: applying.mine(session, moment, current_user.account.id))
    if not any(each.draw == draw and each.can_withdraw for each in mine):
        return go("release.draw", draw=draw)
    form = WithdrawForm()
    if form.validate_on_submit():
        account_id = current_user.account.id
        if write(lambda session, moment: applying.withdraw(session, moment, draw, account_id)):
            tell(_("You do not take part in this draw any more. What you told us for it is erased."))
        return go("release.draw", draw=draw)
    return page("release/withdraw.html", _("Withdraw your application"), form=form, **_about(shown))


def _checked(form: ApplyForm, shown: DrawView, booking: BookingPolicy) -> Details | None:
    """Check what was typed by the rules of the service; the sentences stand at their fields."""
    branch, _service = office_of(shown.service_id)
    today = day_of(this_moment().now, branch.policy.zone)
    said = form.told() | ({} if booking.activation == "sms" else {"activation": "email"})
    told = rules.check(said, booking, Days(today, shown.first_day))
    if isinstance(told, Details):
        return told
    for field, reason in told.problems.items():
        place = form.place_of(field) or "surname"
        form[place].errors = [*form[place].errors, sentence(field, reason)]
    return None


def _take(draw: str, shown: DrawView, wish: Wish) -> ResponseReturnValue:
    answer = write(lambda session, moment: applying.apply(session, moment, draw, wish))
    if isinstance(answer, Applied):
        tell(_("You take part in the draw. We have sent you a message with your line."))
        return go("release.draw", draw=draw)
    title, text = _why_not(answer)
    return page("release/not_applied.html", title, status=409, text=text, **_about(shown))


def _why_not(answer: NotApplied) -> tuple[str, str]:
    if answer.reason == "window_closed":
        return _("The time to apply is over"), _("You can take part in the next draw.")
    if answer.reason == "already_applied":
        return (
            _("This person takes part already"),
            _("Everybody can apply once to a draw: with one account, one name and one document."),
        )
    return refused.words_of(answer.reason)


def _about(shown: DrawView) -> dict[str, Any]:
    branch, service = office_of(shown.service_id)
    return {
        "draw": shown,
        "branch": branch,
        "service": service,
        "name": service.name(languages.current()),
        "zone": branch.policy.zone,
        "rules": service.policy.booking,
    }


def _can_text() -> bool:
    outside = door.house().outside
    return outside is not None and outside.texter is not None
