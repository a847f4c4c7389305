"""Pages that say what went wrong and what to do next, in plain words."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError

from server.services.context import RuleBroken
from server.web import refusals, safe_redirects
from server.web.refusals import Words

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


def join(app: Flask) -> None:
    """Answer every error with a page."""
    refusals.join(app, _WORDS)
    app.register_error_handler(CSRFError, _too_old)


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
