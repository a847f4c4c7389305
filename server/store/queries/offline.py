"""Kiosks that go on alone: their letters, the numbers of their series, and what they sent afterwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from server.store.facts import first_since
from server.store.prepared import Prepared
from server.store.tables import Branch, Device, Fact, OfflineEntry, Series, Ticket, User, fixed
from wire.vocabulary import FactType, TicketStatus

_LIVING = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)
_DAYS_BACK = timedelta(days=3)
_IS_OPEN = and_(OfflineEntry.conflict.is_not(None), OfflineEntry.resolved_at.is_(None))
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


def living_since(session: Session, branch_id: int, day: date) -> dict[int, datetime]:
    """Tell since when the visits have their tickets that live on a day, by reservation."""
    rows = session.execute(
        select(Ticket.reservation_id, Ticket.issued_at).where(
            Ticket.branch_id == branch_id,
            Ticket.day <= day,
            Ticket.day >= day - _DAYS_BACK,
            Ticket.reservation_id.is_not(None),
            Ticket.status.in_([fixed(each) for each in _LIVING]),
        )
    )
    return {reservation: at for reservation, at in rows if reservation is not None}


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


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry with its kiosk, the ticket it became, the number that its visitor has or had otherwise, and who
    ended its conflict.
    """

    entry: OfflineEntry
    kiosk: str
    status: str | None
    other: str | None
    resolved_by: str | None

    @property
    def is_open(self) -> bool:
        """Say whether it is a conflict that nobody has ended yet."""
        return self.entry.conflict is not None and self.entry.resolved_at is None


def entries(session: Session, branch_id: int, since: datetime, most: int) -> list[EntryShown]:
    """List the open conflicts of a branch, then what else was taken in since an instant; each latest first."""
    own, other = aliased(Ticket), aliased(Ticket)
    found = (
        select(OfflineEntry, Device.name, own.status, other.number, User.name)
        .join(Device, Device.id == OfflineEntry.device_id)
        .outerjoin(own, own.id == OfflineEntry.ticket_id)
        .outerjoin(other, other.id == OfflineEntry.other_ticket_id)
        .outerjoin(User, User.id == OfflineEntry.resolved_by_id)
        .where(OfflineEntry.branch_id == branch_id, or_(_IS_OPEN, OfflineEntry.taken_at >= since))
        .order_by(case((_IS_OPEN, 0), else_=1), OfflineEntry.id.desc())
        .limit(most)
    )
    return [EntryShown(*row) for row in session.execute(found)]


def entry(session: Session, branch_id: int, entry_id: int) -> OfflineEntry | None:
    """Read and lock an entry of a branch."""
    row = session.get(OfflineEntry, entry_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.branch_id == branch_id else None


@lru_cache(maxsize=64)
def _conflicts(branches: int) -> Prepared:
    ids: list[Any] = [bindparam(f"branch_{place}") for place in range(branches)]
    return Prepared(
        select(OfflineEntry.hall_id, Device.name, func.count(), func.min(OfflineEntry.taken_at))
        .join(Device, Device.id == OfflineEntry.device_id)
        .where(_IS_OPEN, OfflineEntry.branch_id.in_(ids))
        .group_by(OfflineEntry.hall_id, Device.id, Device.name)
        .order_by(Device.id)
    )


def open_conflicts(session: Session, branch_ids: Collection[int]) -> list[tuple[int, str, int, datetime]]:
    """Count the open conflicts by hall and kiosk: hall, name, how many, since when."""
    if not branch_ids:
        return []
    values = {f"branch_{place}": branch_id for place, branch_id in enumerate(branch_ids)}
    found = _conflicts(len(branch_ids)).all(session, values)
    return [(row[0], row[1], row[2], row[3]) for row in found]
