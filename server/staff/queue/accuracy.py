"""The page on which an office sees how true its expected times were."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.domain.queue.accuracy import MOST_MINUTES
from server.services.queue.views.accuracy import DAYS, branch_accuracy
from server.staff import branches
from server.staff.permissions import needs
from server.web.pages import page, read

pages = Blueprint("accuracy", __name__)


@pages.get(branches.AT + "/expected-times")
@needs(Permission.SEE_RULES)
def show() -> ResponseReturnValue:
    """Show what came of the times that slips told."""
    branch = branches.here()
    found = read(lambda session, context: branch_accuracy(session, context, branch))
    return page(
        "queue/accuracy.html",
        _("How true the expected times were"),
        found=found,
        days=DAYS,
        near=MOST_MINUTES,
    )
