"""Which language a page speaks: its address says so, and where it does not, the browser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

from babel import Locale, UnknownLocaleError
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.texts import LANGUAGES

PREFIX = f"/<any({', '.join(LANGUAGES)}):language>"
# English dates as this side of the ocean writes them.
_LOCALES = {"en": "en_GB"}
# What a path may hold as it is (RFC 3986).
_SAFE = "/!$&'()*+,;=:@~"


def join(app: Flask) -> None:
    """Take the language from each address, and put it into those that pages link to."""
    app.url_value_preprocessor(_take)
    app.url_defaults(_put)
    app.add_url_rule("/", "root", _to_the_start)


def current() -> str:
    """Return the language of the page, as two letters."""
    if "language" not in g:
        head = request.path[1:3]
        named = head in LANGUAGES and request.path[3:4] in ("", "/")
        g.language = head if named else _of_the_browser()
    language: str = g.language
    return language


def locale() -> Locale:
    """Return how the page writes dates and numbers."""
    return _locale_of(current())


def direction_of(language: str) -> str:
    """Tell in which direction a language is read, as HTML names it; left to right for one that nobody knows."""
    try:
        return Locale.parse(language).text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


@cache
def own_names() -> Mapping[str, str]:
    """Return every language's name in itself."""
    named = {code: Locale.parse(code).get_display_name(code) or code for code in LANGUAGES}
    return {code: name[:1].upper() + name[1:] for code, name in named.items()}


def rest_of_the_address() -> str:
    """Return this page's address behind its language; the start's, where the page cannot be got by GET."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()) or "language" not in rule.arguments:
        return "/"
    return quote(request.path[3:], safe=_SAFE)


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(_LOCALES.get(language, language))


def _take(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "language" in values:
        g.language = values.pop("language")


def _put(endpoint: str, values: dict[str, Any]) -> None:
    if "language" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        values["language"] = current()


def _to_the_start() -> ResponseReturnValue:
    response = redirect(url_for("start.show", language=_of_the_browser()), 302, Response)
    response.vary.add("Accept-Language")
    return response


def _of_the_browser() -> str:
    """Return the first language that the browser asks for and we have: en-GB is English."""
    asked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in asked if tag in LANGUAGES), LANGUAGES[0])
