"""The report of a month by mail: to whom it goes, what became of the last letters, and a button to try it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from server.api import authentication
from server.domain.access.roles import Permission
from server.domain.statistics.mailing import read_month
from server.services.context import RuleBroken
from server.services.statistics import monthly_letters
from server.services.statistics.monthly_letters import Mailing
from server.staff import branches
from server.staff.permissions import needs
from server.staff.statistics.paper import offered
from server.staff.statistics.values import period_name
from server.web.pages import go, read, tell, write

pages = Blueprint("report_by_mail", __name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """Who gets the report by mail, on which day, and the last letters; `has_mail`: the server sends any."""

    addresses: tuple[str, ...]
    day: int
    mailings: list[Mailing]
    has_mail: bool


def standing() -> Standing:
    """Tell how the reports of the branch at hand go by mail."""
    branch, outside = branches.here(), authentication.runtime().outside
    found = read(lambda session, _context: monthly_letters.mailings(session, branch))
    policy = branch.policy
    has_mail = outside is not None and outside.mailer is not None
    return Standing(policy.report_mail_to, policy.report_mail_day, found, has_mail)


def month_name(code: str) -> str:
    """Write a month that a letter was about."""
    month = read_month(code)
    return period_name(month) if month else code


@pages.post(branches.AT + "/statistics/report-by-mail")
@needs(Permission.SET_UP)
def send() -> ResponseReturnValue:
    """Send the report of a month now, to those who get it each month."""
    branch, month = branches.here(), offered(request.form.get("month", ""))
    if month is None:
        abort(404)
    try:
        count = write(lambda session, context: monthly_letters.send_now(session, context, branch, month))
    except RuleBroken as broken:
        if broken.status != 409:
            raise
        tell(_why(broken, period_name(month)))
    else:
        tell(_told(count, period_name(month)))
    return go("statistics.show")


def _told(count: int, month: str) -> str:
    if not count:
        return _("The report of %(month)s was sent a moment ago already.", month=month)
    return ngettext(
        "The report of %(month)s goes to %(num)s address within a few minutes.",
        "The report of %(month)s goes to %(num)s addresses within a few minutes.",
        count,
        month=month,
    )


def _why(broken: RuleBroken, month: str) -> str:
    if broken.reason == "no_addresses":
        return _("Nothing was sent: the settings name no address for the monthly report.")
    return _("Nothing was sent: the branch has no data from %(month)s or before.", month=month)
