"""What a kiosk keeps for the time without a server, and what it sends when the server is back (ADR 0026)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from wire.messages.halls import ServiceOffer
from wire.messages.shapes import CounterNumber, Language, Letter, Message, Word
from wire.vocabulary import Conflict, ReservationStatus

_STRETCHED = 3_000
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Wall = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Series = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Windows = dict[Annotated[str, StringConstraints(pattern=r"^[0-6]$")], list[tuple[Wall, Wall]]]


class OfflinePeriod(Message):
    """Days with hours of their own, the last one included."""

    first: date
    last: date
    windows: Windows


class OfflineHours(Message):
    """Hours of a week by the branch's clock: for each weekday (0 is Monday) its windows."""

    windows: Windows
    periods: list[OfflinePeriod] = Field(default_factory=list)


class OfflineService(Message):
    """A service with the rules by which a kiosk admits and gives tickets on its own (rules 14 and 18).

    `offer` is what it showed last. `earliest_minutes` before the hour a booked visitor is taken in, None from the
    start of the day. `issued_today` counts walk-in tickets up to the list's time.
    """

    offer: ServiceOffer
    lead_minutes: int
    earliest_minutes: int | None = None
    grace_minutes: int = 0
    is_open: bool = True
    is_stopped: bool = False
    walk_ins_stopped: bool = False
    opening_hours: OfflineHours | None = None
    walk_in_hours: OfflineHours | None = None
    daily_limit: int | None = None
    issued_today: int = 0


class OfflineReservation(Message):
    """One of today's visits: what the rules need of it, and hashes by which its code and its QR are known.

    Nothing here names anybody. `number` and `issued_at` are its ticket's, where it is checked in.
    """

    id: int
    code: Hash
    token: Hash
    service: Letter
    language: Language
    status: ReservationStatus
    appointment_at: AwareDatetime
    reinstated: bool = False
    kept_until: AwareDatetime | None = None
    lapsed_by_time: bool = False
    number: str | None = None
    issued_at: AwareDatetime | None = None


class OfflineList(Message):
    """All that a kiosk needs to go on alone until `valid_until`; the salt is the branch's for one day.

    `letter` is the kiosk's own behind the service's in its series (`PX01`); `next_ordinals` are the first numbers
    not used in these series today, as far as the server knows. `day_starts_at` ends the business day before.
    `line_key` is by what counters of the branch are known on this day (wire.messages.line); only a kiosk that
    counters may call from asks for it, and others have none.
    """

    branch: Word
    zone: str
    day: date
    day_starts_at: Wall = "00:00"
    made_at: AwareDatetime
    valid_until: AwareDatetime
    letter: Letter
    next_ordinals: dict[Series, int] = Field(default_factory=dict)
    salt: Hash
    line_key: Hash | None = None
    services: list[OfflineService]
    reservations: list[OfflineReservation]


class SignedList(Message):
    """The list as the server wrote it, and its signature by what only the server and this device know."""

    body: str
    signature: Hash


class OfflineEntry(Message):
    """A ticket that a kiosk gave on its own: to whom, when by the server's clock, under which number.

    `reservation` is None for a walk-in. `unanswered` is the key of the command whose answer never came: its
    ticket, if there is one, gives way to this number. `called_at`, `counter`, `ended_at` and `no_show` tell what
    became of it at the kiosk's own line, and are left out where nothing did.
    """

    at: AwareDatetime
    service: Letter
    series: Series
    ordinal: Annotated[int, Field(ge=1, le=9999)]
    language: Language
    priority: Word | None = None
    reservation: int | None = None
    unanswered: Annotated[str, StringConstraints(max_length=100)] | None = None
    called_at: AwareDatetime | None = None
    counter: CounterNumber | None = None
    ended_at: AwareDatetime | None = None
    no_show: bool | None = None


class EntryTaken(Message):
    """The server has the entry for good: with the ticket it became, or the conflict that staff are shown."""

    number: str
    ticket: int | None = None
    conflict: Conflict | None = None


def code_hash(salt: str, kind: str, text: str) -> str:
    """Return what stands for a code (`kind` code, nine digits) or a QR's token (`token`) in a list, in hex.

    Nine digits are few: each guess costs 3 000 rounds (PBKDF2-HMAC-SHA-256). Tokens are long: one HMAC will do.
    """
    if kind == "code":
        return hashlib.pbkdf2_hmac("sha256", text.encode(), bytes.fromhex(salt), _STRETCHED).hex()
    return hmac.new(bytes.fromhex(salt), f"{kind}:{text}".encode(), "sha256").hexdigest()


def signature_of(body: str, token_hash: bytes) -> str:
    """Sign a list for the device whose token has this SHA-256 hash, which is all that the server knows of it."""
    key = hmac.digest(token_hash, b"offline list", "sha256")
    return hmac.new(key, body.encode(), "sha256").hexdigest()


def offline_number(series: str, ordinal: int) -> str:
    """Write a number of a kiosk's own series as people read and hear it: PX01, PX42, PX100."""
    return f"{series}{ordinal:02d}"
