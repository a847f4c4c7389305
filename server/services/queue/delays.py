"""The grace that an office gives to late visitors while it is late itself (rule 16)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from server.domain.queue.delay import LOOK_BACK, MOST_CALLS, Awaited, present_delay
from server.services.context import Context
from server.services.office.settings import ServiceView
from server.store.queries import queue as line_rows
from server.store.queries import tickets


def delay(session: Session, context: Context, service: ServiceView) -> timedelta:
    """Tell how late the office is now with the booked visitors of a service."""
    day = context.branch(service.branch_id).policy.business_day(context.now)
    place = (service.branch_id, service.letter, service.id, day)
    called = tickets.booked_calls(session, *place, context.now - LOOK_BACK, MOST_CALLS)
    first = line_rows.first_booked(session, service.id, day)
    return present_delay(
        [Awaited(*row) for row in called], None if first is None else Awaited(*first), context.now
    )


def grace(session: Session, context: Context, service: ServiceView) -> timedelta:
    """Tell how much later than usual one may be now: as late as the office, ⚙ delay_grace_minutes at most."""
    most = timedelta(minutes=context.branch(service.branch_id).policy.delay_grace_minutes)
    return min(delay(session, context, service), most) if most else most
