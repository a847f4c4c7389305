"""The list of what each branch offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from server.portal import navigation
from server.portal.booking.gates import first_free_days
from server.portal.office.service import status
from server.services.office.settings import ServiceView
from server.web.pages import page
from server.web.request_context import request_context

pages = Blueprint("services", __name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """A service in the list of a branch."""

    service: ServiceView
    href: str
    status: str | None


@pages.get("/services")
def listed() -> Response:
    """List what each branch offers, each with a word on whether there are places."""
    office = request_context().office
    days = first_free_days(office.services.values())
    branches = [
        (branch, [_listed(each, days) for each in branch.services.values()])
        for branch in office.branches.values()
    ]
    return page("office/services.html", _("Services"), branches=branches, has_draws=navigation.has_draws())


def _listed(service: ServiceView, days: Mapping[int, date | None]) -> Listed:
    branch = request_context().branch(service.branch_id)
    href = url_for("service.show", branch=branch.code, letter=service.letter)
    return Listed(service, href, status(service, days))
