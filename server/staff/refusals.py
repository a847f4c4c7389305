"""Pages that say what went wrong and what to do next, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from server.api import headers_and_log
from server.services.context import RuleBroken
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
        _l("You may not open this page"),
        _l("Your role does not permit it. A manager or an administrator can give you another role."),
    ),
    404: Words(
        _l("There is no such page"), _l("The address may be incomplete, or the thing is not there any more.")
    ),
    405: Words(
        _l("This page cannot be opened this way"), _l("Go to the start page and find your way from there.")
    ),
    409: Words(
        _l("This is not possible now"), _l("Something has changed meanwhile. Look at the page again.")
    ),
    410: Words(
        _l("This address was used already, or is too old"), _l("Ask whoever gave it to you for a new one.")
    ),
    413: Words(_l("You sent too much"), _l("Make your text shorter and try again.")),
    422: Words(_l("This does not fit"), _l("Go back, look at what you typed and send it again.")),
    429: Words(_l("Please wait a moment"), _l("There were too many tries in a short time.")),
    500: Words(
        _l("Something went wrong here"),
        _l("This is our mistake, not yours. Please try again in some minutes."),
    ),
    503: Words(
        _l("We cannot answer just now"),
        _l("The server is busy. What you typed was not saved. Please try again."),
    ),
}
_NEAREST = {401: 403, 408: 503, 415: 400}


def join(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(CSRFError, _too_old)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(RuleBroken, _of_a_rule)
    app.register_error_handler(StoreUnavailable, _of_the_store)
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
        wait=None
        if wait is None
        else ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", wait),
        request_id=g.get("request_id") if status >= 500 else None,
        # What is wrong may be what the frame would ask.
        bare=status >= 500,
    )
    response = make_response(html, status)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _too_old(_error: CSRFError) -> Response:
    """Explain a form whose token does not fit: left open too long, or sent from elsewhere. Nothing was done."""
    g.reason = "form_too_old"
    again = safe_redirects.back_here() or request.path or url_for("start.show")
    title = _("This page was open too long")
    return make_response(render_template("form_too_old.html", title=title, tab=title, again=again), 400)


def _of_http(error: HTTPException) -> Response:
    g.reason = g.get("reason") or (error.name or "error").lower().replace(" ", "_")
    response = refusal(error.code or 500)
    if valid := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(valid))
    return response


def _of_a_rule(broken: RuleBroken) -> Response:
    g.reason = broken.reason
    wait = broken.facts.get("retry_after")
    return refusal(broken.status, float(wait) if isinstance(wait, int | float) else None)


def _of_the_store(unavailable: StoreUnavailable) -> Response:
    g.reason = unavailable.reason
    return refusal(503, unavailable.retry_after_seconds)


def _bug(error: Exception) -> Response:
    headers_and_log.write_bug(error)
    g.reason = "internal_error"
    return refusal(500)
