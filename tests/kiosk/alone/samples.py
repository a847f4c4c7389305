"""A branch's list for a time without the server, and how the server would have signed it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256

from kiosk.visit.effects import IssueTicket, SubmitCode
from wire import messages as wire
from wire.codes import BookingCode, BookingToken, check_digit
from wire.messages.offline import code_hash, signature_of
from wire.vocabulary import ReservationStatus

TOKEN = "nd-a-token"
SALT = "5a" * 32
MADE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)  # nine in the morning in Wrocław, a Tuesday
HOUR = MADE + timedelta(minutes=40)
ASKS = itertools.count(1)


def code(number: int) -> BookingCode:
    """Return one of a row of valid codes."""
    body = f"{number:08d}"
    return BookingCode(body + check_digit(body))


def qr(number: int) -> BookingToken:
    """Return the token of the QR beside that code."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return BookingToken("A" * 31 + letters[number % 32])


@cache
def _hashes(nth: int) -> dict[str, str]:
    return {
        "code": code_hash(SALT, "code", code(nth).digits),
        "token": code_hash(SALT, "token", qr(nth).text),
    }


def visit(nth: int, service: str = "P", hour: datetime = HOUR, **other: object) -> wire.OfflineReservation:
    """Return a visit of the list under one of the codes."""
    values = {
        "id": nth,
        **_hashes(nth),
        "service": service,
        "language": "pl",
        "status": ReservationStatus.BOOKED,
        "appointment_at": hour,
    }
    return wire.OfflineReservation.model_validate(values | other)


def service(letter: str = "P", walk_in: bool = False, **other: object) -> wire.OfflineService:
    """Return a service that admits booked visitors 15 minutes before, and walk-ins where it is said."""
    names = {"pl": f"Usługa {letter}", "en": f"Service {letter}"}
    offer = wire.ServiceOffer(code=letter, names=names, walk_in=walk_in, waiting=4, wait_minutes=12)
    return wire.OfflineService.model_validate({"offer": offer, "lead_minutes": 15} | other)


def listed(**other: object) -> wire.OfflineList:
    """Return a list of one kiosk: P with visits 1 to 3, N for walk-ins."""
    values = {
        "branch": "wroclaw",
        "zone": "Europe/Warsaw",
        "day": MADE.date(),
        "made_at": MADE,
        "valid_until": MADE + timedelta(hours=8),
        "letter": "X",
        "salt": SALT,
        "services": [service(), service("N", walk_in=True)],
        "reservations": [visit(number) for number in (1, 2, 3)],
    }
    return wire.OfflineList.model_validate(values | other)


def signed(of: wire.OfflineList, token: str = TOKEN) -> wire.SignedList:
    """Sign a list as the server does."""
    body = of.model_dump_json()
    return wire.SignedList(body=body, signature=signature_of(body, sha256(token.encode()).digest()))


def entry(reservation: int | None = None, **other: object) -> wire.OfflineEntry:
    """Return an entry as it is handed to the journal."""
    values = {"at": MADE, "service": "P", "series": "PX", "ordinal": 1, "language": "pl"}
    return wire.OfflineEntry.model_validate(values | {"reservation": reservation} | other)


def shows(number: int, service: str | None = None, language: str | None = None) -> SubmitCode:
    """Return the question of a visitor who types a code."""
    return SubmitCode(next(ASKS), code(number).digits, service, language)


def scans(number: int) -> SubmitCode:
    """Return the question of a visitor who scans a QR."""
    return SubmitCode(next(ASKS), qr(number).qr, None, None)


def walks_in(letter: str = "N") -> IssueTicket:
    """Return the question of a visitor without a reservation."""
    return IssueTicket(next(ASKS), letter, "en", None)
