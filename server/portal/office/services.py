"""The list of what each branch offers."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from server.portal import navigation
from server.portal.office.service import status
from server.portal.pages import page
from server.portal.request_context import request_context
from server.services.office.settings import ServiceView

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
    branches = [
        (branch, [_listed(each) for each in branch.services.values()])
        for branch in request_context().office.branches.values()
    ]
    return page("office/services.html", _("Services"), branches=branches, has_draws=navigation.has_draws())


def _listed(service: ServiceView) -> Listed:
    branch = request_context().branch(service.branch_id)
    href = url_for("service.show", branch=branch.code, letter=service.letter)
    return Listed(service, href, status(service))
