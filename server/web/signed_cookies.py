"""The signed cookie of a set of pages."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class SignedCookies(SecureCookieSessionInterface):
    """Flask's signed cookies, with one signer for all requests: a new one costs as much as to verify a cookie."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer of the application, which has one key as long as it runs."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer
