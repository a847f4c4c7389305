"""A day is closed after all: how many visits stand on it, and after a yes everybody is told."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from server.api import authentication
from server.domain.access.roles import Permission
from server.services.booking.desk import closing
from server.services.context import RuleBroken
from server.staff import branches, staff_session
from server.staff.booking.desk_blueprint import AT, pages, read_day, today
from server.staff.permissions import needs
from server.web.forms import Form
from server.web.pages import go, page, read, tell, write


class CloseForm(Form):
    """A yes."""


@pages.route(AT + "/close", methods=["GET", "POST"])
@needs(Permission.CLOSE_DAY)
def close() -> ResponseReturnValue:
    """Show who is concerned when a day is closed, and after a yes close it and tell everybody."""
    branch, me, form = branches.here(), staff_session.me().id, CloseForm()
    day = read_day(request.values.get("day"), today())
    if day < today():
        raise RuleBroken(409, "day_over")
    if form.validate_on_submit():
        write(lambda session, context: closing.close(session, context, branch, day, me))
        authentication.runtime().office.forget()
        told = 0
        while some := write(lambda session, context: closing.cancel_some(session, context, branch, day, me)):
            told += some
        tell(
            ngettext(
                "The day is closed. %(num)s visit is cancelled.",
                "The day is closed. %(num)s visits are cancelled.",
                told,
            )
        )
        return go("desk.show", day=day.isoformat())
    concerned = read(lambda session, context: closing.concerned(session, context, branch, day))
    return page("booking/close.html", _("Close a day"), form=form, day=day, concerned=concerned)
