"""All branches on one page, for a head office: it follows what happens as the overview of a hall does."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from server.api import authentication
from server.domain.access.roles import Permission
from server.push.stream import ALL_HALLS
from server.services.context import Context
from server.services.office.settings import BranchView
from server.services.queue.views.branches import all_branches
from server.services.store_types import Session
from server.staff import languages, stream
from server.staff.pages import branches_with
from server.staff.permissions import needs
from server.staff.queue import wording
from server.web import compression
from server.web.pages import page, read
from wire.vocabulary import FactType

pages = Blueprint("all_branches", __name__)
# So long all who look share one reading, whatever happens meanwhile; a page asks again for what came later.
_SHARED_FOR = timedelta(seconds=1)


@pages.get("/office/branches")
@needs(Permission.SEE_HALL, somewhere=True)
def show() -> ResponseReturnValue:
    """Show the branches whose halls the reader may see."""
    return page(
        "queue/branches.html",
        _("All branches"),
        live=Markup(_live(timedelta()).html),  # noqa: S704 - a template of ours made it
        stream=f"{stream.ADDRESS}?{urlencode({'topics': ALL_HALLS})}",
        facts=[str(each) for each in FactType],
    )


@pages.get("/office/branches/live")
@needs(Permission.SEE_HALL, somewhere=True)
def live() -> ResponseReturnValue:
    """Give the part of the page that changes, for a page that is open."""
    return _live(_SHARED_FOR).answer()


def _live(shared_for: timedelta) -> compression.Shared:
    """Return what changes of the page; one reading and one writing serve all who see the same branches."""
    seen = [each for each in branches_with(Permission.SEE_HALL) if not each.policy.archived]
    key = ("branches", tuple(each.id for each in seen), languages.current())
    views = authentication.runtime().views

    def work(session: Session, context: Context) -> compression.Shared:
        def make() -> compression.Shared:
            return _written(session, context, seen)

        return views.get(session, context, key, make, good_for=shared_for, rests=bool(shared_for))

    return read(work)


def _written(session: Session, context: Context, seen: list[BranchView]) -> compression.Shared:
    view = all_branches(session, context, seen)
    return compression.Shared(render_template("queue/branches_live.html", view=view, words=wording))
