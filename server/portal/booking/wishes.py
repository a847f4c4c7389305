"""The wish to hear when a service has places: asked and taken back on its calendar."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal import languages, visitor_session
from server.portal.booking.blueprint import pages
from server.portal.pages import find_service
from server.services.booking import wishes
from server.services.office.settings import ServiceView
from server.web.forms import Form
from server.web.pages import go, read, tell, write
from server.web.request_context import request_context


@dataclass(frozen=True, slots=True)
class WishState:
    """What the calendar says of the wish: `form` is None for people who have to log in first."""

    address: str
    form: Form | None
    here: bool = False
    elsewhere: str | None = None


def wish_state(service: ServiceView) -> WishState | None:
    """Return what can be wished for a service that has no places; None where it is not offered."""
    if not wishes.is_offered(service):
        return None
    branch = request_context().branch(service.branch_id)
    address = url_for("book.wish", branch=branch.code, letter=service.letter)
    account = visitor_session.account()
    if account is None:
        return WishState(address, None)
    wished = read(lambda session, _: wishes.wished(session, account.id))
    other = request_context().office.services.get(wished) if wished not in (None, service.id) else None
    elsewhere = None if other is None else other.name(languages.current())
    return WishState(address, Form(), wished == service.id, elsewhere)


@pages.post("/book/<branch>/<letter>/wish")
def wish(branch: str, letter: str) -> ResponseReturnValue:
    """Keep the wish, or forget it."""
    found, service = find_service(branch, letter)
    account = visitor_session.account()
    if account is None:
        calendar = url_for("book.calendar", branch=found.code, letter=service.letter)
        return redirect(url_for("log_in.show", next=calendar), 303)
    if request.form.get("do") == "stop":
        write(lambda session, _: wishes.stop(session, account.id))
        tell(_("We will not write to you about places."))
    else:
        spoken = languages.current()
        write(lambda session, context: wishes.ask(session, context, account.id, service, spoken))
        tell(_("We will write to you once when places come."))
    return go("book.calendar", branch=found.code, letter=service.letter)
