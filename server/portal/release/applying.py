"""Applying to a draw on one page without scripts, and withdrawing (rule 10)."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from server.domain.booking import details as rules
from server.domain.booking.details import Days, Details
from server.domain.booking.policy import BookingPolicy
from server.domain.office.hours import day_of
from server.portal import languages
from server.portal.booking import refusals
from server.portal.booking.details_forms import can_text
from server.portal.booking.gates import not_here
from server.portal.booking.stay_wording import stay_warning
from server.portal.booking.steps import sentence
from server.portal.forms import Form
from server.portal.pages import go, page, read, tell, write
from server.portal.release.blueprint import office_of, pages
from server.portal.release.forms import ApplyForm, apply_form
from server.portal.request_context import request_context
from server.services.accounts.account_view import show
from server.services.release import applications, publication
from server.services.release.applications import Applied, NotApplied, Wish
from server.services.release.publication import DrawState, DrawView


class WithdrawForm(Form):
    """A button to withdraw."""


@pages.route("/draws/<draw>/apply", methods=["GET", "POST"])
@login_required
def apply(draw: str) -> ResponseReturnValue:
    """Ask for all that an application needs, and take it."""
    shown = read(lambda session, context: publication.find(session, context, draw))
    branch, service = office_of(shown.service_id)
    if away := not_here(branch, service):
        return away
    mine = read(lambda session, context: applications.mine(session, context, current_user.account.id))
    if shown.state is not DrawState.OPEN or any(each.draw == draw for each in mine):
        return go("release.draw", draw=draw)
    booking = service.policy.booking
    form, warning = apply_form(shown, booking, can_text=can_text()), None
    if form.validate_on_submit():
        told = _checked(form, shown, booking)
        warning = None if told is None else _stay_warning(form, shown, told)
        if told is not None and (warning is None or form.stay_known.data):
            return _take(draw, shown, Wish(current_user.account.id, form.wishes(), told))
    elif not form.is_submitted():
        account = read(lambda session, context: show(session, context, current_user.account))
        form.fill({"email": account.email if account else None})
    return page(
        "release/apply.html", _("Take part in the draw"), form=form, stay_warning=warning, **_about(shown)
    )


@pages.route("/draws/<draw>/withdraw", methods=["GET", "POST"])
@login_required
def withdraw(draw: str) -> ResponseReturnValue:
    """Ask whether the application shall be taken back, and do it."""
    shown = read(lambda session, context: publication.find(session, context, draw))
    mine = read(lambda session, context: applications.mine(session, context, current_user.account.id))
    if not any(each.draw == draw and each.can_withdraw for each in mine):
        return go("release.draw", draw=draw)
    form = WithdrawForm()
    if form.validate_on_submit():
        account_id = current_user.account.id
        if write(lambda session, context: applications.withdraw(session, context, draw, account_id)):
            tell(_("You do not take part in this draw any more. What you told us for it is erased."))
        return go("release.draw", draw=draw)
    return page("release/withdraw.html", _("Withdraw your application"), form=form, **_about(shown))


def _checked(form: ApplyForm, shown: DrawView, booking: BookingPolicy) -> Details | None:
    """Check what was typed by the rules of the service; the sentences stand at their fields."""
    branch, _service = office_of(shown.service_id)
    today = day_of(request_context().now, branch.policy.zone)
    said = form.told() | ({} if booking.activation == "sms" else {"activation": "email"})
    told = rules.check(said, booking, Days(today, shown.first_day))
    if isinstance(told, Details):
        return told
    for field, reason in told.problems.items():
        place = form.place_of(field) or "surname"
        form[place].errors = [*form[place].errors, sentence(field, reason)]
    return None


def _take(draw: str, shown: DrawView, wish: Wish) -> ResponseReturnValue:
    answer = write(lambda session, context: applications.apply(session, context, draw, wish))
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
    return refusals.words_of(answer.reason)


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


def _stay_warning(form: ApplyForm, shown: DrawView, told: Details) -> str | None:
    """Warn when a wish lies behind the end of the legal stay, as a booking does (rule 13)."""
    branch, _service = office_of(shown.service_id)
    today = day_of(request_context().now, branch.policy.zone)
    return stay_warning(told.legal_stay_until, today, form.last_wished_day(shown.last_day))
