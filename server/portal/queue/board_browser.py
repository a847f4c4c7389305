"""Which board a television's browser is: the device behind its cookie, which only the board's addresses get."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from server.api.authentication import Runtime
from server.services.access.identity import identify
from server.services.context import RuleBroken
from server.services.store_types import DeviceRow
from server.store.keyring import token_hash
from wire.vocabulary import DeviceRole

ADDRESS = "/board"
_COOKIE = "numerek-board"
_A_YEAR = 365 * 24 * 3600


def board_behind(runtime: Runtime, cookies: Mapping[str, str]) -> DeviceRow | None:
    """Return the board that a browser was enrolled as; None for one that never was, or was revoked."""
    token = cookies.get(cookie_name(runtime), "")
    try:
        found = identify(runtime.store, f"Bearer {token}", runtime.clock.now()).device if token else None
    except RuleBroken:
        return None
    return found if found is not None and found.role == DeviceRole.BOARD else None


def stream_holder(runtime: Runtime, cookies: str) -> tuple[bytes, DeviceRow]:
    """Return the hash of the token in a request's Cookie header, and its board. Raises RuleBroken 401."""
    jar = parse_cookie(cookies)
    found = board_behind(runtime, jar)
    if found is None:
        raise RuleBroken(401, "token_missing")
    return token_hash(jar[cookie_name(runtime)]), found


def keep_token(runtime: Runtime, response: Response, token: str) -> None:
    """Make a browser the board of this token for a year; each opening of the board begins the year anew."""
    response.set_cookie(
        cookie_name(runtime),
        token,
        max_age=_A_YEAR,
        path=ADDRESS,
        secure=_is_secure(runtime),
        httponly=True,
        samesite="Strict",
    )


def cookie_name(runtime: Runtime) -> str:
    """Return the cookie's name, which says itself that it goes over TLS only, where the office has TLS."""
    return f"__Secure-{_COOKIE}" if _is_secure(runtime) else _COOKIE


def _is_secure(runtime: Runtime) -> bool:
    return runtime.public_url.startswith("https:")
