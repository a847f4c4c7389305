"""How a set of pages says what went wrong: one page for every refusal, in the set's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from flask import Flask, Response, current_app, g, make_response, render_template
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.exceptions import HTTPException, TooManyRequests

from server.api import headers_and_log
from server.services.context import RuleBroken
from server.services.ports import NotWritten
from server.store.errors import OutcomeUnknown, StoreUnavailable

_PRESS_SECONDS, _MINUTE = 5.0, 60.0
_NEAREST = {401: 403, 408: 503, 415: 400, 422: 400}
_WORDS = "numerek_refusals"


@dataclass(frozen=True, slots=True)
class Words:
    """What a refusal says: a heading, and what happened and can be done."""

    title: object
    text: object


_UNKNOWN = Words(
    _l("We do not know whether this was saved"),
    _l("The connection broke just then. Before you send it again, look whether it is already there."),
)


def join(app: Flask, words: Mapping[int, Words]) -> None:
    """Answer every error with a page of the set's template `refusal.html`; `words` are by status."""
    app.extensions[_WORDS] = words
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(RuleBroken, _of_a_rule)
    app.register_error_handler(StoreUnavailable, _of_the_store)
    app.register_error_handler(NotWritten, _of_a_paper)
    app.register_error_handler(Exception, _bug)


def refusal(status: int, retry_after: float | None = None, words: Words | None = None) -> Response:
    """Make the page of a refusal, in `words` of its own or those of its status.

    `retry_after` in seconds is said in words and in the header.
    """
    known: Mapping[int, Words] = current_app.extensions[_WORDS]
    words = words or known.get(status) or known[_NEAREST.get(status, 500 if status >= 500 else 400)]
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
    g.reason = g.get("reason") or (error.name or "error").lower().replace(" ", "_")
    response = refusal(status, wait)
    if valid := getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(valid))
    return response


def _of_a_rule(broken: RuleBroken) -> Response:
    g.reason = broken.reason
    return refusal(broken.status, _number(broken.facts.get("retry_after")))


def _of_the_store(unavailable: StoreUnavailable) -> Response:
    g.reason = unavailable.reason
    if isinstance(unavailable, OutcomeUnknown):
        # Nobody is told that nothing was saved, or to try again at once: it may be a second time.
        return refusal(503, words=_UNKNOWN)
    return refusal(503, unavailable.retry_after_seconds)


def _bug(error: Exception) -> Response:
    headers_and_log.write_bug(error, g.get("request_id"))
    g.reason = "internal_error"
    return refusal(500)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
