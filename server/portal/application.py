"""Makes the application of the booking pages, and names the modules whose pages it has."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from server.api import headers_and_log
from server.api.authentication import Runtime
from server.portal import (
    audit,
    booking,
    crawlers,
    languages,
    office_texts,
    pages,
    refusals,
    release,
    visitor_session,
)
from server.portal.accounts import PAGES as ACCOUNT
from server.portal.booking import questions, reservations
from server.portal.booking.full_hours import FullHours
from server.portal.guard import challenge, limits
from server.portal.office import PAGES as INFORMATION
from server.portal.queue import public_queue
from server.portal.sentences import Sentences
from server.texts import FOLDER
from server.web import compression, headers, safe_redirects, static_files, times
from server.web.signed_cookies import signed_by

# Each has a blueprint `pages`; a module with pages of its own is added here, and nowhere else.
PAGES: tuple[ModuleType, ...] = (*INFORMATION, *ACCOUNT, booking, release, reservations, questions, audit)


def create_portal(runtime: Runtime, *, max_body_bytes: int = 65_536) -> Flask:
    """Make the application of the booking pages for this runtime."""
    app = Flask("server.portal", static_folder=None, template_folder="templates")
    app.extensions["numerek"] = runtime
    app.config.update(_settings(runtime), MAX_CONTENT_LENGTH=max_body_bytes)
    app.url_map.strict_slashes = False
    # Both would answer with a redirect to the host that the request itself names.
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(headers_and_log.begin)
    app.after_request(headers.dress)
    app.after_request(compression.pack)
    _libraries(app, runtime)
    for part in (languages, refusals, crawlers, challenge, pages, times, office_texts):
        part.join(app)
    static_files.join(app, Path(__file__).parent / "static")
    # Browsers ask for both by these names, whatever a page says.
    for name in ("favicon.ico", "apple-touch-icon.png"):
        app.add_url_rule(f"/{name}", name.partition(".")[0], _icon)
    # For programs: no language stands in its address.
    app.register_blueprint(public_queue.pages)
    for module in PAGES:
        app.register_blueprint(module.pages, url_prefix=languages.PREFIX)
    app.extensions["full_hours"] = FullHours(app)
    return app


def _icon() -> ResponseReturnValue:
    return redirect(static_files.address("numerek.svg"), 302)


def _settings(runtime: Runtime) -> dict[str, object]:
    """Set what Flask and its libraries are told: the cookie, the check of forms, where the sentences are."""
    is_secure = runtime.public_url.startswith("https:")
    return {
        **signed_by(runtime.keys, visitor_session.PURPOSE),
        # A browser takes a cookie of this name only over TLS, for this host and every path of it.
        "SESSION_COOKIE_NAME": "__Host-numerek" if is_secure else "numerek",
        "SESSION_COOKIE_SECURE": is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_TIME_LIMIT": runtime.portal.session_hours * 3600,
        # The token is bound to the cookie; the Referer is not sent by our own pages (Referrer-Policy).
        "WTF_CSRF_SSL_STRICT": False,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": str(FOLDER),
        "PROVIDE_AUTOMATIC_OPTIONS": False,
    }


def _libraries(app: Flask, runtime: Runtime) -> None:
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("server.portal"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    Sentences(app, locale_selector=languages.locale)
    # In this order before each request: how often, then whether the form is ours, then who it is.
    limits.join(app, runtime.portal)
    app.before_request(safe_redirects.refuse_nul)
    # A witness is a program, and what it hands in proves by itself whose it is.
    CSRFProtect(app).exempt("server.portal.audit.cosigning.cosign")
    visitor_session.join(app, runtime.keys)
    WTFormsHelpers(app)
