"""A new password: asked where nobody looks on, long enough, and none of those that everybody tries first."""

from __future__ import annotations

import getpass
import sys

from server.admin.failures import OperatorMistake
from server.services.access import passwords

_SAID = {
    "password_common": "this password is among those that everybody tries first: take another one.",
}


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
    """Say in words what is wrong with a password."""
    problem = passwords.weakness(password, login)
    if problem is None:
        return None
    return _SAID.get(problem, f"a password has {passwords.LEAST} to {passwords.MOST} characters.")
