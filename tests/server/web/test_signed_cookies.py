"""Cookies and forms of before a change of the key are read, and written anew with the one in use."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect, generate_csrf

from server.store.keyring import Keyring, SecretKey
from server.web.signed_cookies import SignedCookies, signed_by

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PURPOSE = "test session"


def made() -> tuple[Keyring, FlaskClient]:
    """Make an application that knows somebody again, and a browser before it."""
    keys, app = Keyring(bytes(range(32))), Flask(__name__)
    app.config.update(signed_by(keys, PURPOSE))
    app.session_interface = SignedCookies(keys, PURPOSE)
    CSRFProtect(app)

    @app.get("/")
    def form() -> str:
        session["who"] = "Ala"
        return generate_csrf()

    @app.post("/")
    def sent() -> str:
        session["seen"] = session.get("seen", 0) + 1
        return str(session.get("who"))

    return keys, app.test_client()


def rotate(keys: Keyring) -> None:
    """Use another key from now on, beside the one of before."""
    keys.take([SecretKey(bytes(range(100, 132)), NOW), *keys.keys], keys.blind, keys.check)
    assert keys.advance(NOW)


def test_a_form_of_before_the_change_is_taken_after_it() -> None:
    keys, browser = made()
    token = browser.get("/").text
    rotate(keys)
    assert browser.post("/", data={"csrf_token": token}).text == "Ala"


def test_a_cookie_that_was_sent_since_outlives_the_old_key() -> None:
    keys, browser = made()
    token = browser.get("/").text
    rotate(keys)
    browser.post("/", data={"csrf_token": token})
    token = browser.get("/").text
    keys.take([keys.in_use], keys.blind)
    assert browser.post("/", data={"csrf_token": token}).text == "Ala"


def test_without_the_old_key_nobody_is_known() -> None:
    keys, browser = made()
    token = browser.get("/").text
    rotate(keys)
    keys.take([keys.in_use], keys.blind)
    assert browser.post("/", data={"csrf_token": token}).status_code == 400
