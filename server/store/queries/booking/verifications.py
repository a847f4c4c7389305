"""Verifications: the questions of a visit before it stands, found by a link and by the reservation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from server.store.prepared import Place, Prepared
from server.store.tables import Reservation, Verification, fixed
from wire.vocabulary import ReservationStatus


@dataclass(frozen=True, slots=True)
class Times:
    """Until when questions can be answered, and when they were; the hash of their link's secret."""

    answer_until: datetime
    answered_at: datetime | None
    token_hash: bytes


_TIMES = Prepared(
    select(Verification.answer_until, Verification.answered_at, Verification.token_hash).where(
        Verification.reservation_id == bindparam("reservation")
    )
)


def add(session: Session, **values: Any) -> None:
    """Write that questions were asked."""
    session.add(Verification(**values))
    session.flush()


def by_token(session: Session, token_hash: bytes, *, locked: bool = False) -> Verification | None:
    """Find a verification by the hash of its link's secret, and lock its reservation (PostgreSQL)."""
    found = select(Verification).where(Verification.token_hash == token_hash)
    if locked:
        found = found.with_for_update()
    return session.execute(found).scalar_one_or_none()


def of(session: Session, reservation_id: int) -> Verification | None:
    """Read the verification of a reservation; None where nothing was asked."""
    found = select(Verification).where(Verification.reservation_id == reservation_id)
    return session.execute(found).scalar_one_or_none()


def times_of(place: Place, reservation_id: int) -> Times | None:
    """Read until when the questions of a reservation can be answered; None where nothing was asked."""
    row = _TIMES.first(place, {"reservation": reservation_id})
    return None if row is None else Times(*row)


def is_open(session: Session, reservation_id: int) -> bool:
    """Say whether questions wait for their answers."""
    found = select(Verification.id).where(
        Verification.reservation_id == reservation_id,
        Verification.answered_at.is_(None),
        Verification.decided_at.is_(None),
    )
    return session.execute(found).first() is not None


def count_for_office(session: Session, branch_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """Count by branch the pending reservations that wait for no answer of the visitor."""
    found = (
        select(Reservation.branch_id, func.count())
        .select_from(Reservation)
        .outerjoin(Verification, Verification.reservation_id == Reservation.id)
        .where(
            Reservation.status == fixed(ReservationStatus.PENDING),
            Reservation.branch_id.in_(branch_ids),
            Reservation.lapses_at >= now,
            (Verification.id.is_(None)) | (Verification.answered_at.is_not(None)),
        )
        .group_by(Reservation.branch_id)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def pending(
    session: Session, branch_id: int | None, now: datetime, most: int
) -> list[tuple[Reservation, Verification | None]]:
    """List the reservations that wait for a decision, the nearest visit first, with what was asked of them."""
    found = (
        select(Reservation, Verification)
        .outerjoin(Verification, Verification.reservation_id == Reservation.id)
        .where(Reservation.status == fixed(ReservationStatus.PENDING), Reservation.lapses_at >= now)
        .order_by(Reservation.appointment_at, Reservation.id)
        .limit(most)
    )
    if branch_id is not None:
        found = found.where(Reservation.branch_id == branch_id)
    return [(row[0], row[1]) for row in session.execute(found)]
