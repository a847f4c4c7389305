"""Places of slots: taken under all conditions at once, and given back after a random while (rule 11)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking.slots import bookable_span
from server.domain.office.hours import day_of
from server.domain.queue.check_in import check_in_until
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.services.ports import Outside
from server.store.facts import NewFact, note
from server.store.queries.booking import slots as rows
from server.store.queries.booking.slots import DuePlace
from server.store.store import Store
from wire.vocabulary import FactType, ReleaseMode

_MOST_AT_ONCE = 500
# No slot is a thousand years away, and in the year 9999 the arithmetic of zones ends.
_FARTHEST = timedelta(days=365_250)

NextInOrder = Callable[[Session, Context, DuePlace], bool]
"""Gives a place that comes back to whoever is next in the order of its draw; False: there is nobody."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A place that is now taken."""

    slot_id: int


@dataclass(frozen=True, slots=True)
class NoPlace:
    """There is no such place, for a reason.

    `no_such_slot` (or not for booking now: too soon, too far ahead), `slot_full`, `day_full` (the day's limit is
    used up), `not_released` (its release or its draw is still to come), or `already_booked`.
    """

    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


def take(session: Session, context: Context, service: ServiceView, starts_at: datetime) -> Taken | NoPlace:
    """Take a place that everybody may book now: in time, within the horizon, released (rules 2, 10).

    Nothing is taken when it cannot be; the transaction of the caller keeps it or gives it back.
    """
    policy = context.branch(service.branch_id).policy
    lead = context.check_in(service.id).lead
    first, end = bookable_span(service.policy.booking, context.now, policy.zone, lead)
    if not first <= starts_at < end:
        return NoPlace("no_such_slot")
    return _take(session, context, service, starts_at, released=True)


def take_now(
    session: Session, context: Context, service: ServiceView, starts_at: datetime
) -> Taken | NoPlace:
    """Take a place for a program or a draw that the office trusts: released or not, however near or far."""
    return _take(session, context, service, starts_at, released=False)


def give_back_later(
    session: Session, context: Context, reservation_id: int, slot_id: int, minutes: tuple[int, int]
) -> None:
    """Have the place of a reservation come back after a random time, so that nobody can hand it over (rule 11).

    `minutes` are the shortest and the longest time. Asked twice for the same place of a reservation it comes back
    once.
    """
    least, most = (60 * each for each in minutes)
    seconds = least + secrets.randbelow(most - least + 1)
    rows.add_return(session, reservation_id, slot_id, context.now + timedelta(seconds=seconds))


def nobody(_session: Session, _context: Context, _place: DuePlace) -> bool:
    """Return False: nobody is next in order."""
    return False


def give_back(
    session: Session, context: Context, return_id: int, next_in_order: NextInOrder = nobody
) -> bool:
    """Give one place back that is due; say whether it can be booked again.

    It cannot when nobody could check in for it in time any more (rule 16), or when the next in the order of a
    draw has it now.
    """
    place = rows.take_return(session, return_id)
    if place is None:
        return False
    service = context.office.services[place.service_id]
    policy = context.branch(service.branch_id).policy
    if context.now > check_in_until(place.starts_at, context.check_in(service.id)):
        return False
    if place.draw_id is not None and next_in_order(session, context, place):
        return False
    day = day_of(place.starts_at, policy.zone)
    rows.put_back(session, place, day, service.policy.booking.daily_limit)
    data = {"service": service.letter, "slot": place.slot_id}
    note(session, NewFact(FactType.PLACE_RETURNED, context.now, service.branch_id, data))
    return True


def return_places(
    store: Store, context: Context, _outside: Outside | None = None, next_in_order: NextInOrder = nobody
) -> int:
    """Give back places that are due, each in a transaction of its own; return how many can be booked again."""
    due = store.read(lambda session: rows.due_returns(session, context.now, _MOST_AT_ONCE))
    return sum(_one(store, context, return_id, next_in_order) for return_id in due)


def _one(store: Store, context: Context, return_id: int, next_in_order: NextInOrder) -> bool:
    return store.write(lambda session: give_back(session, context, return_id, next_in_order))


def _take(
    session: Session, context: Context, service: ServiceView, starts_at: datetime, *, released: bool
) -> Taken | NoPlace:
    if abs(starts_at - context.now) > _FARTHEST:
        return NoPlace("no_such_slot")
    draws = service.policy.booking.release == ReleaseMode.DRAW
    day = day_of(starts_at, context.branch(service.branch_id).policy.zone)
    place = rows.Place(service.id, starts_at, day, draws, context.now)
    slot_id = rows.take(session, place, released=released)
    if slot_id is not None:
        return Taken(slot_id)
    return NoPlace(_why(rows.state(session, place), released=released))


def _why(slot: rows.SlotState | None, *, released: bool) -> str:
    if slot is None:
        return "no_such_slot"
    if released and not slot.is_released:
        return "not_released"
    return "day_full" if slot.is_day_full else "slot_full"
