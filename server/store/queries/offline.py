"""Kiosks that go on alone: their letters, the numbers of their series, and what they sent afterwards."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.store.facts import first_since
from server.store.tables import Branch, Device, Fact, OfflineEntry, Series, Ticket, fixed
from wire.vocabulary import FactType, TicketStatus

_LIVING = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)
_DAYS_BACK = timedelta(days=3)
_SHOWN_AGAIN = (FactType.CHECK_IN_REPEATED, FactType.TICKET_HANDED_OVER, FactType.TICKET_CAME_BACK)


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


def use_ordinal(session: Session, branch_id: int, day: date, series: str, ordinal: int) -> None:
    """Note that an ordinal of a series is used, and lock the series to the end of the transaction."""
    dialect = session.get_bind().dialect.name
    insert_into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    first = insert_into(Series).values(branch_id=branch_id, day=day, series=series, last_ordinal=ordinal)
    highest = case((Series.last_ordinal > ordinal, Series.last_ordinal), else_=ordinal)
    session.execute(
        first.on_conflict_do_update(
            index_elements=["branch_id", "day", "series"], set_={"last_ordinal": highest}
        )
    )


def entries_of_number(
    session: Session, branch_id: int, day: date, series: str, ordinal: int
) -> list[OfflineEntry]:
    """List what kiosks said under a number of a day, the first one first."""
    found = select(OfflineEntry).where(
        OfflineEntry.branch_id == branch_id,
        OfflineEntry.day == day,
        OfflineEntry.series == series,
        OfflineEntry.ordinal == ordinal,
    )
    return list(session.execute(found.order_by(OfflineEntry.id)).scalars())


def ticket_with(session: Session, branch_id: int, day: date, series: str, ordinal: int) -> Ticket | None:
    """Read the ticket of a number of a day."""
    found = select(Ticket).where(
        Ticket.branch_id == branch_id, Ticket.day == day, Ticket.series == series, Ticket.ordinal == ordinal
    )
    return session.execute(found).scalar_one_or_none()


def was_shown_again(session: Session, branch_id: int, ticket_id: int, since: datetime) -> bool:
    """Say whether a ticket's code was shown at a kiosk after it was issued: its number was seen."""
    found = select(Fact.id).where(
        Fact.id >= first_since(session, since),
        Fact.branch_id == branch_id,
        Fact.type.in_(_SHOWN_AGAIN),
        Fact.data["ticket"].as_integer() == ticket_id,
    )
    return session.execute(found.limit(1)).first() is not None
