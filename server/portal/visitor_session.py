"""The visitor: the account behind the session in the cookie, and the browser of a guest.

The cookie is signed, not secret, and holds words without meaning elsewhere: the token of a session that the
server can end, the token of forms, a guest's secret, a mark by which a browser's requests are counted.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Request, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from server.api import authentication
from server.services.accounts.sessions import AccountRow, SessionLimits, session_of
from server.store.keyring import Keyring
from server.web import safe_redirects
from server.web.pages import SEEN
from server.web.request_context import request_context
from server.web.signed_cookies import SignedCookies
from wire.settings import PortalSettings

WORDS = _TOKEN, _BROWSER, _MARK = "session", "browser", "mark"
"""The names in the cookie: of a session's token, a guest's secret, the mark by which requests are counted."""
PURPOSE = "portal session"
"""What the cookie's keys are derived for."""
_FOR_EVERYBODY = "/open/"


class _Cookies(SignedCookies):
    """The signed cookie, but not where the answer is everybody's and caches may keep it."""

    def open_session(self, app: Flask, request: Request) -> Any:
        """Read the cookie, or nothing."""
        if request.path.startswith(_FOR_EVERYBODY):
            return self.make_null_session(app)
        return super().open_session(app, request)


class Visitor(UserMixin):
    """A person who is logged in."""

    def __init__(self, account: AccountRow) -> None:
        self.account = account

    def get_id(self) -> str:
        """Return the account's id."""
        return str(self.account.id)


def join(app: Flask, keys: Keyring) -> None:
    """Ask for each request whose session it is, when a page wants to know."""
    app.session_interface = _Cookies(keys, PURPOSE)
    manager = LoginManager()
    manager.session_protection = None  # the session is the server's own, and no address or browser is noted
    manager.request_loader(lambda _: _visitor())
    manager.unauthorized_handler(_to_log_in)
    # Else every page would ask who this is, the one too that says that the database cannot be asked.
    manager.init_app(app, add_context_processor=False)


def account() -> AccountRow | None:
    """Return the account that is logged in."""
    found: AccountRow | None = current_user.account if current_user.is_authenticated else None
    return found


def session_token() -> str | None:
    """Return the token of the session, also of one that has ended meanwhile."""
    token = session.get(_TOKEN)
    return token if isinstance(token, str) else None


def session_limits() -> SessionLimits:
    """Return how long sessions last here ⚙."""
    return limits_of(authentication.runtime().portal)


def limits_of(settings: PortalSettings) -> SessionLimits:
    """Return how long sessions last by these settings ⚙."""
    return SessionLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def enter(token: str) -> None:
    """Begin a session in this browser, under a new cookie: what the old one held is worth nothing any more.

    A guest's secret stays, so that a draft that was begun before the log-in can be taken along.
    """
    kept = session.get(_BROWSER)
    leave()
    session[_TOKEN] = token
    if kept:
        session[_BROWSER] = kept


def leave() -> None:
    """Forget the session in this browser; to end it on the server is the service's matter."""
    kept = {name: session[name] for name in (_MARK, SEEN) if name in session}
    session.clear()
    session.update(kept)
    # Flask-WTF keeps the token of this request's form here; the next form gets a new one.
    g.pop("csrf_token", None)
    g.pop("_login_user", None)


def browser() -> str:
    """Return the secret by which a guest's browser is known, made when it is first wanted."""
    if not isinstance(session.get(_BROWSER), str):
        session[_BROWSER] = secrets.token_urlsafe(24)
    secret: str = session[_BROWSER]
    return secret


def known_browser() -> str | None:
    """Return the secret of a guest's browser, if one was wanted before."""
    secret = session.get(_BROWSER)
    return secret if isinstance(secret, str) else None


def mark() -> str | None:
    """Return the mark by which this browser's requests are counted; it opens nothing, and outlasts a log-out."""
    counted = session.get(_MARK)
    return counted if isinstance(counted, str) else None


def is_everybodys() -> bool:
    """Say whether the address answers everybody alike, whatever their browser is."""
    return request.path.startswith(_FOR_EVERYBODY)


def make_mark() -> None:
    """Mark a browser that comes for the first time."""
    session[_MARK] = secrets.token_urlsafe(12)


def _visitor() -> Visitor | None:
    token = session_token()
    if token is None:
        return None
    found = _account_of(token)
    return None if found is None else Visitor(found)


def _account_of(token: str) -> AccountRow | None:
    """Return the account whose session has this token."""
    return session_of(authentication.runtime().store, request_context(), token, session_limits())


def _to_log_in() -> ResponseReturnValue:
    """Send to the log-in, and from there back; a form that was sent without a session begins at its page."""
    return redirect(url_for("log_in.show", next=safe_redirects.back_here()), 303)
