"""What the desk does with a reservation, each step for a reason on record and with the colleague who took it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from server.domain.booking.reservations import permitted
from server.services.booking import contact, ending, integrators, letters, moving, verification_decisions
from server.services.booking.activation import SentAgain, send_again_for
from server.services.booking.contact import Corrected, NotCorrected
from server.services.booking.desk.own_branch import row_at
from server.services.booking.letters import Letter
from server.services.booking.moving import Moved, NotMoved
from server.services.booking.slots.places import NoPlace
from server.services.booking.unsealed import person_of
from server.services.booking.visits import status_of
from server.services.context import Context, RuleBroken
from server.services.guard import limits
from server.services.guard.limits import Limit
from server.store.facts import NewFact, note
from server.store.tables import Reservation
from wire.vocabulary import FactType, MessageKind, ReservationAction, ReservationStatus

_AGAIN = Limit("sent_again", 3, timedelta(hours=24))


class Step(StrEnum):
    """What a colleague may do with a reservation."""

    ACCEPT = "accept"
    REJECT = "reject"
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    REMOVE = "remove"


def steps_of(status: ReservationStatus) -> tuple[Step, ...]:
    """List what may be done with a reservation now: the steps of its table that are people's."""
    actions = permitted(status)
    known = [step for step in Step if step.value in {action.value for action in actions}]
    is_there = ReservationAction.CANCEL in actions and status is not ReservationStatus.HELD
    return (*known, Step.REMOVE) if is_there else tuple(known)


def take(
    session: Session, context: Context, branch_id: int, reservation_id: int, step: Step, reason: str, by: int
) -> None:
    """Take a step for a reason (a word of the office's); accepting needs none.

    Raises RuleBroken 404 for another branch's, or 409 `not_allowed`, `too_late`, `day_over`, `already_booked`.
    """
    row = row_at(session, branch_id, reservation_id, locked=True)
    if step not in steps_of(status_of(context, row)):
        raise RuleBroken(409, "not_allowed", state=row.status)
    if step is Step.CANCEL:
        ending.cancel(session, context, row, reason, by)
    elif step is Step.ACCEPT:
        verification_decisions.accept(session, context, row.id, by)
    else:
        _WITH_REASON[step](session, context, row.id, reason, by)


def move(
    session: Session,
    context: Context,
    branch_id: int,
    reservation_id: int,
    to: datetime,
    reason: str,
    by: int,
) -> Moved | NotMoved | NoPlace:
    """Move a visit to a free hour of its service; the new place is taken first. Raises RuleBroken 404."""
    row = row_at(session, branch_id, reservation_id, locked=True)
    return moving.move_for(session, context, row, to, reason, by)


def correct(
    session: Session, context: Context, branch_id: int, reservation_id: int, said: Mapping[str, str], by: int
) -> Corrected | NotCorrected:
    """Take another e-mail address or phone; what is still to be sent goes there. Raises RuleBroken 404, 409."""
    row = row_at(session, branch_id, reservation_id, locked=True)
    return contact.correct_for(session, context, row, said, by)


def send_again(session: Session, context: Context, branch_id: int, reservation_id: int, by: int) -> None:
    """Send the code once more to where the applicant is reached, and nowhere else; three times a day.

    Raises RuleBroken 404, 409 `not_allowed`, `no_contact`, or 429.
    """
    row = row_at(session, branch_id, reservation_id, locked=True)
    if not letters.ways_to(person_of(session, context, row)):
        raise RuleBroken(409, "no_contact")
    status = status_of(context, row)
    if status not in (ReservationStatus.HELD, ReservationStatus.BOOKED) or row.integrator_id is not None:
        raise RuleBroken(409, "not_allowed", state=row.status)
    if (wait := limits.admit(session, context, _AGAIN, str(row.id))) is not None:
        raise RuleBroken(429, "slow_down", retry_after=wait)
    if status is ReservationStatus.HELD:
        sent = send_again_for(session, context, row)
        if not isinstance(sent, SentAgain):
            raise RuleBroken(409, "not_allowed", state=row.status)
    else:
        _confirm_again(session, context, row)
    data = ending.on_record(row, by=by)
    note(session, NewFact(FactType.CODE_SENT_AGAIN, context.now, row.branch_id, data))


def _confirm_again(session: Session, context: Context, row: Reservation) -> None:
    again = f"again{context.now:%d%H%M%S}"
    letter = Letter(MessageKind.CONFIRMATION, again=again, until=row.appointment_at)
    letters.tell(session, context, row, letter)


_WITH_REASON: Mapping[Step, Callable[[Session, Context, int, str, int], object]] = {
    Step.REJECT: verification_decisions.reject,
    Step.REINSTATE: integrators.reinstate,
    Step.REMOVE: ending.remove,
}
