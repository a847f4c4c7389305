"""Which language the staff's pages speak: that of the person, and before the sign-in that of the browser."""

from __future__ import annotations

from contextlib import suppress

from babel import Locale
from flask import g, request
from flask_babel import get_locale

from server.staff import staff_session
from server.texts import STAFF_LANGUAGES

# English dates as this side of the ocean writes them.
_LOCALES = {"en": "en_GB"}


def current() -> str:
    """Return the language of the page, as two letters."""
    if "language" not in g:
        colleague = staff_session.colleague()
        g.language = colleague.language if colleague else of_the_browser()
    language: str = g.language
    return language


def locale() -> Locale:
    """Return how the page writes dates and numbers."""
    return Locale.parse(_LOCALES.get(current(), current()))


def own_names() -> dict[str, str]:
    """Return every language's name in itself."""
    return {
        code: (Locale.parse(code).get_display_name(code) or code).capitalize() for code in STAFF_LANGUAGES
    }


def named(code: str) -> str:
    """Name a language in the language of the page."""
    with suppress(ValueError, LookupError):
        return Locale.parse(code).get_display_name(get_locale()) or code
    return code


def of_the_browser() -> str:
    """Return the language of the pages that a browser asks for first."""
    asked = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((tag for tag in asked if tag in STAFF_LANGUAGES), STAFF_LANGUAGES[0])
