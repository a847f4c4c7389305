"""Booking codes and QR texts: made, checked, normalised and shown in one place."""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from dataclasses import dataclass

MAX_SCAN_BYTES = 256
TOKEN_BYTES = 20
QR_PREFIX = "NQ1:"

_QR = re.compile(r"NQ1:[A-Z2-7]{32}")
_SEPARATORS = frozenset(" -\u00a0\u2007\u202f\u2009\u2010\u2011\u2012\u2013\u2014\u2212.")
# The order-10 quasigroup of H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004), in its usual form.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class MalformedCode(ValueError):
    """The text is neither a booking code nor a QR text of ours (no wrong try: it cannot be anybody's)."""


@dataclass(frozen=True, slots=True)
class BookingCode:
    """Nine digits that a person types: eight random ones and a Damm check digit."""

    digits: str

    @property
    def shown(self) -> str:
        """Return the code as people read it, `482 910 378`."""
        return f"{self.digits[:3]} {self.digits[3:6]} {self.digits[6:]}"


@dataclass(frozen=True, slots=True)
class BookingToken:
    """The secret inside a QR: 160 bits in base32, shown nowhere as text."""

    text: str

    @property
    def qr(self) -> str:
        """Return the text that the QR carries."""
        return QR_PREFIX + self.text


def check_digit(digits: str) -> str:
    """Return the Damm check digit of a string of ASCII digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][ord(digit) - 48]
    return str(interim)


def new_code() -> BookingCode:
    """Draw a booking code from the system's secure source."""
    body = f"{secrets.randbelow(10**8):08d}"
    return BookingCode(body + check_digit(body))


def new_token() -> BookingToken:
    """Draw the secret for a QR from the system's secure source."""
    return BookingToken(base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode("ascii"))


def digits_of(text: str) -> str:
    """Return the ASCII digits of a typed code: separators dropped, digits of other scripts translated.

    Raises MalformedCode at any other character.
    """
    digits = []
    for char in text:
        if char in _SEPARATORS:
            continue
        if unicodedata.category(char) != "Nd":
            raise MalformedCode("a booking code has digits only")
        digits.append(str(unicodedata.digit(char)))
    return "".join(digits)


def parse_scan(text: str) -> BookingCode | BookingToken:
    """Read what was typed or scanned: nine digits with a right check digit, or a QR text `NQ1:…`.

    Raises MalformedCode for everything else, before anything is looked up (api.md: no wrong try).
    """
    if len(text) > MAX_SCAN_BYTES or len(text.encode("utf-8", "replace")) > MAX_SCAN_BYTES:
        raise MalformedCode(f"longer than {MAX_SCAN_BYTES} bytes")
    stripped = text.strip(" \t\r\n")
    if stripped.startswith(QR_PREFIX):
        if _QR.fullmatch(stripped) is None:
            raise MalformedCode("not a QR text of this system")
        return BookingToken(stripped[len(QR_PREFIX) :])
    digits = digits_of(stripped)
    if len(digits) != 9:
        raise MalformedCode("a booking code has nine digits")
    if check_digit(digits) != "0":
        raise MalformedCode("the check digit is wrong")
    return BookingCode(digits)


ENROLMENT = "NQE1:"
"""How the text of a QR begins that enrols a device."""


def enrolment_text(server_url: str, code: str) -> str:
    """Write what the QR holds that enrols a device: the server's address and the one-time code."""
    return f"{ENROLMENT}{server_url}#{code}"


def parse_enrolment(text: str) -> tuple[str, str]:
    """Read the QR that enrols a device: the server's address and the code. Raises MalformedCode."""
    address, _, code = text.strip().removeprefix(ENROLMENT).partition("#")
    if not text.strip().startswith(ENROLMENT) or not address.startswith(("http://", "https://")) or not code:
        raise MalformedCode("this is no QR of a new device")
    return address.rstrip("/"), code
