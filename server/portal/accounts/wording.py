"""What the pages of an account say to the answers of the use cases, and where the visitor comes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort
from flask_babel import gettext as _
from flask_babel import ngettext

from server.portal import visitor_session
from server.services.access import passwords
from server.services.accounts.entry import Wrong
from server.services.accounts.sessions import AccountRow
from server.services.accounts.tries import SlowDown


def me() -> AccountRow:
    """Return who is logged in; pages that call it need a log-in."""
    account = visitor_session.account()
    if account is None:
        abort(403)
    found: AccountRow = account
    return found


def password_hint() -> str:
    """Say what a new password must be like."""
    return _(
        "At least %(least)d characters. Some words in a row are easy to keep in mind.", least=passwords.LEAST
    )


def refused(reason: str) -> str:
    """Say what is wrong with what was typed, and what to do."""
    said = {
        "email_malformed": _("Enter an e-mail address in the form name@example.com"),
        "password_too_short": _("Choose a password of %(least)d characters or more", least=passwords.LEAST),
        "password_too_long": _("Choose a password of %(most)d characters or fewer", most=passwords.MOST),
        "password_common": _("Many people have this password, or it is your name. Choose another one"),
    }
    return said[reason]


def mistake(field: Any, text: str) -> None:
    """Put a mistake on a field that had none of its own."""
    field.errors = [text]


def wrong_password(
    field: Any, answer: Wrong | SlowDown, again: Callable[[], Response], text: str | None = None
) -> Response:
    """Show a form again whose password was wrong (`text` may say it in other words) or was one try too many.

    After too many tries programs are told as well how long to wait.
    """
    if isinstance(answer, Wrong):
        mistake(field, text or _("This is not your password"))
        return again()
    told = ngettext(
        "There were too many tries. Wait %(num)s second, then try again",
        "There were too many tries. Wait %(num)s seconds, then try again",
        answer.seconds,
    )
    mistake(field, told)
    response = again()
    response.status_code = 429
    response.headers["Retry-After"] = str(answer.seconds)
    return response
