"""Attempts that are counted or spent once, and the evidence of how reservations were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.prepared import Prepared
from server.store.tables import Attempt, Evidence, Reservation, Service

SPENT = "spent"
_ADD_EVIDENCE = Prepared(
    insert(Evidence),
    (
        *("reservation_id", "account_id", "personal_key_id", "block_hash", "agent_hash", "fill_ms"),
        *("challenge_ms", "sealed_details", "made_at"),
    ),
)
_LAST_ATTEMPTS = Prepared(
    select(Attempt.key_hash, func.count(), func.max(Attempt.at))
    .where(
        Attempt.kind == bindparam("kind"),
        Attempt.key_hash.in_(
            [bindparam("one", type_=LargeBinary()), bindparam("other", type_=LargeBinary())]
        ),
        Attempt.at > bindparam("since"),
    )
    .group_by(Attempt.key_hash)
)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """The evidence of a reservation, as far as it is not sealed."""

    reservation_id: int
    branch_id: int
    service: str
    status: str
    appointment_at: datetime
    account_id: int | None
    block_hash: bytes
    agent_hash: bytes
    fill_ms: int
    challenge_ms: int | None
    made_at: datetime
    held_until: datetime | None
    personal_key_id: int | None
    sealed_details: bytes | None


# --- attempts ----------------------------------------------------------------------------------------


def one_at_a_time(session: Session, key_hash: bytes) -> None:
    """Let others who come with the same key wait until this transaction ends.

    A limit is counted and then kept: two at once must not both be the last. SQLite has one writer anyway.
    """
    if session.connection().dialect.name == "postgresql":
        number = int.from_bytes(key_hash[:8], "big", signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def add_attempt(session: Session, kind: str, key_hash: bytes, at: datetime) -> None:
    """Count an attempt."""
    session.execute(insert(Attempt).values(kind=kind, key_hash=key_hash, at=at))


def attempts(session: Session, kind: str, key_hash: bytes, since: datetime) -> tuple[int, datetime | None]:
    """Count the attempts since an instant, with the first one's."""
    query = select(func.count(), func.min(Attempt.at)).where(
        Attempt.kind == kind, Attempt.key_hash == key_hash, Attempt.at > since
    )
    count, first = session.execute(query).one()
    return count, first


def attempts_and_last(
    session: Session, kind: str, key_hash: bytes, since: datetime
) -> tuple[int, datetime | None]:
    """Count the attempts since an instant, with the last one's."""
    return attempts_of_either(session, kind, key_hash, key_hash, since).get(key_hash, (0, None))


def attempts_of_either(
    session: Session, kind: str, one: bytes, other: bytes, since: datetime
) -> dict[bytes, tuple[int, datetime | None]]:
    """Count the attempts of two keys since an instant, with the last one's; a key without any is left out."""
    values = {"kind": kind, "one": one, "other": other, "since": since}
    return {bytes(key): (count, last) for key, count, last in _LAST_ATTEMPTS.all(session, values)}


def forget_attempts_of(session: Session, kind: str, key_hash: bytes, *, at: datetime | None = None) -> None:
    """Take attempts of a key back: all of them, or the one of an instant."""
    which = [Attempt.kind == kind, Attempt.key_hash == key_hash]
    if at is not None:
        which.append(Attempt.at == at)
    session.execute(delete(Attempt).where(*which).execution_options(synchronize_session=False))


def spend(session: Session, key_hash: bytes, at: datetime) -> bool:
    """Spend something that counts once; False when it was spent before, by whichever server."""
    kind = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    row: Any = kind.insert(Attempt).values(kind=SPENT, key_hash=key_hash, at=at)
    return session.execute(row.on_conflict_do_nothing().returning(Attempt.id)).first() is not None


def has_attempts(session: Session, before: datetime) -> bool:
    """Say whether there are attempts from before an instant."""
    return session.execute(select(Attempt.id).where(Attempt.at < before).limit(1)).first() is not None


def forget_attempts(session: Session, before: datetime, most: int) -> int:
    """Delete attempts from before an instant, so many at once at most; return how many."""
    old = select(Attempt.id).where(Attempt.at < before).order_by(Attempt.at).limit(most)
    done = delete(Attempt).where(Attempt.id.in_(old.scalar_subquery())).returning(Attempt.id)
    return len(session.execute(done.execution_options(synchronize_session=False)).all())


# --- evidence ----------------------------------------------------------------------------------------

_EVIDENCE = (
    select(
        Evidence.reservation_id,
        Reservation.branch_id,
        Service.letter,
        Reservation.status,
        Reservation.appointment_at,
        Evidence.account_id,
        Evidence.block_hash,
        Evidence.agent_hash,
        Evidence.fill_ms,
        Evidence.challenge_ms,
        Evidence.made_at,
        Evidence.held_until,
        Evidence.personal_key_id,
        Evidence.sealed_details,
    )
    .join(Reservation, Reservation.id == Evidence.reservation_id)
    .join(Service, Service.id == Reservation.service_id)
    .order_by(Evidence.id)
)


def add_evidence(session: Session, values: Mapping[str, Any]) -> None:
    """Write how a reservation was made."""
    _ADD_EVIDENCE.run(session, values)


def evidence_since(session: Session, since: datetime) -> list[EvidenceRow]:
    """Read the evidence of the reservations made since an instant, oldest first."""
    return _read(session, _EVIDENCE.where(Evidence.made_at >= since))


def evidence_held(session: Session, now: datetime) -> list[EvidenceRow]:
    """Read the evidence that is held now, oldest first."""
    return _read(session, _EVIDENCE.where(Evidence.held_until > now))


def evidence_of(session: Session, reservation_ids: list[int]) -> list[EvidenceRow]:
    """Read the evidence of some reservations."""
    return _read(session, _EVIDENCE.where(Evidence.reservation_id.in_(reservation_ids)))


def hold(session: Session, reservation_id: int, until: datetime) -> bool:
    """Hold the evidence of a reservation until an instant; False when there is none."""
    done = update(Evidence).where(Evidence.reservation_id == reservation_id).values(held_until=until)
    return session.execute(done.returning(Evidence.id)).first() is not None


def _read(session: Session, query: Any) -> list[EvidenceRow]:
    return [EvidenceRow(*row) for row in session.execute(query)]
