"""What is done with people's data: by whom, each field with its purpose and its end, and their rights."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _

from server.api import authentication
from server.domain.office.hours import day_of
from server.domain.office.publisher import CLAUSE, Publication
from server.portal.office.page_actions import Content, add_page
from server.portal.office.purposes import purposes
from server.web.request_context import request_context

pages = Blueprint("privacy", __name__)


def privacy_page() -> Content:
    """Tell what is asked, why, who gets it and when it is erased, as the settings have it (GDPR, art. 13)."""
    context = request_context()
    branches = list(context.office.branches.values())
    publisher = context.office.publisher
    clause = publisher.clause(_today())
    values = {
        "branches": branches,
        "publisher": publisher.policy,
        "told": publisher.policy.privacy,
        "clause": clause,
        "others": [each for each in _clauses() if each != clause],
        "purposes": purposes(),
        "erase_days": max((each.policy.erase_after_days for each in branches), default=14),
        "paperless": any(each.policy.paperless_tickets for each in branches),
        "has_line": authentication.runtime().portal.admit_per_second > 0,
        "hold_days": max((each.policy.evidence_hold_days for each in branches), default=90),
    }
    return Content(_("Your data"), "office/privacy.html", values)


def clause_page(version: str) -> Content:
    """Show a version of the office's own information clause."""
    clause = next((each for each in _clauses() if each.version == version), None)
    if clause is None:
        abort(404)
    values = {"clause": clause}
    return Content(_("Information clause"), "office/clause.html", values, url_for("privacy.show"))


def _clauses() -> list[Publication]:
    return [each for each in request_context().office.publisher.versions(CLAUSE) if each.since <= _today()]


def _today() -> date:
    context = request_context()
    zone = next((each.policy.zone for each in context.office.branches.values()), ZoneInfo("Europe/Warsaw"))
    return day_of(context.now, zone)


add_page(pages, "/privacy", privacy_page)
add_page(pages, "/privacy/<version>", clause_page, "earlier_")
