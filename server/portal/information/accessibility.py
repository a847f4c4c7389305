"""How far the pages can be used by everybody, and where to turn when they cannot."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.portal.information.foot import Content, add_page
from server.portal.now import this_moment

pages = Blueprint("accessibility", __name__)


def statement_page() -> Content:
    """Tell what was done and what to do when something cannot be used."""
    values = {"branches": list(this_moment().office.branches.values())}
    return Content(_("Accessibility statement"), "information/accessibility.html", values)


add_page(pages, "/accessibility", statement_page)
