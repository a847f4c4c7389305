"""All that is kept about one account, as rows for its owner's copy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.store.tables import (
    AccountSession,
    Application,
    Draft,
    Draw,
    Evidence,
    Message,
    PlaceWish,
    Reservation,
    Verification,
    WaitingRoomEntry,
)


def sessions(session: Session, account_id: int) -> list[AccountSession]:
    """List log-ins that are still kept."""
    return _rows(session, AccountSession, AccountSession.account_id == account_id)


def reservations(
    session: Session, account_id: int
) -> list[tuple[Reservation, Verification | None, Evidence | None]]:
    """List reservations with their answers and their traces."""
    query = (
        select(Reservation, Verification, Evidence)
        .outerjoin(Verification, Verification.reservation_id == Reservation.id)
        .outerjoin(Evidence, Evidence.reservation_id == Reservation.id)
        .where(Reservation.account_id == account_id)
        .order_by(Reservation.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def applications(session: Session, account_id: int) -> list[tuple[Application, Draw]]:
    """List applications for draws."""
    query = (
        select(Application, Draw)
        .join(Draw, Draw.id == Application.draw_id)
        .where(Application.account_id == account_id)
        .order_by(Application.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def messages(session: Session, account_id: int, reservation_ids: list[int]) -> list[Message]:
    """List messages to the account, or about its reservations."""
    which = (Message.account_id == account_id) | Message.reservation_id.in_(reservation_ids)
    return _rows(session, Message, which)


def drafts(session: Session, account_id: int) -> list[Draft]:
    """List bookings that were begun and are not done."""
    return _rows(session, Draft, (Draft.account_id == account_id) & Draft.reservation_id.is_(None))


def wishes(session: Session, account_id: int) -> list[PlaceWish]:
    """List the wish to hear when there are places."""
    return _rows(session, PlaceWish, PlaceWish.account_id == account_id)


def waits(session: Session, account_id: int) -> list[WaitingRoomEntry]:
    """List places in waiting rooms of daily releases."""
    return _rows(session, WaitingRoomEntry, WaitingRoomEntry.account_id == account_id)


def _rows(session: Session, table: Any, which: Any) -> list[Any]:
    return list(session.execute(select(table).where(which).order_by(table.id)).scalars())
