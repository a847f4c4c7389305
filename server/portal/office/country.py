"""A clear page for those whose address is not from where one may book (rule 8)."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from server.api import authentication
from server.portal import languages
from server.services.office.settings import BranchView
from server.web.pages import page
from server.web.request_context import request_context

pages = Blueprint("country", __name__)


@pages.get("/country")
def show() -> Response:
    """Say from where one may book, whom to call otherwise, and how old the table of addresses is."""
    office = request_context().office
    named = office.branch_named(request.args.get("branch", ""))
    branches = [named] if named else list(office.branches.values())
    outside = authentication.runtime().outside
    return page(
        "office/country.html",
        _("Booking on the web is not possible from where you are"),
        branches=branches,
        countries=country_names(branches),
        as_of=None if outside is None else outside.countries.as_of,
    )


def country_names(branches: list[BranchView]) -> list[str]:
    """Name the countries from which one may book, in the page's language; none where the office sets no limit."""
    codes = dict.fromkeys(code for branch in branches for code in branch.policy.booking_countries)
    names = languages.locale().territories
    return [names.get(code, code) for code in codes]
