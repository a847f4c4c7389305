"""The code of a ticket without paper: screens in the hall show another one each minute, for who is there."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MINUTE = timedelta(minutes=1)
GOOD_FOR = timedelta(seconds=90)
"""So long after it is first shown, a phone may open a code."""
EARLY = timedelta(seconds=5)
"""A screen whose clock goes ahead shows the next code so much too soon, and still it opens."""
CHOOSING = timedelta(minutes=10)
"""So long a phone that opened a code may choose a service."""
ONE_PHONE = timedelta(days=1)
"""So long a phone is known again that opens another code."""
MOST_A_MINUTE = 20
"""So many tickets without paper a branch gives in a minute: a script that opens a code gets no thousands."""
_TOKEN = re.compile(r"([0-9a-f]{1,15})-([0-9a-f]{1,9})-[A-Za-z0-9_-]{22}")


class Age(StrEnum):
    """What a code is worth."""

    FRESH = "fresh"
    TOO_OLD = "too_old"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Code:
    """The code that a device shows in a minute, which is counted from the epoch."""

    device_id: int
    minute: int

    @property
    def shown_from(self) -> datetime:
        """Return the instant in UTC from which it is shown, for a minute."""
        return datetime.fromtimestamp(self.minute * 60, UTC)

    def token(self, key: bytes) -> str:
        """Write it as the part of an address: device, minute, and 132 bits of HMAC-SHA-256 over both."""
        told = f"{self.device_id:x}-{self.minute:x}"
        mac = hmac.digest(key, told.encode(), "sha256")
        return f"{told}-{urlsafe_b64encode(mac)[:22].decode()}"

    def age(self, now: datetime) -> Age:
        """Tell whether it may be opened now; one of a later minute was never shown."""
        since = now - self.shown_from
        if since < -EARLY:
            return Age.NOT_OURS
        return Age.FRESH if since < GOOD_FOR else Age.TOO_OLD


def codes(device_id: int, now: datetime) -> tuple[Code, Code]:
    """Give a device's code of this minute and of the next, which it shows although the server falls silent."""
    minute = int(now.timestamp()) // 60
    return Code(device_id, minute), Code(device_id, minute + 1)


def read(keys: Iterable[bytes], token: str) -> Code | None:
    """Read the code of a token that one of the keys made; None for any other text (compared in constant time)."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        return None
    code = Code(int(parts[1], 16), int(parts[2], 16))
    is_genuine = any(hmac.compare_digest(code.token(key), token) for key in keys)
    return code if is_genuine else None
