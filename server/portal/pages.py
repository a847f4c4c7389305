"""What every page of the portal stands in, which service an address means, and refusals that are noted."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from flask import Flask, Response, abort, current_app, g, make_response, render_template, request, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from server.api import authentication
from server.portal import languages, navigation
from server.services.guard.refusals import refused
from server.services.office.settings import BranchView, ServiceView
from server.web import headers
from server.web.compression import TOKEN, Parted, token_of_the_form
from server.web.kept import Kept
from server.web.request_context import request_context

# Stands for the page's own address where a part of the frame is kept.
_REST = "~rest~"
_KEPT_FRAMES, _KEPT_PAGES = "numerek_kept_frames", "numerek_kept_pages"
_MOST_FRAMES, _MOST_PAGES = 500, 300
# Begins the words that stand for what is a visitor's own, ten digits each, since addresses have numbers in them;
# nobody can know it, so no text has it.
_OWN = str(10_000_000 + secrets.randbelow(90_000_000))


def join(app: Flask) -> None:
    """Give every template what the frame of a page needs."""
    app.extensions[_KEPT_FRAMES] = Kept(_MOST_FRAMES)
    app.extensions[_KEPT_PAGES] = Kept(_MOST_PAGES)
    app.context_processor(_frame)


def kept(make: Callable[[], Response], *depends_on: Hashable) -> Response:
    """Answer with what `make` made before for others who see the same, as long as it can be so.

    Beside the address, the log-in, the office and the minute a page may depend only on what `depends_on` names,
    and nothing personal may be in it. The token of its form is put in for each visitor. Who is not logged in may
    keep a page without a form, and is told when it is still the same (304).
    """
    if request.query_string or "_flashes" in session:
        return make()
    context, is_known = request_context(), current_user.is_authenticated
    key = (request.path, is_known, context.now.replace(second=0, microsecond=0), *depends_on)
    pages: Kept = current_app.extensions[_KEPT_PAGES]
    found = pages.get(context.office, key, lambda: _parted(make(), {}))
    return _answer(found, {}, is_known=is_known)


def kept_around(
    own: Mapping[str, str], make: Callable[[Mapping[str, str]], Response], *depends_on: Hashable
) -> Response:
    """Answer with what `make` made before for others, around what is this visitor's own.

    `make` is given a word for each thing of `own` that is not empty, to put it where the thing belongs; what is
    Markup goes in as it is. Beside the kind of the page, its language, the log-in and the office all else may
    depend only on what `depends_on` names: not on the time, and on nothing personal.
    """
    own = {**own, "rest": languages.rest_of_the_address()}
    if "_flashes" in session:
        return make(own)
    words = {name: f"{_OWN}{place:02}" if each else "" for place, (name, each) in enumerate(own.items())}
    is_known = current_user.is_authenticated
    key = (request.endpoint, languages.current(), is_known, *words.items(), *depends_on)

    def parted() -> Parted:
        g.rest_of_the_address = words["rest"]
        try:
            return _parted(make(words), {name: word.encode() for name, word in words.items()})
        finally:
            del g.rest_of_the_address

    pages: Kept = current_app.extensions[_KEPT_PAGES]
    found = pages.get(request_context().office, key, parted)
    return _answer(found, {name: escape(each).encode() for name, each in own.items()}, is_known=is_known)


def find_service(branch: str, letter: str) -> tuple[BranchView, ServiceView]:
    """Find a service by the words of an address; any other is answered with 404."""
    found = request_context().office.branch_named(branch)
    service = found.services.get(letter) if found else None
    if found is None or service is None:
        abort(404)
    return found, service


def note_refusal(reason: str, service: ServiceView | None = None, **data: Any) -> None:
    """Have a refused attempt noted: codes and ids only, nothing that was typed (rule 26)."""
    branch_id = None
    if service is not None:
        branch_id, data = service.branch_id, {"service": service.letter} | data
    refused(authentication.runtime().store, request_context(), reason, branch_id, **data)


def _parted(made: Response, words: Mapping[str, bytes]) -> Parted:
    return Parted(made.get_data(), {**words, TOKEN: token_of_the_form()})


def _answer(page: Parted, own: Mapping[str, bytes], *, is_known: bool) -> Response:
    """Make the answer of a page that is kept: packed if the browser takes gzip."""
    if page.has_token:
        own = {**own, TOKEN: generate_csrf().encode()}
    if request.accept_encodings["gzip"]:
        response = make_response(page.packed(own))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = make_response(page.body(own))
    if page.is_whole and not is_known:
        response.set_etag(page.etag, weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response


def _frame() -> dict[str, object]:
    """Return what the frame shows around each page."""
    return {
        "language": languages.current(),
        "direction": languages.locale().text_direction,
        "languages": languages.own_names(),
        "nonce": headers.nonce,
        "office_name": navigation.office_name,
        "navigation": navigation.items,
        "frame_top": _top,
        "footer": navigation.footer,
        "frame_foot": lambda: _part("footer.html"),
    }


def _top(is_bare: bool) -> Markup:
    """Write what stands above a page; `is_bare`: without what the database would be asked for."""
    rest = escape(g.get("rest_of_the_address") or languages.rest_of_the_address())
    if is_bare:
        return Markup(render_template("header.html", rest=rest, bare=True))  # noqa: S704 - a template made it
    return Markup(_part("header.html", rest=_REST).replace(_REST, rest))  # noqa: S704 - a template made it


def _part(template: str, **values: object) -> Markup:
    """Write a part of the frame, or take it as it was written for others who see the same."""
    kept: Kept = current_app.extensions[_KEPT_FRAMES]
    key = (template, languages.current(), navigation.section(), current_user.is_authenticated)
    return kept.get(
        request_context().office,
        key,
        lambda: Markup(render_template(template, **values)),  # noqa: S704 - a template made it
    )
