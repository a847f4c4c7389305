"""E-mail addresses as letters can be sent to them: plain, without a name, quotes or comments."""

from __future__ import annotations

import re
from typing import Any

_USER = re.compile(r"""[^\s"(),:;<>@\[\\\].]+(?:\.[^\s"(),:;<>@\[\\\].]+)*""")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST, _LONGEST_DOMAIN = 254, 253


def split_address(text: str) -> tuple[str, str]:
    """Return what stands before the @ of an address, and its domain in ASCII. Raises ValueError."""
    user, _, domain = text.rpartition("@")
    # `=?` would begin an encoded word, which mail programs read out.
    if _USER.fullmatch(user) is None or not user.isprintable() or "=?" in user or len(text) > _LONGEST:
        raise ValueError("an e-mail address is expected")
    return user, ascii_domain(domain)


def ascii_domain(domain: str) -> str:
    """Return a domain as the network knows it: in ASCII. Raises ValueError for what is none."""
    try:
        name = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if _DOMAIN.fullmatch(name) is None or len(name) > _LONGEST_DOMAIN:
        raise ValueError("a domain is expected")
    return name


def mail_address(value: Any) -> str:
    """Read the address of somebody to whom the office wants letters to go. Raises ValueError."""
    try:
        if not isinstance(value, str) or "." not in split_address(value)[1]:
            raise ValueError
    except ValueError:
        raise ValueError(f"{value!r} is no e-mail address such as office@example.org") from None
    return value
