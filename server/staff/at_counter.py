"""Which counter this browser is, and who is signed in at it: two cookies of their own, apart from the session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from server.api import authentication
from server.api.authentication import Runtime
from server.services.access.identity import Caller, identify
from server.services.context import RuleBroken
from server.services.store_types import ClerkRow, DeviceRow
from server.store.keyring import token_hash
from server.store.store import Store
from server.web.request_context import request_context

_DEVICE, _CLERK = "numerek-counter", "numerek-clerk"
_A_YEAR = 365 * 24 * 3600


def device() -> DeviceRow | None:
    """Return the counter that this browser was enrolled as; None for one that was never, or was revoked."""
    if "counter_device" not in g:
        found = _caller(_DEVICE).device
        g.counter_device = found if found is not None and found.counter_id is not None else None
    row: DeviceRow | None = g.counter_device
    return row


def clerk() -> ClerkRow | None:
    """Return who is signed in at this browser's counter, be it in this browser's staff session or without one."""
    if "counter_clerk" not in g:
        found, here = _caller(_CLERK).clerk, device()
        g.counter_clerk = found if found and here and found.device.id == here.id else None
    row: ClerkRow | None = g.counter_clerk
    return row


def seated(app: Flask, runtime: Runtime, cookies: Mapping[str, str]) -> tuple[ClerkRow, bytes] | None:
    """Return the clerk behind the cookies of a request outside the pages, and the hash of their token."""
    token = cookies.get(_name_in(app, _CLERK), "")
    found = _identified(runtime.store, token, runtime.clock.now()).clerk
    device = _identified(runtime.store, cookies.get(_name_in(app, _DEVICE), ""), runtime.clock.now()).device
    if found is None or device is None or found.device.id != device.id:
        return None
    return found, token_hash(token)


def was_here() -> bool:
    """Say whether this browser holds a clerk's sign-in that is over."""
    return _name(_CLERK) in request.cookies and clerk() is None


def was_enrolled() -> bool:
    """Say whether this browser was a counter and is none any more."""
    return _name(_DEVICE) in request.cookies and device() is None


def keep_device(response: Response, token: str) -> None:
    """Make this browser a counter."""
    _keep(response, _DEVICE, token, _A_YEAR)
    _drop(response, _CLERK)


def keep_clerk(response: Response, token: str) -> None:
    """Remember the clerk's sign-in until the browser is closed, or it ends on the server."""
    _keep(response, _CLERK, token, None)


def forget_clerk(response: Response) -> None:
    """Forget the clerk's sign-in."""
    _drop(response, _CLERK)


def _caller(cookie: str) -> Caller:
    token = request.cookies.get(_name(cookie), "")
    return _identified(authentication.runtime().store, token, request_context().now)


def _identified(store: Store, token: str, now: datetime) -> Caller:
    try:
        return identify(store, f"Bearer {token}", now) if token else Caller()
    except RuleBroken:
        return Caller()


def _name(cookie: str) -> str:
    return _name_in(current_app, cookie)


def _name_in(app: Flask, cookie: str) -> str:
    return f"__Secure-{cookie}" if app.config["SESSION_COOKIE_SECURE"] else cookie


def _keep(response: Response, cookie: str, token: str, seconds: int | None) -> None:
    config = current_app.config
    response.set_cookie(
        _name(cookie),
        token,
        max_age=seconds,
        path=config["SESSION_COOKIE_PATH"],
        secure=config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )


def _drop(response: Response, cookie: str) -> None:
    config = current_app.config
    response.delete_cookie(
        _name(cookie),
        path=config["SESSION_COOKIE_PATH"],
        secure=config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
