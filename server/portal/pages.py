"""How a page is made: its template and title in the common frame, what it reads, where it leads next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from server.api import authentication
from server.portal import headers, languages, navigation
from server.portal.request_context import request_context
from server.services.context import Context
from server.services.guard.refusals import refused
from server.services.office.settings import BranchView, ServiceView
from server.services.store_types import Place, Session

T = TypeVar("T")


def join(app: Flask) -> None:
    """Give every template what the frame of a page needs."""
    app.context_processor(_frame)


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
    return runtime.store.write(lambda session: work(session, context))


def _stay() -> None:
    """Go on where one is: nobody waits behind this request."""


def find_service(branch: str, letter: str) -> tuple[BranchView, ServiceView]:
    """Find a service by the words of an address; any other is answered with 404."""
    found = request_context().office.branch_named(branch)
    service = found.services.get(letter) if found else None
    if found is None or service is None:
        abort(404)
    return found, service


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send on to a page after a form was taken (303, so that a reload sends nothing twice)."""
    return redirect(url_for(endpoint, **values), 303)


def note_refusal(reason: str, service: ServiceView | None = None, **data: Any) -> None:
    """Have a refused attempt noted: codes and ids only, nothing that was typed (rule 26)."""
    branch_id = None
    if service is not None:
        branch_id, data = service.branch_id, {"service": service.letter} | data
    refused(authentication.runtime().store, request_context(), reason, branch_id, **data)


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
