"""Codes that activate a reservation: six digits, kept as a keyed hash, sent to the applicant alone (rule 6)."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session

from server.services.booking.letters import Letter, Opened, tell
from server.services.context import Context
from server.store.tables import Reservation
from wire.codes import MalformedCode, digits_of
from wire.vocabulary import MessageKind

_DIGITS = 6
_LONGEST_TYPED = 40


def send_code(
    session: Session, context: Context, row: Reservation, channel: str, opened: Opened | None = None
) -> None:
    """Draw a code and send it; the one before it is void. `opened` as for `letters.tell`."""
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    row.activation_sends += 1
    row.activation_hash = code_hashes(context, row.id, code)[0]
    letter = Letter(
        MessageKind.ACTIVATION_CODE,
        again=str(row.activation_sends),
        values={"code": code},
        facts={"until": row.lapses_at.isoformat()},
        until=row.lapses_at,
    )
    tell(session, context, row, letter, only=channel, opened=opened)


def code_hashes(context: Context, reservation_id: int, code: str) -> tuple[bytes, ...]:
    """Return the hashes of a reservation's code, one by each key: it opens no other's."""
    return context.keys.lookups("activation", f"{reservation_id}:{code}")


def read_code(typed: str) -> str | None:
    """Read six typed digits, with spaces or in another script; None for anything that can be no code."""
    if len(typed) > _LONGEST_TYPED:
        return None
    try:
        digits = digits_of(typed.strip())
    except MalformedCode:
        return None
    return digits if len(digits) == _DIGITS else None
