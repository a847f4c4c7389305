"""The verification desk: what is to be verified, the phone log, questions once more, the month's figures."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from server.domain.access.roles import Permission
from server.domain.booking.phone_calls import CallResult
from server.services.booking.desk import verifying
from server.services.context import RuleBroken
from server.staff import branches, staff_session
from server.staff.booking import wording
from server.staff.booking.desk_blueprint import today
from server.staff.permissions import needs
from server.web import times
from server.web.forms import Form, SelectField, needed
from server.web.pages import go, page, tell, write
from server.web.request_context import request_context

pages = Blueprint("verification", __name__)
AT = branches.AT + "/verification"


class CallForm(Form):
    """How a phone call ended."""

    result = SelectField(_l("Result"), [needed(_l("Choose how the call ended"))])

    def offer(self) -> None:
        """Offer the results."""
        self.result.choices = [SelectChoice(*each) for each in wording.CALLS.items()]


@pages.get(AT)
@needs(Permission.VERIFY)
def show() -> ResponseReturnValue:
    """List what is to be verified, by the visit or by the deadline, and the figures of this month."""
    branch, me, day = branches.here(), staff_session.me().id, today()
    found, figures = write(
        lambda session, context: (
            verifying.waiting(session, context, branch, me),
            verifying.figures(session, branch, day.replace(day=1), day),
        )
    )
    order = "deadline" if request.args.get("order") == "deadline" else "visit"
    if order == "deadline":
        found = sorted(found, key=lambda each: each.until)
    return page(
        "booking/verification.html",
        _("Verification"),
        found=found,
        order=order,
        figures=figures,
        words=wording,
        month=day,
    )


@pages.post(AT + "/<int:number>/call")
@needs(Permission.VERIFY)
def phoned(number: int) -> ResponseReturnValue:
    """Note a phone call."""
    form = CallForm()
    form.offer()
    result = form.result.data if form.validate_on_submit() else None
    call_back_at = _instant(request.form.get("call_back_at", ""))
    if result is None or (result == CallResult.CALL_BACK and call_back_at is None):
        tell(_("Nothing was noted: choose how the call ended, and when to call back."))
        return go("desk.one", number=number)
    call = (CallResult(result), call_back_at if result == CallResult.CALL_BACK else None)
    branch_id, me = branches.here().id, staff_session.me().id
    write(lambda session, context: verifying.phoned(session, context, branch_id, number, call, me))
    tell(_("The call is noted."))
    return go("desk.one", number=number)


@pages.post(AT + "/<int:number>/ask")
@needs(Permission.VERIFY)
def ask(number: int) -> ResponseReturnValue:
    """Send the questions once more."""
    branch_id, me = branches.here().id, staff_session.me().id
    try:
        write(lambda session, context: verifying.ask_again(session, context, branch_id, number, me))
    except RuleBroken as broken:
        if broken.status == 404:
            raise
        tell(str(wording.refused(broken.reason)))
        return go("desk.one", number=number)
    tell(_("The questions are on their way, with a new deadline."))
    return go("desk.one", number=number)


def _instant(typed: str) -> datetime | None:
    """Read a day and an hour of the branch's clock that is still to come."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return None
    if at.tzinfo is not None or not times.is_near(at.date()):
        return None
    found = at.replace(tzinfo=branches.here().policy.zone)
    return found if found > request_context().now else None
