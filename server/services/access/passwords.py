"""Passwords of clerks and of accounts: one way to hash them, and which are too easy to take."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.services.context import RuleBroken

LEAST = 8
MOST = 200
# OWASP's smaller profile (m = 19 MiB, t = 2, p = 1): 35 log-ins/s on a core, and two at a time bound the memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)
_LONGEST_WAIT_SECONDS = 5.0
# Verified when nobody has the login, so that the time tells nothing (quality.md, Safe 4).
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$+ScfRobCM/FMxNw+MKh9zw$EJz20oWZAMj9y0UuiuBPaG4dw5RNflYfCIBSGPqyXk8"

_KNOWN = Path(__file__).with_name("known_passwords.txt")
_ROWS = (
    *("01234567890123456789", "98765432109876543210"),
    *("qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz"),
    *("йцукенгшщзхъфывапролджэячсмитьбю", "йцукенгшщзхїфівапролджєячсмитьбю"),
    *("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
)
# What people write for a letter so that a word may pass for a password.
_FOR_LETTERS = str.maketrans("@4301$5", "aaeoiss")
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_MOST_AROUND = 5


def hash_password(password: str) -> str:
    """Hash a password with argon2id. Raises RuleBroken for one of fewer than 8 or more than 200 characters."""
    if (problem := _wrong_length(password)) is not None:
        raise RuleBroken(422, problem, least=LEAST, most=MOST)
    with _turn():
        return _HASHER.hash(_normal(password))


def right_password(hashed: str | None, password: str) -> bool:
    """Verify a password outside any transaction; takes as long when there is no hash to compare it with."""
    # The cut bounds what a sender of nonsense can make us do; nobody's password is that long.
    return _matches(hashed or _NOBODY, password[: MOST + 1]) and hashed is not None


def weakness(password: str, *own: str) -> str | None:
    """Say what is wrong with a new password: `password_too_short`, `password_too_long` or `password_common`.

    Length counts, composition does not (ASVS 6.2); `own` are words of its owner, which others try first.
    """
    if (problem := _wrong_length(password)) is not None:
        return problem
    plain = _normal(password).casefold()
    if _is_known(plain) or _is_a_row(plain) or any(_is_mostly(word.casefold(), plain) for word in own):
        return "password_common"
    return None


def _normal(password: str) -> str:
    """Write a password as one sequence of characters, however the keyboard composed them."""
    return unicodedata.normalize("NFC", password)


def _wrong_length(password: str) -> str | None:
    length = len(_normal(password[: 4 * MOST]))
    if length < LEAST:
        return "password_too_short"
    return "password_too_long" if length > MOST else None


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn to hash. Raises RuleBroken 503 `busy` rather than hold a thread that others need."""
    if not _AT_ONCE.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise RuleBroken(503, "busy", retry_after=2)
    try:
        yield
    finally:
        _AT_ONCE.release()


def _matches(hashed: str, password: str) -> bool:
    with _turn():
        try:
            return _HASHER.verify(hashed, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _is_known(plain: str) -> bool:
    """Say whether it is a word of the list, or one with some figures and signs around it."""
    words, stems = _known()
    stem = _stem(plain)
    return plain in words or (stem in stems and len(plain) - len(stem) <= _MOST_AROUND)


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(_KNOWN.read_text(encoding="utf-8").split())
    return words, frozenset(stem for stem in map(_stem, words) if len(stem) >= 4)


def _stem(plain: str) -> str:
    """Return the word in it: `P@ssw0rd2026!` is `password`."""
    return _AROUND.sub("", _AROUND.sub("", plain).translate(_FOR_LETTERS))


def _is_a_row(plain: str) -> bool:
    """Say whether a password is one or two characters again and again, or a row of the keyboard."""
    return len(set(plain)) <= 2 or any(plain in row for row in _ROWS)


def _is_mostly(word: str, plain: str) -> bool:
    return word in plain and len(word) * 2 > len(plain)
