"""How a page is made: its template and title, what it reads and writes, where it leads next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from server.api import authentication
from server.services.context import Context
from server.services.store_types import Place, Session
from server.web.request_context import request_context

T = TypeVar("T")
SEEN = "seen"
"""The name in the cookie of how far the database had come when this browser last wrote."""


def page(
    template: str,
    title: str,
    *,
    tab: str | None = None,
    form: FlaskForm | None = None,
    status: int = 200,
    **values: object,
) -> Response:
    """Make a page: `title` is its heading, and the browser's tab says it too unless `tab` says more.

    With mistakes in `form` the tab says so first.

    Templates extend `frame.html`, and get `title`, `form` and the values.
    """
    errors = bool(form is not None and form.errors)
    tab = _("Error: %(title)s", title=title) if errors else tab or title
    html = render_template(template, title=title, tab=tab, form=form, **values)
    return make_response(html, 422 if errors and status == 200 else status)


def read(work: Callable[[Session, Context], T]) -> T:
    """Read from the store with the circumstances of now."""
    runtime = authentication.runtime()
    context = request_context()
    return runtime.store.read(lambda session: work(session, context))


def read_recent(work: Callable[[Session, Context], T]) -> T:
    """Read what may be some seconds old, but not older than what this browser wrote or was told."""
    runtime = authentication.runtime()
    context = request_context()
    since = 0 if runtime.store.replica is None else session.get(SEEN, 0)
    return runtime.store.read_recent(lambda place: work(place, context), since)


def look(work: Callable[[Place, Context], T]) -> T:
    """Look at the store by a hot statement with the circumstances of now: for what thousands ask at once."""
    runtime = authentication.runtime()
    context = request_context()
    return runtime.store.look(lambda place: work(place, context))


def write(work: Callable[[Session, Context], T]) -> T:
    """Run a use case as one transaction with the circumstances of now."""
    runtime = authentication.runtime()
    context = request_context()
    # In a rush others go on while this request waits for its commit.
    request.environ.get("numerek.aside", _stay)()
    written = runtime.store.write(lambda session: work(session, context))
    remember()
    return written


def remember() -> None:
    """Have this browser see nothing from now on that is older than now."""
    if position := authentication.runtime().store.position():
        session[SEEN] = position


def _stay() -> None:
    """Go on where one is: nobody waits behind this request."""


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send on to a page after a form was taken (303, so that a reload sends nothing twice)."""
    return redirect(url_for(endpoint, **values), 303)


def tell(text: str) -> None:
    """Have the next page begin with a sentence on what was done; nothing personal may be in it."""
    flash(text)
