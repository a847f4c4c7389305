"""A clerk at a counter, and the steps that take a ticket out of their hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.domain.queue.tickets import calls_after, next_status
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import CounterView
from server.services.queue.views.ticket import line_ticket
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import FactType, Outcome, TicketAction, TicketStatus

_FACTS = {
    TicketAction.START: FactType.TICKET_STARTED,
    TicketAction.FINISH: FactType.TICKET_FINISHED,
    TicketAction.NO_SHOW: FactType.TICKET_MISSED,
    TicketAction.PARK: FactType.TICKET_PARKED,
    TicketAction.PUT_BACK: FactType.TICKET_PUT_BACK,
    TicketAction.TRANSFER: FactType.TICKET_TRANSFERRED,
    TicketAction.REINSTATE: FactType.TICKET_REINSTATED,
    TicketAction.WITHDRAW: FactType.TICKET_WITHDRAWN,
}
IN_HAND = frozenset({TicketStatus.CALLED, TicketStatus.SERVING})
"""The states of a ticket that is at a counter."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who acts, and at which counter, as it serves while they work there."""

    id: int
    session_id: int
    branch_id: int
    hall: str
    counter: CounterView
    is_supervisor: bool = False

    def data(self, row: Ticket) -> dict[str, Any]:
        """Return the ids that every fact about a ticket at a counter carries."""
        return {
            "ticket": row.id,
            "number": row.number,
            "counter": self.counter.number,
            "hall": self.hall,
            "clerk": self.id,
        }


def ticket_for(session: Session, clerk: Clerk, ticket_id: int) -> Ticket:
    """Read and lock a ticket that this clerk may act on.

    Raises RuleBroken 404 for another branch's, and 409 `at_other_counter` for one in another's hands.
    """
    row = tickets.ticket(session, ticket_id, locked=True)
    if row is None or row.branch_id != clerk.branch_id:
        raise not_found("ticket")
    if row.status in IN_HAND and row.counter_id != clerk.counter.id:
        raise RuleBroken(409, "at_other_counter", state=row.status)
    return row


_UNDOABLE = frozenset(
    {
        *(TicketAction.START, TicketAction.FINISH, TicketAction.NO_SHOW),
        *(TicketAction.WITHDRAW, TicketAction.PARK, TicketAction.TRANSFER),
    }
)
_RESTORED = (
    *("status", "service_id", "counter_id", "for_counter_id", "call_count", "outcome", "lane", "lane_at"),
    "missing",
    *("appointment_at", "queued_at", "called_at", "started_at", "finished_at"),
)


def before_step(row: Ticket) -> dict[str, Any]:
    """Return what a step may change of a ticket, so that it can be taken back."""
    values = {name: getattr(row, name) for name in _RESTORED}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def wait_again(row: Ticket) -> None:
    """Put a ticket that waits again at its old place in the line."""
    row.counter_id = row.called_at = row.started_at = row.finished_at = None
    placed = line_ticket(row)
    row.lane, row.lane_at = order.lane_of(placed), order.lane_at(placed)


def hand_over(
    session: Session,
    context: Context,
    clerk: Clerk,
    row: Ticket,
    action: TicketAction,
    *,
    outcome: str | None = None,
    before: dict[str, Any] | None = None,
    **data: object,
) -> None:
    """Take one step of the ticket's table and note it. Raises NotAllowed, or RuleBroken for an outcome.

    `before` is what the ticket was when the caller has changed it already; it is kept for `undo`.
    """
    before = before or before_step(row)
    policy = context.branch(clerk.branch_id).policy
    if outcome is not None and outcome not in policy.outcome_codes:
        raise RuleBroken(422, "unknown_outcome", outcomes=list(policy.outcome_codes))
    status = TicketStatus(row.status)
    if action is TicketAction.FINISH:
        outcome = outcome or Outcome.SERVED
        if (reservation := tickets.reservation_of(session, row)) is not None:
            # The readable copy goes when the visit is over (architecture.md 10); the keyed hash still tells it.
            reservation.sealed_codes = None
    row.status = next_status(status, action, row.call_count, policy.no_show_after_calls)
    row.call_count = calls_after(action, row.call_count)
    if action is TicketAction.START:
        row.started_at = context.now
    elif action in (TicketAction.FINISH, TicketAction.NO_SHOW, TicketAction.WITHDRAW):
        row.finished_at, row.outcome = context.now, outcome
    if row.status == TicketStatus.WAITING:
        wait_again(row)
    kept = {"action": str(action), "clerk": clerk.id, "counter": clerk.counter.id, "before": before}
    row.undo = kept | {"at": context.now.isoformat()} if action in _UNDOABLE else None
    more = {key: value for key, value in (("outcome", outcome), *data.items()) if value is not None}
    note(session, NewFact(_FACTS[action], context.now, clerk.branch_id, clerk.data(row) | more))
