"""A visit is moved to another free hour of its service: the new place is taken before the old one is let go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.queue.check_in import check_in_until, lapses_at
from server.services.booking import letters
from server.services.booking.owners import Owner, own
from server.services.booking.slots import places
from server.services.booking.slots.places import NoPlace
from server.services.booking.visits import status_of
from server.services.context import Context
from server.store.facts import NewFact, note
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationStatus


@dataclass(frozen=True, slots=True)
class Moved:
    """The visit stands at its new hour, with the same code; `repeat`: it stood there before."""

    appointment_at: datetime
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class NotMoved:
    """The visit stays where it was: `not_booked`, `moved_enough`, or `too_late` (its check-in has ended)."""

    reason: str


def may_move(session: Session, context: Context, owner: Owner, reservation_id: int) -> bool:
    """Say whether the owner can move a visit now. Raises RuleBroken 404 for another's."""
    return can_move(context, own(session, context, owner, reservation_id))


def can_move(context: Context, row: Reservation) -> bool:
    """Say whether the owner of a visit can move it now."""
    return _in_the_way(context, row) is None


def move(
    session: Session, context: Context, owner: Owner, reservation_id: int, starts_at: datetime
) -> Moved | NotMoved | NoPlace:
    """Move a booked visit to a free hour of the same service; the old place comes back by rule 11.

    Whatever keeps the new place from being taken leaves the visit as it was. Raises RuleBroken 404 for another's.
    """
    row = own(session, context, owner, reservation_id, locked=True)
    reason = _in_the_way(context, row)
    if row.appointment_at == starts_at and reason != "not_booked":
        return Moved(starts_at, repeat=True)
    return _move(session, context, row, starts_at) if reason is None else NotMoved(reason)


def move_for(
    session: Session, context: Context, row: Reservation, starts_at: datetime, reason: str, by: int
) -> Moved | NotMoved | NoPlace:
    """Move a visit for its owner, by a colleague and for a reason: as `move`, however often it was moved.

    It is none of the moves that the owner has (⚙ moves).
    """
    if not _is_booked(context, row):
        return NotMoved("not_booked")
    if row.appointment_at == starts_at:
        return Moved(starts_at, repeat=True)
    moved = _move(session, context, row, starts_at, reason=reason, user=by)
    if isinstance(moved, Moved):
        row.moves_by_staff += 1
        session.flush()
    return moved


def _move(
    session: Session, context: Context, row: Reservation, starts_at: datetime, **why: object
) -> Moved | NoPlace:
    service = context.office.services[row.service_id]
    place = places.take(session, context, service, starts_at)
    if isinstance(place, NoPlace):
        return place
    if row.slot_id is not None:
        places.give_back_later(session, context, row.id, row.slot_id, service.policy.booking.return_minutes)
    old = row.appointment_at
    row.slot_id, row.appointment_at = place.slot_id, starts_at
    row.lapses_at = lapses_at(starts_at, context.check_in(row.service_id))
    row.moves += 1
    session.flush()
    letters.drop(session, context, row.id)
    letters.confirm(session, context, row)
    data = {"reservation": row.id, "from": old.isoformat(), "to": starts_at.isoformat()} | why
    note(session, NewFact(FactType.RESERVATION_MOVED, context.now, row.branch_id, data))
    return Moved(starts_at)


def _in_the_way(context: Context, row: Reservation) -> str | None:
    """Say why a visit cannot be moved now, as NotMoved tells it; None when it can."""
    if not _is_booked(context, row):
        return "not_booked"
    if row.moves - row.moves_by_staff >= context.office.services[row.service_id].policy.booking.moves:
        return "moved_enough"
    policy = context.check_in(row.service_id)
    return "too_late" if context.now > check_in_until(row.appointment_at, policy) else None


def _is_booked(context: Context, row: Reservation) -> bool:
    return status_of(context, row) is ReservationStatus.BOOKED and row.integrator_id is None
