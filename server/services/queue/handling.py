"""What a clerk does with a ticket besides calling it: one function a step (rule 23)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken
from server.services.queue.check_in import lookups
from server.services.queue.clerk import IN_HAND, Clerk, before_step, hand_over, ticket_for
from server.services.queue.views import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.codes import BookingCode, BookingToken
from wire.vocabulary import FactType, TicketAction, Withdrawal


def start(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """The visitor is at the counter."""
    hand_over(session, context, clerk, row, TicketAction.START)
    return shown.for_clerk(session, context, row)


def finish(
    session: Session, context: Context, clerk: Clerk, row: Ticket, outcome: str, missing: Sequence[str] = ()
) -> shown.TicketView:
    """Serving ended, with an outcome of the branch's list, and what of the service's checklist was missing.

    Raises RuleBroken 422 `unknown_document` for a word that is not in the checklist.
    """
    words = _of_checklist(context, row, missing) or None
    hand_over(session, context, clerk, row, TicketAction.FINISH, outcome=outcome, missing=words)
    row.missing = words
    return shown.view(session, context, row)


def check(
    session: Session, context: Context, clerk: Clerk, row: Ticket, checked: Sequence[str]
) -> shown.TicketView:
    """Keep what is ticked of the checklist, for whoever serves the visitor next.

    Raises RuleBroken 409 `not_allowed` for a ticket that is not in hand, 422 `unknown_document`.
    """
    if row.status not in IN_HAND:
        raise RuleBroken(409, "not_allowed", state=row.status)
    words = _of_checklist(context, row, checked)
    if words != (row.checked or []):
        row.checked = words
        # Nobody but the counter shows it: the hall need not look again.
        data = {name: value for name, value in clerk.data(row).items() if name != "hall"}
        note(
            session, NewFact(FactType.TICKET_CHECKED, context.now, clerk.branch_id, data | {"checked": words})
        )
    return shown.for_clerk(session, context, row)


def _of_checklist(context: Context, row: Ticket, said: Sequence[str]) -> list[str]:
    """Put words into the order of the checklist. Raises RuleBroken 422 `unknown_document`."""
    checklist = context.office.services[row.service_id].policy.checklist
    if not set(said) <= set(checklist):
        raise RuleBroken(422, "unknown_document", checklist=list(checklist))
    return [word for word in checklist if word in said]


def no_show(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """The visitor was called and did not come."""
    hand_over(session, context, clerk, row, TicketAction.NO_SHOW)
    return shown.view(session, context, row)


def park(session: Session, context: Context, clerk: Clerk, row: Ticket, note: str | None) -> shown.TicketView:
    """Set the ticket aside: it is in no line until it is called by its number."""
    hand_over(session, context, clerk, row, TicketAction.PARK)
    row.note = note
    return shown.view(session, context, row)


def put_back(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """Undo a call: the ticket waits again at its old place."""
    hand_over(session, context, clerk, row, TicketAction.PUT_BACK)
    return shown.view(session, context, row)


def reinstate(session: Session, context: Context, clerk: Clerk, row: Ticket) -> shown.TicketView:
    """The visitor came back after a no-show: they wait again, at their old place."""
    hand_over(session, context, clerk, row, TicketAction.REINSTATE)
    return shown.view(session, context, row)


def withdraw(
    session: Session, context: Context, clerk: Clerk, row: Ticket, reason: Withdrawal
) -> shown.TicketView:
    """The visitor left the line; the reason is told when their code is shown again."""
    hand_over(session, context, clerk, row, TicketAction.WITHDRAW, reason=reason)
    row.outcome = reason
    return shown.view(session, context, row)


def transfer(
    session: Session,
    context: Context,
    clerk: Clerk,
    row: Ticket,
    *,
    service: str | None,
    counter: int | None,
    note: str | None,
) -> shown.TicketView:
    """Send the visitor to another service or counter; the number stays.

    They enter the new line by the time of transfer, or keep their place ⚙. A visitor is no longer *booked* in a
    line that their reservation was not for. Raises RuleBroken 422 `transfer_target` unless there is exactly one.
    """
    branch = context.branch(clerk.branch_id)
    to_service, to_counter = branch.services.get(service or ""), branch.counters.get(counter or 0)
    if (service is None) == (counter is None) or (to_service or to_counter) in (None, clerk.counter):
        raise RuleBroken(422, "transfer_target")
    before = before_step(row)
    if not branch.policy.transfer_keeps_place:
        row.queued_at = context.now
    if to_service is not None and to_service.id != row.service_id:
        row.service_id, row.appointment_at = to_service.id, None
    row.for_counter_id = to_counter.id if to_counter else None
    row.note = note
    hand_over(
        session,
        context,
        clerk,
        row,
        TicketAction.TRANSFER,
        before=before,
        service=service,
        to_counter=counter,
    )
    return shown.view(session, context, row)


def verify_confirmation(
    session: Session, context: Context, clerk: Clerk, ticket_id: int, code: BookingCode | BookingToken
) -> bool:
    """Compare the confirmation that the visitor shows with the reservation of the ticket (rule 23)."""
    row = ticket_for(session, clerk, ticket_id)
    reservation = tickets.reservation_of(session, row)
    if reservation is None:
        raise RuleBroken(409, "no_reservation")
    kept = reservation.code_hash if isinstance(code, BookingCode) else reservation.token_hash
    matches = kept is not None and context.keys.same_any(kept, lookups(context, code))
    if matches:
        row.verified_at = context.now
        checklist = context.office.services[row.service_id].policy.checklist
        row.checked = [word for word in checklist if word == "confirmation" or word in (row.checked or ())]
    fact = FactType.CONFIRMATION_VERIFIED if matches else FactType.CONFIRMATION_MISMATCHED
    note(session, NewFact(fact, context.now, clerk.branch_id, clerk.data(row)))
    return matches
