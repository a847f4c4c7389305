"""The signed cookie of a set of pages."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from server.store.keyring import Keyring

KEYS = "WTF_CSRF_SECRET_KEY"
"""Where the application's settings have the keys that sign, the one in use last; forms are signed with them."""


def signed_by(keys: Keyring, purpose: str) -> dict[str, Any]:
    """Return the settings by which Flask and its libraries sign with the key in use and read by all of them."""
    told = keys.all_derived(purpose)
    return {"SECRET_KEY": told[-1], "SECRET_KEY_FALLBACKS": told[:-1], KEYS: told}


class SignedCookies(SecureCookieSessionInterface):
    """Flask's signed cookies, with one signer for all requests: a new one costs as much as to verify a cookie."""

    def __init__(self, keys: Keyring, purpose: str) -> None:
        self._keys, self._purpose = keys, purpose
        self._made_for: object = None
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer of the application; with other keys it is another, for forms too."""
        order = self._keys.in_order
        if order is not self._made_for:
            app.config.update(signed_by(self._keys, self._purpose))
            self._signer = super().get_signing_serializer(app)
            self._made_for = order
        return self._signer
