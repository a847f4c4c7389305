"""Slots: counted by days, listed by hours, and places taken and given back by statements that cannot oversell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from server.store.prepared import Prepared
from server.store.tables import DayLimit, Draw, PlaceReturn, Slot

Span = tuple[datetime, datetime]
_DAY_MICROSECONDS = 24 * 60 * 60 * 1_000_000


class DayCount(NamedTuple):
    """A day by its number since 1970 at an offset: free places of how many, hours to book, the next release."""

    number: int
    free: int
    places: int
    hours: int
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class SlotState:
    """What a place that could not be taken was like."""

    is_released: bool
    is_day_full: bool


@dataclass(frozen=True, slots=True)
class DuePlace:
    """A place that comes back now, of which slot and by which reservation it had been taken."""

    reservation_id: int
    slot_id: int
    service_id: int
    starts_at: datetime
    draw_id: int | None


# --- what can be booked ---------------------------------------------------------------------------------

_OF_SERVICE = Slot.service_id == bindparam("service")
_AT = (_OF_SERVICE, Slot.starts_at == bindparam("starts_at"))
_BETWEEN = (_OF_SERVICE, Slot.starts_at >= bindparam("first"), Slot.starts_at < bindparam("end"))


def _released(now: Any, draws: Any) -> Any:
    """Make the condition that everybody may book; of a draw's places only those that a finished one left."""
    is_drawn = exists(select(Draw.id).where(Draw.id == Slot.draw_id, Draw.drawn_at <= now))
    return and_(
        or_(Slot.bookable_from.is_(None), Slot.bookable_from <= now),
        or_(and_(Slot.draw_id.is_(None), draws == 0), is_drawn),
    )


_RELEASED = _released(bindparam("now"), bindparam("draws", type_=Integer))
_FREE = Slot.capacity > Slot.taken
_OF_DAY = (DayLimit.service_id == bindparam("service"), DayLimit.day == bindparam("day"))
_DAY_FULL = exists(select(DayLimit.id).where(*_OF_DAY, DayLimit.taken >= DayLimit.capacity))


def _count_days() -> Any:
    number = (type_coerce(Slot.starts_at, BigInteger) + bindparam("offset", type_=BigInteger)) // (
        _DAY_MICROSECONDS
    )
    each = (
        select(
            number.label("number"),
            case((_RELEASED, Slot.capacity - Slot.taken), else_=0).label("free"),
            case((_RELEASED, Slot.capacity), else_=0).label("places"),
            case((and_(_RELEASED, func.coalesce(Slot.planned, Slot.capacity) > 0), 1), else_=0).label(
                "hours"
            ),
            case((Slot.bookable_from > bindparam("now"), Slot.bookable_from)).label("opens_at"),
        )
        .where(*_BETWEEN)
        .subquery()
    )
    return select(
        each.c.number,
        func.sum(each.c.free),
        func.sum(each.c.places),
        func.sum(each.c.hours),
        func.min(each.c.opens_at),
    ).group_by(each.c.number)


