"""Passwords: one costly hash for all, as costly for nobody, and none that everybody tries first."""

from __future__ import annotations

import unicodedata

import pytest

from server.services.access import passwords
from server.services.context import RuleBroken

PASSWORD = "a long enough password"


def test_an_unknown_login_costs_a_verification_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    monkeypatch.setattr(passwords, "_matches", lambda hashed, _: verified.append(hashed) or False)
    assert not passwords.right_password(None, "whatever")
    assert verified == [passwords._NOBODY]


def test_the_hash_of_nobody_has_the_cost_of_every_other() -> None:
    assert passwords._NOBODY.rpartition("$")[0].rpartition("$")[0] == "$argon2id$v=19$m=19456,t=2,p=1"


def test_the_hash_is_argon2id_of_owasps_smaller_profile() -> None:
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with pytest.raises(RuleBroken, match="password_too_short"):
        passwords.hash_password("1234567")
    with pytest.raises(RuleBroken, match="password_too_long"):
        passwords.hash_password("x" * 201)


def test_a_letter_composed_by_another_keyboard_is_the_same_letter() -> None:
    composed, apart = "zażółć gęślą jaźń", unicodedata.normalize("NFD", "zażółć gęślą jaźń")
    assert composed != apart
    assert passwords.right_password(passwords.hash_password(apart), composed)


def test_a_damaged_hash_lets_nobody_in() -> None:
    assert not passwords.right_password("$argon2id$nothing", PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        *("zaq12wsx", "PASSWORD123", "P@ssw0rd2026!", "haslo2026", "Wrocław2026", "Monkey!!!!!"),
        *(
            "aaaaaaab",
            "abababab",
            "12345678",
            "asdfghjkl",
            "йцукенгш",
            "Пароль123",
            "Україна2026",
            "mnopqrst",
        ),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert passwords.weakness(password) == "password_common"


@pytest.mark.parametrize(
    "password", ["correct horse", "kotek na plocie", "ąęśćżźół", "12 34 56 78 90", "🐢🐇🐢🐇🐢🐇🐢🐎"]
)
def test_length_counts_and_composition_does_not(password: str) -> None:
    assert passwords.weakness(password) is None


@pytest.mark.parametrize(
    ("password", "problem"), [("1234567", "password_too_short"), ("é" * 201, "password_too_long")]
)
def test_too_short_and_too_long_ones_are_refused(password: str, problem: str) -> None:
    assert passwords.weakness(password) == problem


def test_the_owners_own_words_are_refused() -> None:
    assert passwords.weakness("a.kowalska1", "a.kowalska") == "password_common"
    assert passwords.weakness("kowalska has a long one", "kowalska") is None


def test_who_waits_too_long_for_a_turn_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LONGEST_WAIT_SECONDS", 0.01)
    for _ in range(2):
        passwords._AT_ONCE.acquire()
    try:
        with pytest.raises(RuleBroken, match="busy"):
            passwords.right_password(None, PASSWORD)
    finally:
        for _ in range(2):
            passwords._AT_ONCE.release()
    assert not passwords.right_password(None, PASSWORD)
