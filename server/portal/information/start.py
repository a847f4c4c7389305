"""The start page."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext as _

from server.portal.pages import page

pages = Blueprint("start", __name__)


@pages.get("/")
def show() -> Response:
    """Say what can be done here."""
    return page("information/start.html", _("Book a visit to the office"))
