"""Makes the application of the staff's pages, and names the modules whose pages it has."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from server.api import headers_and_log
from server.api.authentication import Runtime
from server.staff import branches, languages, networks, pages, permissions, refusals, staff_session, start
from server.staff.access import PAGES as ACCESS
from server.staff.audit import PAGES as AUDIT
from server.staff.booking import PAGES as BOOKING
from server.staff.office import PAGES as OFFICE
from server.staff.office import guide
from server.staff.queue import PAGES as QUEUE
from server.staff.statistics import PAGES as STATISTICS
from server.store.keyring import Keyring
from server.texts import FOLDER, STAFF
from server.web import compression, headers, safe_redirects, static_files, times
from server.web.signed_cookies import signed_by

ADDRESS = "/staff"
# Each has a blueprint `pages`; a module with pages of its own is added to its folder's list, and nowhere else.
PAGES: tuple[ModuleType, ...] = (start, *ACCESS, *QUEUE, *BOOKING, *STATISTICS, *AUDIT, *OFFICE)


def create_staff(runtime: Runtime, *, max_body_bytes: int = 65_536) -> Flask:
    """Make the application of the staff's pages for this runtime; all its addresses begin with /staff."""
    app = Flask("server.staff", static_folder=None, template_folder="templates")
    app.extensions["numerek"] = runtime
    app.config.update(_settings(runtime), MAX_CONTENT_LENGTH=max_body_bytes)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(headers_and_log.begin)
    app.after_request(headers.dress)
    app.after_request(compression.pack)
    _libraries(app, runtime.keys)
    for part in (branches, permissions, refusals, pages, times, guide):
        part.join(app)
    static_files.join(app, Path(__file__).parent / "static", ADDRESS)
    for module in PAGES:
        app.register_blueprint(module.pages, url_prefix=ADDRESS)
    return app


def _settings(runtime: Runtime) -> dict[str, object]:
    """Set what Flask and its libraries are told; nothing is shared with the visitors' cookie."""
    is_secure = runtime.public_url.startswith("https:")
    return {
        **signed_by(runtime.keys, staff_session.PURPOSE),
        "SESSION_COOKIE_NAME": "__Secure-numerek-staff" if is_secure else "numerek-staff",
        "SESSION_COOKIE_SECURE": is_secure,
        "SESSION_COOKIE_HTTPONLY": True,
        # A link in a letter does not open the staff's pages as somebody who is signed in.
        "SESSION_COOKIE_SAMESITE": "Strict",
        "SESSION_COOKIE_PATH": ADDRESS,
        "WTF_CSRF_TIME_LIMIT": runtime.staff.session_hours * 3600,
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_HEADERS": ["X-CSRFToken"],
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DOMAIN": STAFF,
        "BABEL_TRANSLATION_DIRECTORIES": str(FOLDER),
        "PROVIDE_AUTOMATIC_OPTIONS": False,
    }


def _libraries(app: Flask, keys: Keyring) -> None:
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("server.staff"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    Babel(app, locale_selector=languages.locale)
    # In this order before each request: from where, whether the form is ours, who it is, what is permitted.
    app.before_request(safe_redirects.refuse_nul)
    networks.join(app)
    CSRFProtect(app)
    staff_session.join(app, keys)
    WTFormsHelpers(app)
