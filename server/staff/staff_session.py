"""Who is signed in: the session of the staff behind the token in its own cookie."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, g, has_request_context, session
from flask_login import LoginManager, UserMixin, current_user
from itsdangerous import BadSignature

from server.api import authentication
from server.services.access.staff_sessions import Colleague, StaffLimits, at_counter, session_of
from server.staff import at_counter as counter
from server.store.keyring import Keyring
from server.web.request_context import request_context
from server.web.signed_cookies import SignedCookies
from wire.settings import StaffSettings

PURPOSE = "staff session"
"""What the cookie's keys are derived for."""
TOKEN = "session"  # noqa: S105 - a name
_HALF, _SINCE, SURE = "half", "since", "sure"
_HALF_LENGTH = timedelta(minutes=5)
_SURE_LENGTH = timedelta(minutes=15)


class SignedIn(UserMixin):
    """A person of the staff who is signed in."""

    def __init__(self, colleague: Colleague) -> None:
        self.colleague = colleague

    def get_id(self) -> str:
        """Return the person's id."""
        return str(self.colleague.id)


def join(app: Flask, keys: Keyring) -> None:
    """Ask for each request whose session it is, when a page wants to know."""
    app.session_interface = SignedCookies(keys, PURPOSE)
    manager = LoginManager()
    manager.session_protection = None  # the session is the server's own
    manager.request_loader(lambda _: _signed_in())
    # Else every page would ask who this is, the one too that says that the database cannot be asked.
    manager.init_app(app, add_context_processor=False)


def colleague() -> Colleague | None:
    """Return who is signed in; nobody is where a page is written outside a request."""
    if not has_request_context():
        return None
    found: Colleague | None = current_user.colleague if current_user.is_authenticated else None
    return found


def me() -> Colleague:
    """Return who is signed in; pages that call it need a sign-in (server.staff.permissions)."""
    found = colleague()
    if found is None:
        raise RuntimeError("nobody is signed in behind this page")
    return found


def limits() -> StaffLimits:
    """Return how long sessions last here ⚙."""
    return limits_of(authentication.runtime().staff)


def limits_of(settings: StaffSettings) -> StaffLimits:
    """Return how long sessions last by the settings of a server."""
    return StaffLimits(
        timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours)
    )


def token_in(app: Flask, cookie: str) -> str | None:
    """Return the token of the session in a cookie that came outside a request; None for one that is not ours."""
    interface = app.session_interface
    signer = interface.get_signing_serializer(app) if isinstance(interface, SignedCookies) else None
    if signer is None:
        return None
    try:
        kept = signer.loads(cookie, max_age=int(app.permanent_session_lifetime.total_seconds()))
    except BadSignature:
        return None
    token = kept.get(TOKEN) if isinstance(kept, dict) else None
    return token if isinstance(token, str) else None


def enter(token: str) -> None:
    """Begin a session in this browser, under a new cookie: what the old one held is worth nothing any more."""
    leave()
    session[TOKEN] = token
    be_sure()


def be_sure() -> None:
    """Remember that whoever sits here has just proved who they are."""
    session[SURE] = int(request_context().now.timestamp())


def is_sure() -> bool:
    """Say whether it was proved a short while ago who sits here: a browser may have been left open."""
    since = session.get(SURE)
    if not isinstance(since, int):
        return False
    return request_context().now.timestamp() - since < _SURE_LENGTH.total_seconds()


def leave() -> None:
    """Forget the session in this browser; to end it on the server is the service's matter."""
    session.clear()
    # Flask-WTF keeps the token of this request's form here; the next form gets a new one.
    g.pop("csrf_token", None)
    g.pop("_login_user", None)


def wait_for_proof(user_id: int) -> None:
    """Remember whose password was right, for as long as the second factor may take."""
    leave()
    session[_HALF] = user_id
    session[_SINCE] = int(request_context().now.timestamp())


def awaiting_proof() -> int | None:
    """Return who has still to show the second factor; None when the five minutes are over."""
    half, since = session.get(_HALF), session.get(_SINCE)
    if not isinstance(half, int) or not isinstance(since, int):
        return None
    return half if request_context().now.timestamp() - since < _HALF_LENGTH.total_seconds() else None


def remember(name: str, value: Any) -> None:
    """Keep a word of a sign-in under way, such as the challenge of a passkey."""
    session[name] = value


def remembered(name: str) -> Any:
    """Return what was remembered."""
    return session.get(name)


def _signed_in() -> SignedIn | None:
    """Find the session of the staff, else the clerk who is signed in at this browser's counter only."""
    token, store, found = session.get(TOKEN), authentication.runtime().store, None
    if isinstance(token, str):
        found = session_of(store, request_context(), token, limits())
    if found is None and (clerk := counter.clerk()) is not None:
        found = at_counter(store, clerk)
    return None if found is None else SignedIn(found)
