"""How far the pages can be used by everybody, and where to turn when they cannot."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.portal.office.page_actions import Content, add_page
from server.portal.request_context import request_context

pages = Blueprint("accessibility", __name__)


def statement_page() -> Content:
    """Tell what was done and what to do when something cannot be used."""
    values = {"branches": list(request_context().office.branches.values())}
    return Content(_("Accessibility statement"), "office/accessibility.html", values)


add_page(pages, "/accessibility", statement_page)
