"""Numbers that kiosks gave while they were alone: what needs a decision, and what came in on this day."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from server.domain.access.roles import Permission
from server.services.queue import offline_conflicts
from server.services.queue.offline_conflicts import Resolution
from server.staff import branches, staff_session
from server.staff.booking.wording import TICKETS
from server.staff.device_names import device_name
from server.staff.permissions import needs, permitted
from server.web.pages import go, page, read, tell, write
from server.web.request_context import request_context
from wire.vocabulary import Conflict

pages = Blueprint("offline", __name__)
_AT = branches.AT + "/offline"
WHY = {
    Conflict.CANCELLED: _l("The visit was cancelled."),
    Conflict.CHECKED_IN_ELSEWHERE: _l("The visitor has another number too; that one counts."),
    Conflict.NOT_ADMITTED: _l("By the rules there was no ticket at that time."),
    Conflict.UNKNOWN_RESERVATION: _l("This branch has no such visit."),
    Conflict.UNKNOWN_SERVICE: _l("There is no such service any more."),
    Conflict.NUMBER_TAKEN: _l("Somebody else has this number."),
}
HOW = {
    Resolution.HAS_NUMBER: _l("has another number"),
    Resolution.NEW_TICKET: _l("was given a new ticket"),
    Resolution.LEFT: _l("is not there any more"),
    Resolution.OTHER: _l("another way"),
}
DONE = {Resolution.LET_WAIT: _l("waits with this number"), **HOW}


@pages.get(_AT)
@needs(Permission.SEE_HALL)
def show() -> ResponseReturnValue:
    """Show the conflicts that are open, and the other numbers of the day."""
    branch, context = branches.here(), request_context()
    return page(
        "queue/offline.html",
        _("Numbers given without the server"),
        found=read(lambda session, context: offline_conflicts.shown(session, context, branch)),
        steers=permitted(Permission.STEER_HALL),
        may_wait=lambda row: offline_conflicts.may_wait(context, branch, row),
        why=WHY,
        how=HOW,
        done=DONE,
        states=TICKETS,
        device_name=device_name,
    )


@pages.post(_AT + "/<int:entry_id>")
@needs(Permission.STEER_HALL)
def resolve(entry_id: int) -> ResponseReturnValue:
    """End a conflict."""
    branch, user_id = branches.here(), staff_session.me().id
    chosen = request.form.get("how", "")
    if chosen not in set(Resolution):
        tell(_("Choose how it ended."))
        return go("offline.show")
    number = write(
        lambda session, context: offline_conflicts.resolve(
            session, context, user_id, branch, entry_id, Resolution(chosen)
        )
    )
    tell(_("%(number)s: the decision is on record.", number=number))
    return go("offline.show")
