"""What the planner of slots reads and writes: slots and limits of days, repaired without losing a place taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.domain.booking.slots import KnownSlot, WantedSlot
from server.store.prepared import Prepared
from server.store.tables import DayLimit, Reservation, Setting, Slot

_MARK = "slots_planned"
_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def _larger(one: Any, other: Any) -> Any:
    return case((other > one, other), else_=one)


def _by_dialect(make: Any) -> dict[str, Any]:
    return {name: make(insert) for name, insert in _INSERTS.items()}


_ADD_SLOT = _by_dialect(
    lambda insert: insert(Slot).on_conflict_do_nothing(index_elements=["service_id", "starts_at"])
)
_ADD_LIMIT = _by_dialect(
    lambda insert: insert(DayLimit).on_conflict_do_nothing(index_elements=["service_id", "day"])
)
_KEEP_MARK = Prepared(
    _by_dialect(
        lambda insert: (
            insert(Setting)
            .values(name=bindparam("name"), value=bindparam("value"))
            .on_conflict_do_update(index_elements=["name"], set_={"value": bindparam("value")})
        )
    )
)
_CHANGE_SLOT = (
    update(Slot)
    .where(Slot.id == bindparam("slot"), Slot.planned.is_not(None))
    .values(
        planned=bindparam("wanted"),
        capacity=_larger(bindparam("wanted"), Slot.taken),
        bookable_from=bindparam("released"),
    )
)


def mark(session: Session) -> str | None:
    """Read for which set-up and hour the slots were planned last."""
    return session.execute(select(Setting.value).where(Setting.name == _MARK)).scalar_one_or_none()


def keep_mark(session: Session, value: str) -> None:
    """Note for which set-up and hour the slots are planned."""
    _KEEP_MARK.run(session, {"name": _MARK, "value": value})


# --- slots ----------------------------------------------------------------------------------------------


def slots_after(session: Session, service_id: int, now: datetime) -> list[KnownSlot]:
    """List the slots of a service that are still to come."""
    columns = (Slot.id, Slot.starts_at, Slot.capacity, Slot.taken, Slot.planned, Slot.bookable_from)
    rows = session.execute(
        select(*columns).where(Slot.service_id == service_id, Slot.starts_at > now).order_by(Slot.starts_at)
    )
    return [KnownSlot(*row) for row in rows]


def add(session: Session, service_id: int, slots: Iterable[tuple[datetime, WantedSlot]]) -> int:
    """Add slots that are not there yet; return how many were added."""
    rows = [
        {
            "service_id": service_id,
            "starts_at": at,
            "capacity": shall.capacity,
            "taken": 0,
            "planned": shall.capacity,
            "bookable_from": shall.bookable_from,
        }
        for at, shall in slots
    ]
    return _many(session, _ADD_SLOT[session.connection().dialect.name], rows)


def change(session: Session, slots: Iterable[tuple[int, WantedSlot]]) -> int:
    """Give planned slots another capacity, never less than is taken; return how many changed."""
    rows = [
        {"slot": slot_id, "wanted": shall.capacity, "released": shall.bookable_from}
        for slot_id, shall in slots
    ]
    return _many(session, _CHANGE_SLOT, rows)


def drop(session: Session, slot_ids: Sequence[int]) -> int:
    """Remove slots that nobody ever used and close the others; return how many of both changed."""
    never_used = ~exists(select(Reservation.id).where(Reservation.slot_id == Slot.id))
    mine = (Slot.id.in_(slot_ids), Slot.planned.is_not(None))
    removed = session.connection().execute(delete(Slot).where(*mine, Slot.taken == 0, never_used))
    closed = session.connection().execute(
        update(Slot)
        .where(*mine, or_(Slot.planned > 0, Slot.capacity > Slot.taken))
        .values(planned=0, capacity=Slot.taken)
    )
    return removed.rowcount + closed.rowcount


def over_planned(
    session: Session, service_ids: Sequence[int], now: datetime
) -> list[tuple[int, datetime, int, int]]:
    """List coming slots with more places taken than planned: service id, instant, taken, planned."""
    rows = session.execute(
        select(Slot.service_id, Slot.starts_at, Slot.taken, Slot.planned)
        .where(Slot.service_id.in_(service_ids), Slot.starts_at > now, Slot.taken > Slot.planned)
        .order_by(Slot.starts_at, Slot.service_id)
    )
    return [(row[0], row[1], row[2], row[3] or 0) for row in rows]


# --- limits of days -------------------------------------------------------------------------------------


def limited_days(session: Session, service_id: int, first: date) -> set[date]:
    """List the days of a service from the first on that have a limit."""
    found = select(DayLimit.day).where(DayLimit.service_id == service_id, DayLimit.day >= first)
    return set(session.execute(found).scalars())


def add_limit(
    session: Session, service_id: int, day: date, span: tuple[datetime, datetime], limit: int
) -> None:
    """Limit a day, between two instants; what is taken of its slots counts, and keeps its places."""
    of_day = (Slot.service_id == service_id, Slot.starts_at >= span[0], Slot.starts_at < span[1])
    # Whoever takes a place of the day now waits for this transaction, and finds the limit behind it.
    session.execute(select(Slot.id).where(*of_day).order_by(Slot.id).with_for_update()).all()
    taken = session.execute(select(func.coalesce(func.sum(Slot.taken), 0)).where(*of_day)).scalar_one()
    row = {"service_id": service_id, "day": day, "capacity": max(limit, taken), "taken": taken}
    _many(session, _ADD_LIMIT[session.connection().dialect.name], [row])


def change_limits(session: Session, service_id: int, first: date, limit: int) -> int:
    """Give the days from the first on another limit, never less than is taken; return how many changed."""
    shall = _larger(limit, DayLimit.taken)
    changed = session.connection().execute(
        update(DayLimit)
        .where(DayLimit.service_id == service_id, DayLimit.day >= first, DayLimit.capacity != shall)
        .values(capacity=shall)
    )
    return changed.rowcount


def drop_limits(session: Session, service_id: int, first: date) -> int:
    """Take the limits away from the days from the first on; return of how many."""
    gone = delete(DayLimit).where(DayLimit.service_id == service_id, DayLimit.day >= first)
    return session.connection().execute(gone).rowcount


def _many(session: Session, statement: Any, rows: list[dict[str, Any]]) -> int:
    if not rows:
        return 0
    # For an INSERT the count is thrown away otherwise.
    counted = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(counted, rows).rowcount
