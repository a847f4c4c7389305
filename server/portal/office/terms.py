"""The terms of booking, in a version that an account accepts."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.api import authentication
from server.portal.office.page_actions import Content, add_page

pages = Blueprint("terms", __name__)


def terms_page() -> Content:
    """Tell the terms that hold now."""
    values = {"version": authentication.runtime().portal.terms_version}
    return Content(_("Terms of booking"), "office/terms.html", values)


add_page(pages, "/terms", terms_page)
