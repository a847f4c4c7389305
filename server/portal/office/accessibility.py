"""How far the pages can be used by everybody, as the act of 4 April 2019 wants it stated."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from server.api import authentication
from server.portal.office.page_actions import Content, add_page
from server.web.request_context import request_context

pages = Blueprint("accessibility", __name__)


def statement_page() -> Content:
    """State what the office says of its pages; the ids are those of the technical conditions, version 2.0."""
    publisher = request_context().office.publisher.policy
    values = {
        "publisher": publisher,
        "stated": publisher.accessibility,
        "address": authentication.runtime().public_url,
    }
    return Content(_("Accessibility statement"), "office/accessibility.html", values)


add_page(pages, "/accessibility", statement_page)
