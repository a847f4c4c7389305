"""The waiting room of a daily release: who entered, and the place that everybody was given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from server.store.prepared import Prepared
from server.store.tables import Service, Slot, WaitingRoomEntry

_ROOM = (
    WaitingRoomEntry.service_id == bindparam("service"),
    WaitingRoomEntry.opens_at == bindparam("opens_at"),
)
_COMING = (Slot.service_id == bindparam("service"), Slot.starts_at > bindparam("now"))
_LAST_RELEASE = Prepared(
    select(func.max(Slot.bookable_from)).where(*_COMING, Slot.bookable_from <= bindparam("now"))
)
_NEXT_RELEASE = Prepared(
    select(func.min(Slot.bookable_from)).where(*_COMING, Slot.bookable_from > bindparam("now"))
)
_LAST_PLACE = Prepared(select(func.max(WaitingRoomEntry.place)).where(*_ROOM))
_UNPLACED = Prepared(select(func.count()).where(*_ROOM, WaitingRoomEntry.place.is_(None)))
_ENTRY = Prepared(
    select(WaitingRoomEntry.id, WaitingRoomEntry.place).where(
        *_ROOM, WaitingRoomEntry.account_id == bindparam("account")
    )
)
_PUT = Prepared(
    update(WaitingRoomEntry)
    .where(WaitingRoomEntry.id == bindparam("row"))
    .values(place=bindparam("place"), arrived_at=bindparam("arrived_at"))
)
_PLACE = Prepared(
    update(WaitingRoomEntry)
    .where(WaitingRoomEntry.id == bindparam("row"))
    .values(place=bindparam("place"), line=bindparam("line_"))
)


@dataclass(frozen=True, slots=True)
class Room:
    """The waiting room of one release of a service."""

    service_id: int
    opens_at: datetime

    def values(self) -> dict[str, Any]:
        """Give the values of the statements."""
        return {"service": self.service_id, "opens_at": self.opens_at}


def last_release(session: Session, service_id: int, now: datetime) -> datetime | None:
    """Tell when hours of the service that are still to come were released last."""
    found: datetime | None = _LAST_RELEASE.value(session, {"service": service_id, "now": now})
    return found


def next_release(session: Session, service_id: int, now: datetime) -> datetime | None:
    """Tell when hours of the service will be released next."""
    found: datetime | None = _NEXT_RELEASE.value(session, {"service": service_id, "now": now})
    return found


def lock_service(session: Session, service_id: int) -> None:
    """Let whoever else changes this service's waiting room or draws wait until this transaction is over."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update(key_share=True))


def last_place(session: Session, room: Room) -> int:
    """Tell the last place that was given in a waiting room, 0 for none."""
    return _LAST_PLACE.value(session, room.values()) or 0


def unplaced(session: Session, room: Room) -> int:
    """Count those in a waiting room who have no place yet."""
    count: int = _UNPLACED.value(session, room.values())
    return count


def entry(session: Session, room: Room, account_id: int) -> tuple[int, int | None] | None:
    """Find somebody in a waiting room: the row's id and the place, if there is one yet."""
    row = _ENTRY.first(session, room.values() | {"account": account_id})
    return None if row is None else (row[0], row[1])


def enter(
    session: Session,
    room: Room,
    account_id: int,
    arrived_at: datetime,
    place: int | None,
    line: str | None = None,
) -> None:
    """Write somebody into a waiting room, before the hour with the entry number of the published order."""
    session.add(
        WaitingRoomEntry(
            service_id=room.service_id,
            opens_at=room.opens_at,
            account_id=account_id,
            arrived_at=arrived_at,
            place=place,
            line=line,
        )
    )
    session.flush()


def put(session: Session, row_id: int, place: int, arrived_at: datetime) -> None:
    """Give somebody in a waiting room another place."""
    _PUT.run(session, {"row": row_id, "place": place, "arrived_at": arrived_at})


def line_of(session: Session, room: Room, account_id: int) -> str | None:
    """Return the entry number of somebody in a waiting room; None for who came after the hour, or not at all."""
    found = select(WaitingRoomEntry.line).where(*_ROOM, WaitingRoomEntry.account_id == account_id)
    return session.execute(found, room.values()).scalar_one_or_none()


def waiting_for_order(session: Session, room: Room) -> list[tuple[int, str | None]]:
    """List the rows without a place and their entry numbers, oldest first."""
    found = select(WaitingRoomEntry.id, WaitingRoomEntry.line).where(*_ROOM, WaitingRoomEntry.place.is_(None))
    rows = session.execute(found.order_by(WaitingRoomEntry.id), room.values())
    return [(row[0], row[1]) for row in rows]


def put_all(session: Session, places: Iterable[tuple[int, int, str]]) -> None:
    """Give rows their places and entry numbers, in the order of ids: no two transactions wait for each other."""
    rows = [{"row": row_id, "place": place, "line_": line} for row_id, place, line in sorted(places)]
    if rows:
        _PLACE.many(session.connection(), rows)


def rooms_to_shuffle(session: Session, now: datetime) -> list[Room]:
    """List the waiting rooms whose hour has come and where somebody has no place yet."""
    found = (
        select(WaitingRoomEntry.service_id, WaitingRoomEntry.opens_at)
        .where(WaitingRoomEntry.opens_at <= now, WaitingRoomEntry.place.is_(None))
        .distinct()
    )
    return [Room(row[0], row[1]) for row in session.execute(found)]


def forget_rooms(session: Session, before: datetime, most: int) -> int:
    """Take out waiting rooms of releases long over, a bounded number of rows; return how many."""
    old = select(WaitingRoomEntry.id).where(WaitingRoomEntry.opens_at < before).limit(most)
    ids = list(session.execute(old).scalars())
    if ids:
        session.execute(delete(WaitingRoomEntry).where(WaitingRoomEntry.id.in_(ids)))
    return len(ids)
