"""The start page."""

from __future__ import annotations

from flask import Blueprint, Response
from flask_babel import gettext as _

from server.portal.office.country import country_names
from server.portal.pages import kept
from server.web.pages import page
from server.web.request_context import request_context

pages = Blueprint("start", __name__)


@pages.get("/")
def show() -> Response:
    """Say what can be done here."""
    return kept(_start)


def _start() -> Response:
    branches = list(request_context().office.branches.values())
    return page(
        "office/start.html",
        _("Book a visit to the office"),
        lead_minutes=max((each.longest_lead_minutes for each in branches), default=15),
        branches=branches,
        countries=", ".join(country_names(branches)),
    )
