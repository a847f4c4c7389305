"""Lists reservations that look as if a program had made them; a person decides what becomes of them (rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.guard.suspicion import Trace, suspects
from server.services.context import Context
from server.store.queries import guard as rows
from server.store.queries.guard import EvidenceRow


@dataclass(frozen=True, slots=True)
class Suspicious:
    """A suspicious reservation as staff see it: without a name, with what speaks against it."""

    reservation_id: int
    branch: str
    service: str
    status: str
    appointment_at: datetime
    made_at: datetime
    fill_ms: int
    score: int
    reasons: tuple[str, ...]
    is_held: bool


def suspicious(
    session: Session, context: Context, branch_id: int | None, within: timedelta, least_score: int = 3
) -> list[Suspicious]:
    """Return the suspicious ones of the reservations made within a time, the worst first.

    All branches are compared with each other, even when those of one are asked for.
    """
    found = {row.reservation_id: row for row in rows.evidence_since(session, context.now - within)}
    judged = suspects(map(_trace, found.values()), least_score)
    return [
        _told(context, found[each.reservation_id], each.score, each.reasons)
        for each in judged
        if branch_id is None or found[each.reservation_id].branch_id == branch_id
    ]


def _trace(row: EvidenceRow) -> Trace:
    return Trace(
        row.reservation_id,
        row.account_id,
        row.block_hash,
        row.agent_hash,
        row.made_at,
        row.fill_ms,
        row.challenge_ms,
    )


def _told(context: Context, row: EvidenceRow, score: int, reasons: tuple[str, ...]) -> Suspicious:
    return Suspicious(
        row.reservation_id,
        context.branch(row.branch_id).code,
        row.service,
        row.status,
        row.appointment_at,
        row.made_at,
        row.fill_ms,
        score,
        reasons,
        row.held_until is not None and row.held_until > context.now,
    )
