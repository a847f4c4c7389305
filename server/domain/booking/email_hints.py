"""Slips of the finger in well-known mail hosts: `gmial.com` was probably meant as `gmail.com`."""

from __future__ import annotations

from difflib import SequenceMatcher

# Hosts that many visitors have; none of them may be near enough to another to be taken for its slip.
KNOWN_HOSTS = (
    *(
        "gmail.com",
        "wp.pl",
        "o2.pl",
        "onet.pl",
        "interia.pl",
        "poczta.onet.pl",
        "poczta.fm",
        "op.pl",
        "tlen.pl",
    ),
    *("outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "proton.me", "protonmail.com", "live.com"),
    *("ukr.net", "i.ua", "meta.ua", "mail.ru", "yandex.ru", "yandex.com", "tut.by", "mail.com", "gmx.com"),
)
_ALIKE = 0.82
_ENDINGS = {"con": "com", "cmo": "com", "ocm": "com", "vom": "com", "comm": "com", "pll": "pl", "lp": "pl"}
# Below so many letters one letter more or less makes another host of its own.
_SHORTEST = 7


def meant_email(email: str) -> str | None:
    """Return the address that was probably meant; None when nothing looks like a slip.

    A hint to ask with, never to correct by: the host that was typed may well exist.
    """
    local, _, host = email.strip().rpartition("@")
    typed = host.casefold()
    if not local or typed in KNOWN_HOSTS:
        return None
    name, _, ending = typed.rpartition(".")
    mended = f"{name}.{_ENDINGS[ending]}" if ending in _ENDINGS and name else typed
    near = [known for known in KNOWN_HOSTS if len(known) >= _SHORTEST and _is_slip(mended, known)]
    best = max(near, key=lambda known: SequenceMatcher(None, mended, known).ratio(), default=None)
    if best is not None:
        return f"{local}@{best}"
    return f"{local}@{mended}" if mended != typed else None


def _is_slip(typed: str, known: str) -> bool:
    return abs(len(typed) - len(known)) <= 1 and SequenceMatcher(None, typed, known).ratio() >= _ALIKE
