"""A counter in the browser: the ticket in hand, who waits, and what its clerk may do now."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.domain.access.roles import Permission
from server.services.queue.views.counter import as_of
from server.staff import branches
from server.staff.permissions import before_proof, needs, signs_in_at
from server.staff.queue import counter_desk, counter_entry
from server.web.pages import page, read

pages = Blueprint("counter", __name__)


@pages.get(branches.AT + "/counter")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def show() -> ResponseReturnValue:
    """Show the counter; a browser that is none is asked for its code, a clerk who is not there sits down."""
    if counter_entry.place() is None:
        return counter_entry.ask_for_code()
    clerk = counter_desk.clerk()
    if clerk is None:
        return counter_entry.ask_to_sit_down()
    title = _("Counter %(number)s", number=clerk.device.counter)
    return page("queue/counter.html", title, **counter_desk.values(clerk))


@pages.get(branches.AT + "/counter/live")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def live() -> ResponseReturnValue:
    """Show the part of the page that lives (nothing for who saw all); without a sign-in, lead there."""
    clerk = counter_desk.clerk()
    if clerk is None:
        return counter_desk.leave_page()
    seen = request.args.get("seen", "")
    if seen.isdigit() and seen == str(read(lambda session, context: as_of(session))):
        return "", 204
    return counter_desk.part(clerk)


@pages.get(branches.AT + "/counter/strip")
@needs(Permission.SERVE)
@before_proof
@signs_in_at("counter_entry.sign_in")
def strip() -> ResponseReturnValue:
    """Show the counter as a strip, for a small window that stays in sight."""
    clerk = counter_desk.clerk()
    if clerk is None:
        return counter_desk.leave_page()
    title = _("Counter %(number)s", number=clerk.device.counter)
    values = counter_desk.values(clerk, is_strip=True)
    return page("queue/counter_strip.html", title, **values)
