"""How a reservation was made: kept to find automation, held when it is removed, exported on demand (rule 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.queries import guard as rows
from server.store.queries.guard import EvidenceRow
from server.store.queries.privacy import personal_keys
from wire.vocabulary import FactType

_BOUND = b"details"
_LONGEST_AGENT = 400
TRACED = ("block_hash", "agent_hash")
"""The columns by which evidence of the same origin is found."""
_MOST_MS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Traces:
    """What a browser left while it booked.

    `fill_ms` is from the first page of the booking to its last, `pages_ms` how long each took;
    `challenge_ms` is what the browser says its puzzle took, None when it solved none.
    """

    address_block: str
    agent: str
    fill_ms: int
    challenge_ms: int | None = None
    pages_ms: tuple[int, ...] = ()
    challenge: str = "none"


def keep(
    session: Session, context: Context, reservation_id: int, account_id: int | None, traces: Traces
) -> None:
    """Keep how a reservation was made: hashes by which alike ones are found, the rest sealed.

    The key is not the reservation's: evidence of a removed one is held when the person's values are gone, and
    its own end must make it unreadable in backups too.
    """
    agent = traces.agent[:_LONGEST_AGENT]
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    details = asdict(traces) | {"agent": agent}
    rows.add_evidence(
        session,
        {
            "reservation_id": reservation_id,
            "account_id": account_id,
            "personal_key_id": key_id,
            **{column: context.keys.lookup(*text) for column, text in traced_texts(details).items()},
            "fill_ms": _bounded(traces.fill_ms),
            "challenge_ms": None if traces.challenge_ms is None else _bounded(traces.challenge_ms),
            "sealed_details": personal_keys.seal_json(box, details, _BOUND),
            "made_at": context.now,
        },
    )


def traced_texts(details: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return of what the hashes by which alike ones are found are made: by their columns, kind and text."""
    return {"block_hash": ("block", details["address_block"]), "agent_hash": ("agent", details["agent"])}


def hold(session: Session, context: Context, reservation_id: int) -> bool:
    """Hold the evidence of a reservation that staff removed (⚙ evidence_hold_days); False when there is none."""
    found = rows.evidence_of(session, [reservation_id])
    if not found:
        return False
    branch_id = found[0].branch_id
    until = context.now + timedelta(days=context.branch(branch_id).policy.evidence_hold_days)
    rows.hold(session, reservation_id, until)
    data = {"reservation": reservation_id, "until": until.isoformat()}
    note(session, NewFact(FactType.EVIDENCE_HELD, context.now, branch_id, data))
    return True


def of(session: Session, context: Context, reservation_id: int) -> dict[str, Any] | None:
    """Open how one reservation was made, for the staff of its branch; None when nothing is kept."""
    found = rows.evidence_of(session, [reservation_id])
    return _opened(session, context, found[0]) if found else None


def export(
    session: Session, context: Context, reservation_ids: Sequence[int] | None = None
) -> list[dict[str, Any]]:
    """Open evidence for the authorities: of some reservations, or all that is held; the log keeps that it was."""
    if reservation_ids is None:
        found = rows.evidence_held(session, context.now)
    else:
        found = rows.evidence_of(session, list(reservation_ids))
    if found:
        data = {"reservations": [row.reservation_id for row in found]}
        note(session, NewFact(FactType.EVIDENCE_EXPORTED, context.now, data=data))
    return [_opened(session, context, row) for row in found]


def _opened(session: Session, context: Context, row: EvidenceRow) -> dict[str, Any]:
    box = personal_keys.box(session, context.keys, row.personal_key_id)
    details = personal_keys.open_json(box, row.sealed_details, _BOUND) or {}
    known = {
        "reservation": row.reservation_id,
        "branch": context.branch(row.branch_id).code,
        "service": row.service,
        "status": row.status,
        "appointment_at": row.appointment_at.isoformat(),
        "made_at": row.made_at.isoformat(),
        "account": row.account_id,
        "held_until": None if row.held_until is None else row.held_until.isoformat(),
    }
    return known | details


def _bounded(milliseconds: int) -> int:
    """Keep a time within what the column holds: pages may lie open for weeks, and clocks may jump."""
    return min(max(0, milliseconds), _MOST_MS)
