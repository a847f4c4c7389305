"""What was signed, for everybody: the days of a branch, the rows of a day, and proofs about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from server.domain.audit import notes, tree
from server.domain.audit.documents import DayLog, GrowthProof, RowProof
from server.domain.audit.notes import Checkpoint, Verifier
from server.domain.audit.tree import edge_at
from server.services.audit.growth import tiles_of
from server.services.audit.leaves import Leaves
from server.services.context import Context, RuleBroken, not_found
from server.store.queries import audit
from server.store.queries.audit import CheckpointRow, KeyRow

MOST_ROWS = 200_000
"""A log of more rows is handed out in parts: the years before the first checkpoint of an old office."""


@dataclass(frozen=True, slots=True)
class SignedDay:
    """A day of a branch as it is listed; its log is handed out in so many parts."""

    day: date
    size: int
    rows: int
    short: str
    parts: int
    cosigned: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key as others take it into their programs, and when it signed."""

    verifier: str
    made_at: datetime
    retired_at: datetime | None


def days(session: Session, branch_id: int, most: int) -> list[SignedDay]:
    """List the last days of a branch that were signed, the newest first."""
    found = audit.newest(session, branch_id, most + 1)
    sizes = [each.size for each in found[1:]]
    if len(found) <= most:
        sizes.append(0)
    signed: dict[date, list[tuple[str, datetime]]] = {}
    for each in audit.cosignatures(session, branch_id, [row.day for row in found]):
        signed.setdefault(each.day, []).append((each.witness.partition("+")[0], each.signed_at))
    return [
        SignedDay(
            row.day,
            row.size,
            row.size - before,
            _read(row).short,
            _parts(row.size - before),
            tuple(signed.get(row.day, ())),
        )
        for row, before in zip(found, sizes, strict=False)
    ]


def last_code(session: Session, branch_id: int) -> tuple[date, str] | None:
    """Return the last day of a branch that was signed, and its short code; None before the first."""
    row = audit.latest(session, branch_id)
    return (row.day, _read(row).short) if row else None


def note(session: Session, branch_id: int, day: date | None) -> str:
    """Return the signed checkpoint of a day, or the last one, with what witnesses signed of it.

    Raises RuleBroken 404.
    """
    return _noted(session, _row(session, branch_id, day))


def keys(session: Session, branch_id: int) -> list[SigningKey]:
    """List the keys of a branch's checkpoints, the one in use last; none before the first checkpoint."""
    last = audit.latest(session, branch_id)
    if last is None:
        return []
    return [SigningKey(_verifier(last, key), key.made_at, key.retired_at) for key in audit.keys(session)]


def day_log(session: Session, context: Context, branch_id: int, day: date, part: int | None = None) -> DayLog:
    """Return all rows of a day as they are in the log now, or those of a part of a long one (the first is 1).

    Raises RuleBroken 404, also for a part that is not there, and 409 `log_too_long` without a part.
    """
    row = _row(session, branch_id, day)
    before = audit.latest(session, branch_id, before=day)
    size, feed_number = (before.size, before.feed_number) if before else (0, 0)
    parts = _parts(row.size - size)
    if part is None and parts > 1:
        raise RuleBroken(409, "log_too_long", rows=row.size - size, most=MOST_ROWS, parts=parts)
    if part is not None and not 1 <= part <= parts:
        raise not_found("part")
    skip = MOST_ROWS * ((part or 1) - 1)
    edge = edge_at(size + skip, tiles_of(session, branch_id, row.size).subtree)
    leaves = Leaves(context.keys)
    facts = audit.facts_between(
        session, branch_id, feed_number, row.feed_number, skip=skip, most=MOST_ROWS if part else None
    )
    rows = tuple(leaves.write(place, fact) for place, fact in enumerate(facts, size + skip))
    verifiers = tuple(_verifier(row, key) for key in audit.keys(session))
    return DayLog(size + skip, edge.hashes, rows, _noted(session, row), verifiers)


def row_proof(session: Session, context: Context, branch_id: int, day: date, place: int) -> RowProof:
    """Prove that a row is in the log of a day's checkpoint. Raises RuleBroken 404."""
    row, first = _row(session, branch_id, day), audit.first_with(session, branch_id, place)
    if first is None or not 0 <= place < row.size:
        raise not_found("row")
    before = audit.latest(session, branch_id, before=first.day)
    size, feed_number = (before.size, before.feed_number) if before else (0, 0)
    facts = audit.facts_between(session, branch_id, feed_number, first.feed_number, skip=place - size, most=1)
    fact = next(iter(facts), None)
    if fact is None:
        raise not_found("row")
    path = tree.inclusion_proof(place, row.size, tiles_of(session, branch_id, row.size).subtree)
    return RowProof(Leaves(context.keys).write(place, fact), place, tuple(path), _noted(session, row))


def growth_proof(session: Session, branch_id: int, since: date, day: date) -> GrowthProof:
    """Prove that the log of a day begins with that of an earlier one. Raises RuleBroken 404."""
    row, old = _row(session, branch_id, day), _row(session, branch_id, since)
    if old.size > row.size:
        raise not_found("proof")
    path = tree.consistency_proof(old.size, row.size, tiles_of(session, branch_id, row.size).subtree)
    return GrowthProof(old.size, tuple(path), _noted(session, row))


def _noted(session: Session, row: CheckpointRow) -> str:
    lines = (each.line for each in audit.cosignatures(session, row.branch_id, [row.day]))
    return row.note + "".join(lines)


def _parts(rows: int) -> int:
    return max(1, -(-rows // MOST_ROWS))


def _row(session: Session, branch_id: int, day: date | None) -> CheckpointRow:
    found = audit.latest(session, branch_id) if day is None else audit.checkpoint(session, branch_id, day)
    if found is None:
        raise not_found("checkpoint")
    return found


def _read(row: CheckpointRow) -> Checkpoint:
    return notes.read_checkpoint(notes.read_note(row.note).text)


def _verifier(row: CheckpointRow, key: KeyRow) -> str:
    return str(Verifier(_read(row).origin, key.public_key))
