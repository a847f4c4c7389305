"""What is done with a visitor's data: each field with its purpose and its end, and the rights they have."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.portal.information.foot import Content, add_page
from server.portal.information.purposes import purposes
from server.portal.now import this_moment

pages = Blueprint("privacy", __name__)


def privacy_page() -> Content:
    """Tell what is asked, why, and when it is erased, as the settings have it."""
    branches = list(this_moment().office.branches.values())
    values = {
        "branches": branches,
        "purposes": purposes(),
        "erase_days": max((each.policy.erase_after_days for each in branches), default=14),
        "hold_days": max((each.policy.evidence_hold_days for each in branches), default=90),
    }
    return Content(_("Your data"), "information/privacy.html", values)


add_page(pages, "/privacy", privacy_page)
