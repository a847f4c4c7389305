"""What is done with a visitor's data: each field with its purpose and its end, and the rights they have."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.portal.office.page_actions import Content, add_page
from server.portal.office.purposes import purposes
from server.portal.request_context import request_context

pages = Blueprint("privacy", __name__)


def privacy_page() -> Content:
    """Tell what is asked, why, and when it is erased, as the settings have it."""
    branches = list(request_context().office.branches.values())
    values = {
        "branches": branches,
        "purposes": purposes(),
        "erase_days": max((each.policy.erase_after_days for each in branches), default=14),
        "hold_days": max((each.policy.evidence_hold_days for each in branches), default=90),
    }
    return Content(_("Your data"), "office/privacy.html", values)


add_page(pages, "/privacy", privacy_page)
