"""An address that looks like a slip of the finger is asked about; a right one never is."""

from __future__ import annotations

import pytest

from server.domain.booking.email_hints import KNOWN_HOSTS, meant_email


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@gmial.con", "anna@gmail.com"),
        ("anna@gmai.com", "anna@gmail.com"),
        ("anna@hotmial.com", "anna@hotmail.com"),
        ("anna@interia.lp", "anna@interia.pl"),
        ("anna@example.con", "anna@example.com"),
        ("anna@gmail.co", "anna@gmail.com"),
        ("anna@wp.lp", "anna@wp.pl"),
        ("anna@onte.pl", "anna@onet.pl"),
        ("anna@gmaill.com", "anna@gmail.com"),
        (" Anna@GMIAL.com ", "Anna@gmail.com"),
    ],
)
def test_a_slip_is_recognised(typed: str, meant: str) -> None:
    assert meant_email(typed) == meant


@pytest.mark.parametrize("host", KNOWN_HOSTS)
def test_a_known_host_is_never_asked_about(host: str) -> None:
    assert meant_email(f"anna@{host}") is None


@pytest.mark.parametrize(
    "typed",
    [
        *("anna@example.org", "anna@duw.pl", "anna@wp.eu", "anna", "@gmial.com", "anna@", ""),
        *("anna@tut.bu", "anna@protonmailxx.com", "anna@.con", "anna@con"),
    ],
)
def test_what_is_no_slip_is_not_asked_about(typed: str) -> None:
    assert meant_email(typed) is None
