"""Says whether somebody may book a service now, as its mode of release rules (rule 10)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.release.modes import (
    ADMITTED_FOR,
    ROOM_OPENS_BEFORE,
    DrawOnly,
    Gate,
    NotYet,
    Open,
    Rush,
    Waits,
    next_draw_window,
)
from server.services.booking.slots.availability import free_total
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.queries.release import draws, waiting_rooms
from server.store.queries.release.waiting_rooms import Room
from wire.vocabulary import ReleaseMode

__all__ = ["ADMITTED_FOR", "DrawOnly", "Gate", "NotYet", "Open", "Waits", "gate", "next_release", "rush_of"]


def gate(session: Session, context: Context, service: ServiceView, account_id: int | None) -> Gate:
    """Say whether this account (None: nobody who logged in) may book the service now.

    Open is the one answer that lets in. A daily release keeps others waiting only from its hour until everybody
    in its waiting room was let in; before the hour, what earlier releases left can be booked. NotYet is told
    when nothing was released so far. What a draw left over is open to everybody after it.
    """
    release = service.policy.booking.release
    if release == ReleaseMode.DAILY:
        return _daily(session, context, service, account_id)
    if release == ReleaseMode.DRAW and free_total(session, context, service) == 0:
        return _draw_only(session, context, service)
    return Open()


def next_release(session: Session, context: Context, service: ServiceView) -> NotYet | None:
    """Tell when a daily release comes next, and when its waiting room opens; None when none is planned."""
    if service.policy.booking.release != ReleaseMode.DAILY:
        return None
    opens_at = waiting_rooms.next_release(session, service.id, context.now)
    return None if opens_at is None else NotYet(opens_at, opens_at - ROOM_OPENS_BEFORE)


def rush_of(session: Session, context: Context, service: ServiceView) -> Rush | None:
    """Return the last daily release of a service with the people of its waiting room; None before the first."""
    opens_at = waiting_rooms.last_release(session, service.id, context.now)
    if opens_at is None:
        return None
    room = Room(service.id, opens_at)
    people = waiting_rooms.last_place(session, room) + waiting_rooms.unplaced(session, room)
    return Rush(opens_at, service.policy.booking.admit_per_minute, people)


def _daily(session: Session, context: Context, service: ServiceView, account_id: int | None) -> Gate:
    rush = rush_of(session, context, service)
    if rush is None:
        return next_release(session, context, service) or Open()
    if rush.is_over(context.now):
        return Open()
    room = Room(service.id, rush.opens_at)
    found = None if account_id is None else waiting_rooms.entry(session, room, account_id)
    if found is None or found[1] is None:
        return Waits(rush.opens_at, is_in_room=found is not None)
    return rush.gate(found[1], context.now)


def _draw_only(session: Session, context: Context, service: ServiceView) -> DrawOnly:
    zone = context.branch(service.branch_id).policy.zone
    newest = next(iter(draws.draws_of(session, service.id, 1)), None)
    if newest is not None and context.now < newest.closes_at:
        return DrawOnly(newest.public_id)  # one can apply now: when the next window opens would only mislead
    opens_at = next_draw_window(service.policy.booking.draw, context.now, zone).opens_at
    return DrawOnly(newest.public_id if newest else None, opens_at)
