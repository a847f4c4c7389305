"""The page on which a person of the staff begins."""

from __future__ import annotations

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.staff import pages as frame
from server.staff.permissions import needs, permitted
from server.web.pages import go, page
from server.web.request_context import request_context

pages = Blueprint("start", __name__)


@pages.get("/")
@needs(Permission.OWN)
def show() -> ResponseReturnValue:
    """Lead to the first page of the only branch (of none, to the first steps), or let the reader choose."""
    found = frame.own_branches()
    if not request_context().office.branches and permitted(Permission.SET_UP_OFFICE):
        return go("set_up.add_branch")
    if len(found) == 1 and (address := frame.first_way(found[0])) is not None:
        return redirect(address, 303)
    return page("start.html", _("Branches"), found=[(branch, frame.first_way(branch)) for branch in found])