_DAYS = Prepared(_count_days())
_HOURS = Prepared(
    select(Slot.starts_at, Slot.capacity - Slot.taken, Slot.capacity)
    .where(*_BETWEEN, _FREE, _RELEASED)
    .order_by(Slot.starts_at)
)
_DAYS_LEFT = Prepared(
    select(DayLimit.day, DayLimit.capacity - DayLimit.taken, DayLimit.capacity).where(
        DayLimit.service_id == bindparam("service"),
        DayLimit.day >= bindparam("first"),
        DayLimit.day <= bindparam("last"),
    )
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Which slots of a service somebody may book now, from the first instant to before the end."""

    service_id: int
    draws: bool
    now: datetime
    first: datetime
    end: datetime

    def values(self) -> dict[str, Any]:
        """Give the values of the statements."""
        return {
            "service": self.service_id,
            "draws": int(self.draws),
            "now": self.now,
            "first": self.first,
            "end": self.end,
        }


def count_days(session: Session, offer: Offer, offset_microseconds: int) -> list[DayCount]:
    """Count by days of a clock that is so far ahead of UTC; a slot that waits for its release counts as none."""
    rows = _DAYS.all(session, offer.values() | {"offset": offset_microseconds})
    return [DayCount(*row) for row in rows]


def free_hours(session: Session, offer: Offer) -> list[tuple[datetime, int, int]]:
    """List instants that have free places, how many, and of how many; a day's limit is not looked at."""
    return [(row[0], row[1], row[2]) for row in _HOURS.all(session, offer.values())]


def days_left(session: Session, service_id: int, first: date, last: date) -> dict[date, tuple[int, int]]:
    """Tell how many visits the limited days between two days may still have, and of how many."""
    rows = _DAYS_LEFT.all(session, {"service": service_id, "first": first, "last": last})
    return {row[0]: (row[1], row[2]) for row in rows}


def full_days(
    session: Session, service_ids: Collection[int], first: date, last: date
) -> list[tuple[int, date]]:
    """List the days between two days on which a service's limit is used up."""
    found = select(DayLimit.service_id, DayLimit.day).where(
        DayLimit.service_id.in_(service_ids),
        DayLimit.day.between(first, last),
        DayLimit.taken >= DayLimit.capacity,
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def first_free(session: Session, offers: Sequence[tuple[Offer, Sequence[Span]]]) -> dict[int, datetime]:
    """Give the first instant with a free place of each offer that has one; none is looked for within its spans.

    One statement for all of them, which reads the index of each service up to its first free place.
    """
    if not offers:
        return {}
    each = [_first_free(offer, without) for offer, without in offers]
    found = session.execute(union_all(*each)).all()
    return {row[0]: row[1] for row in found if row[1] is not None}


def _first_free(offer: Offer, without: Sequence[Span]) -> Any:
    return select(literal(offer.service_id), func.min(Slot.starts_at)).where(
        Slot.service_id == offer.service_id,
        Slot.starts_at >= offer.first,
        Slot.starts_at < offer.end,
        _FREE,
        _released(offer.now, literal(int(offer.draws))),
        *(not_(and_(Slot.starts_at >= begins, Slot.starts_at < ends)) for begins, ends in without),
    )


# --- places ---------------------------------------------------------------------------------------------

_TAKEN = {"taken": Slot.taken + 1}
# The condition is part of the statement: of N at once on the last place one gets it, in every database.
_TAKE = Prepared(update(Slot).where(*_AT, _FREE, ~_DAY_FULL).values(_TAKEN).returning(Slot.id))
_TAKE_RELEASED = Prepared(
    update(Slot).where(*_AT, _FREE, _RELEASED, ~_DAY_FULL).values(_TAKEN).returning(Slot.id)
)
_COUNT_DAY = Prepared(
    update(DayLimit).where(*_OF_DAY, DayLimit.taken < DayLimit.capacity).values(taken=DayLimit.taken + 1)
)
_HAS_LIMIT = Prepared(select(DayLimit.id).where(*_OF_DAY))
_UNDO = Prepared(update(Slot).where(Slot.id == bindparam("slot")).values(taken=Slot.taken - 1))
_STATE = Prepared(select(case((_RELEASED, 1), else_=0), case((_DAY_FULL, 1), else_=0)).where(*_AT))


@dataclass(frozen=True, slots=True)
class Place:
    """One place: of which service, when, and on which day of the branch; `draws` as in Offer."""

    service_id: int
    starts_at: datetime
    day: date
    draws: bool
    now: datetime

    def values(self) -> dict[str, Any]:
        """Give the values of the statements."""
        return {
            "service": self.service_id,
            "starts_at": self.starts_at,
            "day": self.day,
            "draws": int(self.draws),
            "now": self.now,
        }


def take(session: Session, place: Place, *, released: bool) -> int | None:
    """Take one place of a slot and of its day's limit; return the slot's id, None when that cannot be.

    `released`: only when everybody may book it. Nothing is taken where None is returned.
    """
    values = place.values()
    row = (_TAKE_RELEASED if released else _TAKE).first(session, values)
    if row is None:
        return None
    slot_id: int = row[0]
    # Looks of their own, behind the lock on the slot: a limit that comes later counts this place already.
    if _is_limited(session, values) and _COUNT_DAY.run(session, values) == 0 and _is_limited(session, values):
        # The day's last place went to another hour since the first statement looked (PostgreSQL), and the
        # limit was not dropped meanwhile, of which there is nothing to count.
        _UNDO.run(session, {"slot": slot_id})
        return None
    return slot_id


def _is_limited(session: Session, values: Mapping[str, Any]) -> bool:
    return _HAS_LIMIT.first(session, values) is not None


def state(session: Session, place: Place) -> SlotState | None:
    """Tell what the slot of a place is like; None when there is no such slot."""
    row = _STATE.first(session, place.values())
    return None if row is None else SlotState(bool(row[0]), bool(row[1]))


# --- places that come back ------------------------------------------------------------------------------


def add_return(session: Session, reservation_id: int, slot_id: int, due_at: datetime) -> None:
    """Have a place come back at an instant; a reservation gives each of its places back once at a time."""
    found = select(PlaceReturn.id).where(
        PlaceReturn.reservation_id == reservation_id, PlaceReturn.slot_id == slot_id
    )
    if session.execute(found).first() is None:
        row = {"reservation_id": reservation_id, "slot_id": slot_id, "due_at": due_at}
        session.execute(insert(PlaceReturn), [row])


def due_returns(session: Session, now: datetime, most: int) -> list[int]:
    """List the returns that are due now by their ids, longest due first."""
    found = (
        select(PlaceReturn.id)
        .where(PlaceReturn.due_at <= now)
        .order_by(PlaceReturn.due_at, PlaceReturn.id)
        .limit(most)
    )
    return list(session.execute(found).scalars())


def take_return(session: Session, return_id: int) -> DuePlace | None:
    """Take a place out of those that come back; None when another server has it in hand."""
    row = session.execute(
        select(PlaceReturn.reservation_id, Slot.id, Slot.service_id, Slot.starts_at, Slot.draw_id)
        .join(Slot, Slot.id == PlaceReturn.slot_id)
        .where(PlaceReturn.id == return_id)
        .with_for_update(of=PlaceReturn, skip_locked=True)
    ).first()
    if row is None:
        return None
    session.execute(delete(PlaceReturn).where(PlaceReturn.id == return_id))
    return DuePlace(*row)


def put_back(session: Session, place: DuePlace, day: date, daily_limit: int | None) -> None:
    """Give a place back to its slot and its day; what a conflict had kept above the plan goes for good."""
    left = Slot.taken - 1
    session.execute(
        update(Slot)
        .where(Slot.id == place.slot_id, Slot.taken > 0)
        .values(taken=left, capacity=_larger(func.coalesce(Slot.planned, Slot.capacity), left))
        .execution_options(synchronize_session=False)
    )
    left = DayLimit.taken - 1
    limit = DayLimit.capacity if daily_limit is None else daily_limit
    session.execute(
        update(DayLimit)
        .where(DayLimit.service_id == place.service_id, DayLimit.day == day, DayLimit.taken > 0)
        .values(taken=left, capacity=_larger(limit, left))
        .execution_options(synchronize_session=False)
    )


def _larger(one: Any, other: Any) -> Any:
    return case((other > one, other), else_=one)
