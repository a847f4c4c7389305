"""The overview of a hall: a page that follows what happens, and the part of it that comes anew."""

from __future__ import annotations

import secrets
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.context import Context
from server.services.office.settings import HallView
from server.services.queue.views import hall_reading
from server.services.queue.views.hall import Ahead, AheadShown
from server.services.store_types import Session
from server.staff import branches, languages, stream
from server.staff.permissions import needs, permitted
from server.staff.queue import wording
from server.staff.queue.chart import draw
from server.web import compression
from server.web.pages import page, read
from wire.vocabulary import FactType

pages = Blueprint("hall", __name__)
AT = branches.AT + "/hall"
"""Where the pages of the halls are."""
# So long all who look share one reading, whatever happens meanwhile; a page asks again for what came later.
_SHARED_FOR = timedelta(milliseconds=200)
_DAY_SHARED_FOR = timedelta(seconds=30)
# What is shared has no token of a form: each reader's own is put in its place.
_TOKEN = f"token-{secrets.token_hex(12)}"
_WIDE, _NARROW = (1296, 250), (330, 220)


@pages.get(AT)
@needs(Permission.SEE_HALL)
def show() -> ResponseReturnValue:
    """Show the first hall of the branch."""
    halls = list(branches.here().halls.values())
    if not halls:
        return page("queue/no_hall.html", _("Hall"))
    return _page(halls[0])


@pages.get(AT + "/<hall>")
@needs(Permission.SEE_HALL)
def one(hall: str) -> ResponseReturnValue:
    """Show one of several halls."""
    return _page(hall_named(hall))


@pages.get(AT + "/<hall>/live")
@needs(Permission.SEE_HALL)
def live(hall: str) -> ResponseReturnValue:
    """Give the part of the page that changes, for a page that is open.

    All who look get the same bytes, packed once; the token for the reader's forms is in a header.
    """
    answer = _live(hall_named(hall), _SHARED_FOR).answer()
    answer.headers["X-CSRFToken"] = generate_csrf()
    return answer


def hall_named(code: str) -> HallView:
    """Return a hall of the branch; 404 for one that is not there."""
    found = branches.here().halls.get(code)
    if found is None:
        abort(404)
    hall: HallView = found
    return hall


def _page(hall: HallView) -> ResponseReturnValue:
    return page(
        "queue/hall.html",
        hall.name,
        hall=hall,
        halls=list(branches.here().halls.values()),
        live=Markup(_live(hall).html.replace(_TOKEN, generate_csrf())),  # noqa: S704 - a template of ours made it
        stream=f"{stream.ADDRESS}?{urlencode({'branch': branches.here().code, 'topics': f'hall:{hall.code}'})}",
        facts=[str(each) for each in FactType],
    )


def _live(hall: HallView, shared_for: timedelta = timedelta()) -> compression.Shared:
    """Return what changes of the page; one reading and one writing serve all who look with the same rights.

    A whole page knows all that has happened: its reader may just have done it.
    """
    rights = permitted(Permission.STEER_HALL), permitted(Permission.SET_UP)
    language = languages.current()
    views = authentication.runtime().views

    def work(session: Session, context: Context) -> compression.Shared:
        ahead = hall_reading.ahead(session, context, hall)
        # What was being worked out and is there now makes the view anew.
        key = "hall", hall.id, language, *rights, ahead.state is Ahead.BEING_MADE

        def make() -> compression.Shared:
            return _written(session, context, hall, ahead)

        return views.get(session, context, key, make, good_for=shared_for, rests=bool(shared_for))

    return read(work)


def _written(session: Session, context: Context, hall: HallView, ahead: AheadShown) -> compression.Shared:
    views = authentication.runtime().views
    day = views.get(
        session,
        context,
        ("day", hall.id),
        lambda: hall_reading.day(session, context, hall),
        good_for=_DAY_SHARED_FOR,
    )
    zone = context.branch(hall.branch_id).policy.zone
    html = render_template(
        "queue/live.html",
        hall=hall,
        steers=permitted(Permission.STEER_HALL),
        sets_up=permitted(Permission.SET_UP),
        view=hall_reading.overview(session, context, hall),
        day=day,
        ahead=ahead,
        charts=tuple(draw(day, ahead.points, ahead.too_late, zone, *size) for size in (_WIDE, _NARROW)),
        words=wording,
        token=_TOKEN,
    )
    return compression.Shared(html)
