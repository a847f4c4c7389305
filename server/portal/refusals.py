"""Pages that say what went wrong and what to do next, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, TooManyRequests

from server.api import headers_and_log
from server.services.context import RuleBroken
from server.services.ports import NotWritten
from server.store.errors import StoreUnavailable
from server.web import safe_redirects


@dataclass(frozen=True, slots=True)
class Words:
    """What a refusal says: a heading, and what happened and can be done."""

    title: object
    text: object


_WORDS = {
    400: Words(
        _l("We could not read this"), _l("Something in the address or in the form is not as it should be.")
    ),
    403: Words(
        _l("You cannot open this page"), _l("You may need to log in first, or to log in as somebody else.")
    ),
    404: Words(
        _l("There is no such page"),
        _l(
            "The address may be incomplete, or the page is no longer there. Check it, or begin at the start page."
        ),
    ),
    405: Words(
        _l("This page cannot be opened this way"), _l("Go to the start page and find your way from there.")
    ),
    409: Words(
        _l("This is not possible now"), _l("Something has changed meanwhile. Look at the page again.")
    ),
    410: Words(_l("This is over"), _l("The page is no longer there. Begin at the start page.")),
    413: Words(_l("You sent too much"), _l("Make your text shorter and try again.")),
    429: Words(
        _l("Please wait a moment"),
        _l(
            "Too many requests came from your browser or your network in a short time. They may have come from "
            "other people, too."
        ),
    ),
    500: Words(
        _l("Something went wrong here"),
        _l("This is our mistake, not yours. Please try again in some minutes."),
    ),
    503: Words(
        _l("We cannot answer just now"),
        _l("The server is busy. What you typed was not saved. Please try again."),
    ),
}
_PRESS_SECONDS, _MINUTE = 5.0, 60.0
_NEAREST = {401: 403, 408: 503, 415: 400, 422: 400}


def join(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(CSRFError, _too_old)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(RuleBroken, _of_a_rule)
    app.register_error_handler(StoreUnavailable, _of_the_store)
    app.register_error_handler(NotWritten, _of_a_paper)
    app.register_error_handler(Exception, _bug)


def refusal(status: int, retry_after: float | None = None) -> Response:
    """Make the page of a refusal; `retry_after` in seconds is said in words and in the header."""
    words = _WORDS.get(status) or _WORDS[_NEAREST.get(status, 500 if status >= 500 else 400)]
    wait = None if retry_after is None else max(1, ceil(retry_after))
    html = render_template(
        "refusal.html",
        title=words.title,
        tab=words.title,
        text=words.text,
        wait=None if wait is None else _wait(wait),
        request_id=g.get("request_id") if status >= 500 else None,
        # What is wrong may be what the frame would ask: who this is, what the office is called.
        bare=status >= 500,
    )
    response = make_response(html, status)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _of_a_paper(error: NotWritten) -> Response:
    """Say that a paper could not be written now; the press is busy, or has just been started anew."""
    g.reason = f"paper_{error}"
    return refusal(503, _PRESS_SECONDS)


def _wait(seconds: int) -> str:
    if seconds < 90:
        return ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)
    return ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", ceil(seconds / 60))


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    wait: float | None = None
    if isinstance(error, TooManyRequests):
        wait = error.retry_after if isinstance(error.retry_after, int) else _MINUTE
    g.reason = (error.name or "error").lower().replace(" ", "_")
    response = refusal(status, wait)
    if valid := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(valid))
    return response


def _of_a_rule(broken: RuleBroken) -> Response:
    g.reason = broken.reason
    return refusal(broken.status, _number(broken.facts.get("retry_after")))


def _of_the_store(unavailable: StoreUnavailable) -> Response:
    g.reason = unavailable.reason
    return refusal(503, unavailable.retry_after_seconds)


def _too_old(error: CSRFError) -> Response:
    """Explain a form whose token does not fit: left open too long, or sent from elsewhere. Nothing was done.

    A page that can (forms.keeps_typed) comes again with what was typed in it.
    """
    g.reason = "form_too_old"
    if shown := _once_more():
        return shown
    again = safe_redirects.back_here() or url_for("start.show")
    title = _("This page was open too long")
    html = render_template("form_too_old.html", title=title, tab=title, again=again)
    return make_response(html, 400)


def _once_more() -> Response | None:
    """Open the page with what was typed, nothing taken; None where that cannot be."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "keeps_typed", False) or view is None:
        return None
    g.form_is_too_old = True
    try:
        response = make_response(view(**(request.view_args or {})))
    except RuleBroken:
        return None
    if response.status_code != 422:
        return None
    response.status_code = 400
    return response


def _bug(error: Exception) -> Response:
    headers_and_log.write_bug(error)
    g.reason = "internal_error"
    return refusal(500)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
