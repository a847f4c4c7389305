"""A counter whose clerk is gone: it is closed, and its ticket in hand is set aside for whoever takes it over."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.queue.tickets import calls_after
from server.services.context import Context
from server.services.office.settings import CounterView
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.access import clerk_sessions
from wire.vocabulary import FactType, TicketAction, TicketStatus

REASON = "clerk_gone"


def leave(session: Session, context: Context, counter: CounterView, clerk_id: int | None) -> None:
    """Close the counter and put its ticket in hand among those set aside, where every counter sees it.

    The visitor stands before an empty chair: a clerk who serves the service, or a supervisor, calls the ticket
    by its number.
    """
    hall = context.office.halls[counter.hall_id].code
    data = {"counter": counter.number, "hall": hall, "clerk": clerk_id, "reason": REASON}
    clerk_sessions.get_up(session, counter.id, context.now)
    note(session, NewFact(FactType.CLERK_SIGNED_OUT, context.now, counter.branch_id, data))
    row = tickets.in_hand(session, counter.id, locked=True)
    if row is None:
        return
    # Not by the table of a clerk's steps: here nobody acts.
    row.status = TicketStatus.PARKED
    row.call_count = calls_after(TicketAction.PARK, row.call_count)
    about = {"ticket": row.id, "number": row.number} | data
    note(session, NewFact(FactType.TICKET_PARKED, context.now, counter.branch_id, about))
