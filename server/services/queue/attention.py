"""A counter calls for help, a colleague accepts; and a clerk reads what a supervisor sent to the counter."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.services.queue import steering
from server.services.queue.clerk import Clerk
from server.store.facts import NewFact, note
from server.store.queries import steering as rows
from server.store.tables import Steering
from wire.vocabulary import FactType, SteeringKind


def call_help(session: Session, context: Context, clerk: Clerk) -> None:
    """Call colleagues to this counter; a call that goes on already is the same one."""
    if not rows.going_on(session, SteeringKind.HELP, counter_id=clerk.counter.id):
        steering.begin(
            session,
            context,
            SteeringKind.HELP,
            clerk.branch_id,
            counter_id=clerk.counter.id,
            user_id=clerk.id,
        )


def accept_help(session: Session, context: Context, user_id: int, branch: BranchView, number: int) -> None:
    """Tell the counter that somebody is coming.

    Raises RuleBroken 404 where nobody calls, 409 `help_accepted` when somebody else is coming, `own_help`.
    """
    row = _call_of(session, branch, number)
    if row.user_id == user_id:
        raise RuleBroken(409, "own_help")
    if row.answered_at is not None:
        raise RuleBroken(409, "help_accepted")
    row.answered_at, row.answered_by_id = context.now, user_id
    hall = context.office.halls[branch.counters[number].hall_id].code
    data = {"steering": row.id, "counter": number, "hall": hall, "user": user_id}
    note(session, NewFact(FactType.HELP_ACCEPTED, context.now, branch.id, data))


def end_help(session: Session, context: Context, user_id: int, branch: BranchView, number: int) -> None:
    """End a counter's call: it is over, or was none. Raises RuleBroken 404 where nobody calls."""
    steering.end(session, context, _call_of(session, branch, number), user_id)


def read_message(session: Session, context: Context, clerk: Clerk, message_id: int) -> None:
    """Keep that the clerk has read a message to this counter; its text goes. Raises RuleBroken 404."""
    row = rows.one(session, message_id, SteeringKind.MESSAGE, clerk.branch_id)
    if row is None or row.counter_id != clerk.counter.id:
        raise not_found("message")
    row.answered_at, row.answered_by_id = context.now, clerk.id
    steering.end(session, context, row, clerk.id)


def _call_of(session: Session, branch: BranchView, number: int) -> Steering:
    place = branch.counters.get(number)
    calls = rows.going_on(session, SteeringKind.HELP, counter_id=place.id) if place else []
    if not calls:
        raise not_found("help")
    return calls[0]
