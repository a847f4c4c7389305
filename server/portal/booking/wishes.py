"""The wish to hear when a service has places: asked and taken back on its calendar."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from server.portal import languages, who
from server.portal.booking.ways import pages
from server.portal.forms import Form
from server.portal.now import this_moment
from server.portal.pages import find_service, go, read, tell, write
from server.services.booking import wishes
from server.services.office import ServiceView


@dataclass(frozen=True, slots=True)
class WishState:
    """What the calendar says of the wish: `form` None for who has to log in first."""

    address: str
    form: Form | None
    here: bool = False
    elsewhere: str | None = None


def wish_state(service: ServiceView) -> WishState | None:
    """Return what can be wished for a service that has no places; None where it is not offered."""
    if not wishes.is_offered(service):
        return None
    branch = this_moment().branch(service.branch_id)
    address = url_for("book.wish", branch=branch.code, letter=service.letter)
    account = who.account()
    if account is None:
        return WishState(address, None)
    wished = read(lambda session, _: wishes.wished(session, account.id))
    other = this_moment().office.services.get(wished) if wished not in (None, service.id) else None
    elsewhere = None if other is None else other.name(languages.current())
    return WishState(address, Form(), wished == service.id, elsewhere)


@pages.post("/book/<branch>/<letter>/wish")
def wish(branch: str, letter: str) -> ResponseReturnValue:
    """Keep the wish, or forget it."""
    found, service = find_service(branch, letter)
    account = who.account()
    if account is None:
        calendar = url_for("book.calendar", branch=found.code, letter=service.letter)
        return redirect(url_for("log_in.show", next=calendar), 303)
    if request.form.get("do") == "stop":
        write(lambda session, _: wishes.stop(session, account.id))
        tell(_("We will not write to you about places."))
    else:
        spoken = languages.current()
        write(lambda session, moment: wishes.ask(session, moment, account.id, service, spoken))
        tell(_("We will write to you once when places come."))
    return go("book.calendar", branch=found.code, letter=service.letter)
