"""What visitors think: marks by service for some days, and their words for whoever may read them."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.queue import feedback
from server.staff import branches
from server.staff.permissions import needs, permitted
from server.web.pages import page, read
from server.web.request_context import request_context

pages = Blueprint("feedback", __name__)
PERIODS = {"7": _l("7 days"), "30": _l("30 days"), "90": _l("90 days"), "365": _l("365 days")}
_USUAL = "30"


@pages.get(branches.AT + "/feedback")
@needs(Permission.SEE_FEEDBACK)
def show() -> ResponseReturnValue:
    """Show the marks of a period, and what was written."""
    branch = branches.here()
    period = request.args.get("days", _USUAL)
    period = period if period in PERIODS else _USUAL
    last = branch.policy.business_day(request_context().now)
    first = last - timedelta(days=int(period) - 1)
    marks = read(lambda session, context: feedback.by_service(session, context, branch, first, last))
    may_read = permitted(Permission.READ_FEEDBACK)
    said = (
        read(lambda session, context: feedback.words_of(session, context, branch, first, last))
        if may_read
        else ()
    )
    return page(
        "queue/feedback.html",
        _("What visitors think"),
        found=marks,
        marks=feedback.MARKS,
        mean=lambda each: format_decimal(each.mean, "0.0"),
        said=said,
        may_read=may_read,
        is_on=branch.policy.feedback,
        period=period,
        periods=PERIODS,
        kept_days=branch.policy.erase_after_days,
        most=feedback.MOST_WORDS,
    )
