"""Kiosks that go on alone: their letters, the numbers of their series, and what they sent afterwards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.store.tables import Branch, Device, Series, Ticket, fixed
from wire.vocabulary import TicketStatus

_LIVING = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)
_DAYS_BACK = timedelta(days=3)


def hold_letters(session: Session, branch_id: int) -> dict[str, tuple[int, datetime | None]]:
    """Lock a branch's letters, and tell for each its device and when that was revoked."""
    session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update())
    rows = session.execute(
        select(Device.offline_letter, Device.id, Device.revoked_at).where(
            Device.branch_id == branch_id, Device.offline_letter.is_not(None)
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows if row[0] is not None}


def set_letter(session: Session, device_id: int, letter: str | None) -> None:
    """Give a device its letter, or take it."""
    session.get_one(Device, device_id).offline_letter = letter
    session.flush()


def key_of(session: Session, device_id: int) -> tuple[bytes | None, str | None]:
    """Read the hash of a device's token and its letter."""
    row = session.execute(
        select(Device.token_hash, Device.offline_letter).where(Device.id == device_id)
    ).one()
    return row[0], row[1]


def last_ordinals(session: Session, branch_id: int, day: date, letter: str) -> dict[str, int]:
    """Tell the highest ordinal of each series of a kiosk that was used on a day, or still lives from before."""
    mine = Series.series.like(f"_{letter}")
    used = select(Series.series, Series.last_ordinal).where(
        Series.branch_id == branch_id, Series.day == day, mine
    )
    living = (
        select(Ticket.series, func.max(Ticket.ordinal))
        .where(
            Ticket.branch_id == branch_id,
            Ticket.day < day,
            Ticket.day >= day - _DAYS_BACK,
            Ticket.series.like(f"_{letter}"),
            Ticket.status.in_([fixed(each) for each in _LIVING]),
        )
        .group_by(Ticket.series)
    )
    found: dict[str, int] = {}
    for query in (used, living):
        for series, ordinal in session.execute(query):
            found[series] = max(ordinal, found.get(series, 0))
    return found


def walk_ins(session: Session, branch_id: int, day: date, service_ids: Collection[int]) -> dict[int, int]:
    """Count the walk-in tickets of a day by service."""
    rows = session.execute(
        select(Ticket.service_id, func.count())
        .where(
            Ticket.branch_id == branch_id,
            Ticket.day == day,
            Ticket.service_id.in_(list(service_ids)),
            Ticket.reservation_id.is_(None),
        )
        .group_by(Ticket.service_id)
    )
    return {row[0]: row[1] for row in rows}
