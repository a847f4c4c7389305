"""Pages that say what went wrong and what to do next, in plain words."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError

from server.web import refusals, safe_redirects
from server.web.refusals import Words

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


def join(app: Flask) -> None:
    """Answer every error with a page."""
    refusals.join(app, _WORDS)
    app.register_error_handler(CSRFError, _too_old)


def _too_old(_error: CSRFError) -> Response:
    """Explain a form whose token does not fit: left open too long, or sent from elsewhere. Nothing was done."""
    g.reason = "form_too_old"
    again = safe_redirects.back_here() or request.path or url_for("start.show")
    title = _("This page was open too long")
    return make_response(render_template("form_too_old.html", title=title, tab=title, again=again), 400)
