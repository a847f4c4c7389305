"""How a page is made: its template and title in the common frame, what it reads, where it leads next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from server.api import door
from server.portal import headers, languages, navigation
from server.portal.now import this_moment
from server.services.moment import Moment
from server.services.office import BranchView, ServiceView
from server.services.work import Place, Session

T = TypeVar("T")


def join(app: Flask) -> None:
    """Give every template what the frame of a page needs."""
    app.context_processor(_frame)


def page(
    template: str, title: str, *, form: FlaskForm | None = None, status: int = 200, **values: object
) -> Response:
    """Make a page: `title` is its heading too; with mistakes in `form` it says so first.

    Templates extend `frame.html`, and get `title`, `form` and the values.
    """
    errors = bool(form is not None and form.errors)
    tab = _("Error: %(title)s", title=title) if errors else title
    html = render_template(template, title=title, tab=tab, form=form, **values)
    return make_response(html, 422 if errors and status == 200 else status)


def read(work: Callable[[Session, Moment], T]) -> T:
    """Read from the store with the circumstances of now."""
    house = door.house()
    moment = this_moment()
    return house.store.read(lambda session: work(session, moment))


def look(work: Callable[[Place, Moment], T]) -> T:
    """Look at the store by a hot statement with the circumstances of now: for what thousands ask at once."""
    house = door.house()
    moment = this_moment()
    return house.store.look(lambda place: work(place, moment))


def write(work: Callable[[Session, Moment], T]) -> T:
    """Run a use case as one transaction with the circumstances of now."""
    house = door.house()
    moment = this_moment()
    # In a rush others go on while this request waits for its commit.
    request.environ.get("numerek.aside", _stay)()
    return house.store.write(lambda session: work(session, moment))


def _stay() -> None:
    """Go on where one is: nobody waits behind this request."""


def find_service(branch: str, letter: str) -> tuple[BranchView, ServiceView]:
    """Find a service by the words of an address; any other is answered with 404."""
    found = this_moment().office.branch_named(branch)
    service = found.services.get(letter) if found else None
    if found is None or service is None:
        abort(404)
    return found, service


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send on to a page after a form was taken (303, so that a reload sends nothing twice)."""
    return redirect(url_for(endpoint, **values), 303)


def tell(text: str) -> None:
    """Have the next page begin with a sentence on what was done; nothing personal may be in it."""
    flash(text)


def _frame() -> dict[str, object]:
    """Return what the frame shows around each page."""
    return {
        "language": languages.current(),
        "languages": languages.own_names(),
        "in_language": languages.this_page_in,
        "nonce": headers.nonce,
        "office_name": navigation.office_name,
        "navigation": navigation.items,
        "footer": navigation.footer,
    }
