"""A counter opens, pauses and closes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.services.queue.clerk import Clerk
from server.store.facts import NewFact, note
from server.store.queries import office
from wire.vocabulary import CounterState, FactType

_FACTS = {
    CounterState.OPEN: FactType.COUNTER_OPENED,
    CounterState.PAUSED: FactType.COUNTER_PAUSED,
    CounterState.CLOSED: FactType.COUNTER_CLOSED,
}


def set_state(session: Session, context: Context, clerk: Clerk, state: CounterState) -> None:
    """Change the state of the clerk's counter; the same state again changes nothing.

    Raises RuleBroken 409 `archived` for a counter that is put away: it does not open.
    """
    if clerk.counter.archived and state is CounterState.OPEN:
        raise RuleBroken(409, "archived")
    row = office.counter(session, clerk.counter.id)
    if row.state == state:
        return
    row.state, row.state_since = state, context.now
    data = {"counter": clerk.counter.number, "hall": clerk.hall, "clerk": clerk.id}
    note(session, NewFact(_FACTS[state], context.now, clerk.branch_id, data))
