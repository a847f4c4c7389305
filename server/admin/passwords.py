"""A new password: asked where nobody looks on, long enough, and none of those that everybody tries first."""

from __future__ import annotations

import getpass
import sys
from functools import cache
from pathlib import Path

from server.admin.failures import OperatorMistake

LEAST = 8
MOST = 200
_KNOWN = Path(__file__).with_name("known_passwords.txt")
_ROWS = (
    "01234567890123456789",
    "98765432109876543210",
    "qwertyuiopasdfghjklzxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
)


def ask_new_password(login: str) -> str:
    """Ask for a password, twice on a terminal, else as one line of standard input. Raises OperatorMistake."""
    if sys.stdin.isatty():
        password = getpass.getpass(f"New password of {login}: ")
        if password != getpass.getpass("Once more: "):
            raise OperatorMistake("the two passwords differ: nothing was changed.")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    problem = weakness(password, login)
    if problem is not None:
        raise OperatorMistake(problem)
    return password


def weakness(password: str, login: str) -> str | None:
    """Say what is wrong with a password; length counts, composition does not (ASVS 6.2)."""
    if not LEAST <= len(password) <= MOST:
        return f"a password has {LEAST} to {MOST} characters."
    plain = password.casefold()
    if plain in _known() or _is_a_row(plain) or (login.casefold() in plain and len(login) * 2 > len(plain)):
        return "this password is among those that everybody tries first: take another one."
    return None


@cache
def _known() -> frozenset[str]:
    return frozenset(_KNOWN.read_text(encoding="utf-8").split())


def _is_a_row(plain: str) -> bool:
    """Say whether a password is one or two characters again and again, or a row of the keyboard."""
    return len(set(plain)) <= 2 or any(plain in row for row in _ROWS)
