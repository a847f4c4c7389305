"""What is sealed of a reservation: opened for its owner, and given when a visit stands."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context
from server.store.keyring import Box
from server.store.prepared import Place
from server.store.queries.booking import reservations as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.codes import BookingCode, BookingToken, new_code, new_token

_CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Codes:
    """The code that is typed and the secret of the QR."""

    code: BookingCode
    token: BookingToken


def person_of(session: Session, context: Context, row: Reservation) -> dict[str, Any]:
    """Open who comes; empty when it was erased."""
    return _person(personal_keys.opener(session, context.keys, row.personal_key_id), row)


def codes_of(session: Session, context: Context, row: Reservation) -> Codes | None:
    """Open the codes; None when there are none, or none any more."""
    if row.sealed_codes is None:
        return None
    return _codes(personal_keys.opener(session, context.keys, row.personal_key_id), row)


def opened(place: Place, context: Context, row: Reservation) -> tuple[dict[str, Any], Codes | None]:
    """Open both with one look at the person's key."""
    key_id = row.personal_key_id
    box = context.keys if key_id is None else personal_keys.look(place, context.keys, key_id)
    return _person(box, row), _codes(box, row)


def _person(box: Box | None, row: Reservation) -> dict[str, Any]:
    return personal_keys.open_json(box, row.sealed_person, b"person") or {}


def _codes(box: Box | None, row: Reservation) -> Codes | None:
    codes = personal_keys.open_json(box, row.sealed_codes, b"codes")
    return codes and Codes(BookingCode(codes["code"]), BookingToken(codes["token"]))


def give_codes(session: Session, context: Context, row: Reservation, box: Box) -> None:
    """Give a reservation a fresh code and QR secret: found by keyed hashes, sealed for its owner (rule 7)."""
    code, token = _fresh_code(session, context), new_token()
    row.code_hash = context.keys.lookup("code", code.digits)
    row.token_hash = context.keys.lookup("token", token.text)
    row.sealed_codes = box.seal(json.dumps({"code": code.digits, "token": token.text}).encode(), b"codes")


def _fresh_code(session: Session, context: Context) -> BookingCode:
    """Draw a code that no reservation has; with a million kept, one draw in a hundred is drawn again."""
    for _ in range(_CODE_TRIES):
        code = new_code()
        if rows.by_code(session, context.keys.lookups("code", code.digits), scanned=False) is None:
            return code
    raise RuntimeError("no free booking code")
