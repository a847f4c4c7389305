"""Draws, and the places that they hold until they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from server.store.tables import Application, DayLimit, Draw, Reservation, Slot


def draw_of(session: Session, public_id: str) -> Draw | None:
    """Find a draw by its public id."""
    return session.execute(select(Draw).where(Draw.public_id == public_id)).scalar_one_or_none()


def locked_draw(session: Session, draw_id: int, *, shared: bool = False) -> Draw:
    """Read a draw that nobody changes until this transaction is over; `shared` lets others read it so too."""
    wanted = select(Draw).where(Draw.id == draw_id).with_for_update(read=shared)
    return session.execute(wanted.execution_options(populate_existing=True)).scalar_one()


def draw_at(session: Session, service_id: int, opens_at: datetime) -> Draw | None:
    """Find the draw of a service's window."""
    found = select(Draw).where(Draw.service_id == service_id, Draw.opens_at == opens_at)
    return session.execute(found).scalar_one_or_none()


def open_draws(session: Session, now: datetime) -> list[Draw]:
    """List the draws that take applications now."""
    found = select(Draw).where(Draw.opens_at <= now, Draw.closes_at > now, Draw.list_hash.is_(None))
    return list(session.execute(found.order_by(Draw.id)).scalars())


def draws_to_close(session: Session, now: datetime) -> list[int]:
    """List the draws whose window is over and whose list is not closed."""
    found = select(Draw.id).where(Draw.list_hash.is_(None), Draw.closes_at <= now)
    return list(session.execute(found.order_by(Draw.id)).scalars())


def draws_to_give(session: Session) -> list[Draw]:
    """List the draws that are decided and whose places are not all given yet."""
    found = select(Draw).where(Draw.seed.is_not(None), Draw.drawn_at.is_(None))
    return list(session.execute(found.order_by(Draw.id)).scalars())


def drawn_since(session: Session, day: date) -> list[Draw]:
    """List the finished draws whose last day is this one or later."""
    found = select(Draw).where(Draw.drawn_at.is_not(None), Draw.last_day >= day)
    return list(session.execute(found.order_by(Draw.id)).scalars())


def draws_of(session: Session, service_id: int | None, most: int) -> list[Draw]:
    """List draws, newest first, of one service or of all."""
    found = select(Draw).order_by(Draw.opens_at.desc(), Draw.id.desc()).limit(most)
    return list(
        session.execute(found if service_id is None else found.where(Draw.service_id == service_id)).scalars()
    )


@dataclass(frozen=True, slots=True)
class Days:
    """The hours of a service from the first instant until before the end."""

    service_id: int
    first: datetime
    end: datetime


def _unattached(days: Days) -> Any:
    return (
        Slot.service_id == days.service_id,
        Slot.starts_at >= days.first,
        Slot.starts_at < days.end,
        Slot.draw_id.is_(None),
    )


def unattached(session: Session, days: Days, most: int) -> list[int]:
    """List slots of these days that no draw has, earliest first."""
    found = select(Slot.id).where(*_unattached(days)).order_by(Slot.starts_at).limit(most)
    return list(session.execute(found).scalars())


def attach(session: Session, slot_ids: Sequence[int], draw_id: int) -> None:
    """Leave slots to a draw, those that another one has excepted."""
    session.execute(
        update(Slot)
        .where(Slot.id.in_(slot_ids), Slot.draw_id.is_(None))
        .values(draw_id=draw_id)
        .execution_options(synchronize_session=False)
    )


def free_slots(
    session: Session, draw_id: int, after: datetime, *, locked: bool
) -> list[tuple[int, datetime, int]]:
    """List (and lock) the slots of a draw that have free places: id, instant, free; earliest first."""
    found = (
        select(Slot.id, Slot.starts_at, Slot.capacity - Slot.taken)
        .where(Slot.draw_id == draw_id, Slot.starts_at > after, Slot.capacity > Slot.taken)
        .order_by(Slot.starts_at)
    )
    rows = session.execute(found.with_for_update() if locked else found)
    return [(row[0], row[1], row[2]) for row in rows]


def days_left(session: Session, service_id: int, first: date, last: date, *, locked: bool) -> dict[date, int]:
    """Tell (and lock) how many visits the limited days may still have."""
    found = (
        select(DayLimit.day, DayLimit.capacity - DayLimit.taken)
        .where(DayLimit.service_id == service_id, DayLimit.day >= first, DayLimit.day <= last)
        .order_by(DayLimit.day)
    )
    return {row[0]: row[1] for row in session.execute(found.with_for_update() if locked else found)}


def hold(session: Session, slot_ids: Sequence[int]) -> None:
    """Take all free places of slots for their draw."""
    session.execute(
        update(Slot)
        .where(Slot.id.in_(slot_ids))
        .values(taken=Slot.capacity)
        .execution_options(synchronize_session=False)
    )


def hold_day(session: Session, service_id: int, day: date, count: int) -> None:
    """Count visits towards a day's limit, where it has one; a negative count gives them back."""
    session.execute(
        update(DayLimit)
        .where(DayLimit.service_id == service_id, DayLimit.day == day, DayLimit.taken + count >= 0)
        .values(taken=DayLimit.taken + count)
        .execution_options(synchronize_session=False)
    )


def let_go(session: Session, slot_id: int, count: int) -> None:
    """Give back places that a draw held and did not give.

    What the plan no longer has goes for good, as when a visit is cancelled.
    """
    left = Slot.taken - count
    planned = func.coalesce(Slot.planned, Slot.capacity)
    session.execute(
        update(Slot)
        .where(Slot.id == slot_id, Slot.taken >= count)
        .values(taken=left, capacity=case((left > planned, left), else_=planned))
        .execution_options(synchronize_session=False)
    )


def starts_at(session: Session, slot_id: int) -> datetime | None:
    """Tell when a slot begins; None when it is gone."""
    return session.execute(select(Slot.starts_at).where(Slot.id == slot_id)).scalar_one_or_none()


def slots_at(session: Session, service_id: int, instants: Sequence[datetime]) -> dict[datetime, int]:
    """Find the ids of a service's slots by their instants."""
    found = select(Slot.starts_at, Slot.id).where(Slot.service_id == service_id, Slot.starts_at.in_(instants))
    return {row[0]: row[1] for row in session.execute(found)}


def booked_by_slot(session: Session, draw_id: int) -> dict[int, int]:
    """Count the places of each slot that a draw's applicants were given, also where they cancelled since."""
    found = (
        select(Reservation.slot_id, func.count())
        .join(Application, Application.reservation_id == Reservation.id)
        .where(Application.draw_id == draw_id, Reservation.slot_id.is_not(None))
        .group_by(Reservation.slot_id)
    )
    return {slot_id: count for slot_id, count in session.execute(found) if slot_id is not None}
