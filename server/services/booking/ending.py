"""How a reservation ends before its visit: cancelled, rejected, removed, or lapsed because nobody went on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import reservations as table
from server.domain.booking.reservations import PLACE_COMES_BACK, LapseReason
from server.domain.queue.tickets import NotAllowed
from server.services.booking import holds_let_go, letters
from server.services.booking.letters import Letter
from server.services.booking.slots import places
from server.services.context import Context, RuleBroken, not_found
from server.services.guard import evidence
from server.store.facts import NewFact, note
from server.store.queries.booking import drafts, verifications
from server.store.queries.booking import reservations as rows
from server.store.queries.booking.reservations import DueLapse
from server.store.tables import Reservation
from wire.vocabulary import FactType, MessageKind, ReservationAction, ReservationStatus

_TOLD = (LapseReason.UNANSWERED, LapseReason.UNDECIDED)


def step(row: Reservation, action: ReservationAction) -> ReservationStatus:
    """Take one step of the table. Raises RuleBroken 409 `not_allowed`."""
    try:
        return table.next_status(ReservationStatus(row.status), action)
    except NotAllowed as refused:
        raise RuleBroken(409, "not_allowed", state=refused.status) from None


def end(
    session: Session, context: Context, row: Reservation, action: ReservationAction, reason: str | None
) -> None:
    """End a reservation: its codes can be read no more, its place comes back later, nothing queued is sent.

    One that was only held counts as a hold that was let go.

    Raises RuleBroken 409 `not_allowed`.
    """
    was_held = row.status == ReservationStatus.HELD
    row.status = step(row, action)
    row.ended_at, row.reason = context.now, reason
    row.sealed_codes = row.activation_hash = None
    session.flush()
    letters.drop(session, context, row.id)
    if was_held:
        holds_let_go.count(session, context, row)
    _give_back(session, context, (row.id, row.service_id, row.slot_id), was_held=was_held)


def on_record(row: Reservation, reason: str | None = None, by: int | None = None) -> dict[str, Any]:
    """Return what a fact says of a step: the reservation, the word of its reason, the colleague who took it."""
    told = {"reservation": row.id, "reason": reason, "user": by}
    return {name: value for name, value in told.items() if value is not None}


def cancel(
    session: Session,
    context: Context,
    row: Reservation,
    reason: str | None = None,
    by: int | None = None,
    told: Mapping[str, str] | None = None,
) -> None:
    """Cancel a reservation for its owner, or for a reason of the office's: its owner is told, of `told` too.

    Raises RuleBroken 409 `not_allowed`.
    """
    was_held = row.status == ReservationStatus.HELD
    end(session, context, row, ReservationAction.CANCEL, reason)
    if not was_held:
        letters.tell(session, context, row, Letter(MessageKind.CANCELLATION, facts=told))
    data = on_record(row, reason, by)
    note(session, NewFact(FactType.RESERVATION_CANCELLED, context.now, row.branch_id, data))


def remove(
    session: Session, context: Context, reservation_id: int, reason: str, by: int | None = None
) -> None:
    """Remove a reservation that automation made or somebody traded (rule 9): its owner is told.

    `reason` is a word of the office's, kept on record; the evidence is held ⚙. Who may do this is the caller's
    matter. Raises RuleBroken 404, or 409 `not_allowed`.
    """
    row = drafts.reservation(session, reservation_id, locked=True)
    if row is None:
        raise not_found("reservation")
    end(session, context, row, ReservationAction.CANCEL, f"removed:{reason}")
    evidence.hold(session, context, row.id)
    letters.tell(session, context, row, Letter(MessageKind.REMOVAL, facts={"reason": reason}))
    data = on_record(row, reason, by)
    note(session, NewFact(FactType.RESERVATION_REMOVED, context.now, row.branch_id, data))


def lapse(session: Session, context: Context, due: Sequence[DueLapse]) -> None:
    """Let reservations lapse, each for its own reason.

    The place of a visit whose hour can still be reached comes back: one that was held and not activated
    (rule 6), or pending and not answered (rule 12). The others' stay taken (rule 16).
    """
    by_reason: dict[LapseReason | None, list[DueLapse]] = {}
    for each in due:
        by_reason.setdefault(_why(session, each), []).append(each)
    for reason, some in by_reason.items():
        rows.lapse(session, [each.id for each in some], context.now, reason)
        for each in some:
            _after_lapse(session, context, each, reason)


def lapse_now(session: Session, context: Context, row: Reservation) -> None:
    """Let one held reservation lapse now, whatever its instant: too many wrong codes were typed."""
    session.flush()
    due = DueLapse(
        row.id, row.branch_id, row.service_id, row.slot_id, row.status, row.appointment_at, context.now
    )
    lapse(session, context, [due])
    session.refresh(row)


def _why(session: Session, due: DueLapse) -> LapseReason | None:
    if due.status == ReservationStatus.HELD:
        return LapseReason.NOT_ACTIVATED
    if due.status == ReservationStatus.PENDING:
        return LapseReason.UNANSWERED if verifications.is_open(session, due.id) else LapseReason.UNDECIDED
    return None


def _after_lapse(session: Session, context: Context, due: DueLapse, reason: LapseReason | None) -> None:
    data = {"reservation": due.id, "lapsed_at": due.lapses_at.isoformat()}
    if reason is not None:
        data["reason"] = reason
        letters.drop(session, context, due.id)
    note(session, NewFact(FactType.RESERVATION_LAPSED, context.now, due.branch_id, data))
    was_held = reason is LapseReason.NOT_ACTIVATED
    if was_held and (row := drafts.reservation(session, due.id)) is not None:
        holds_let_go.count(session, context, row)
    if reason in PLACE_COMES_BACK:
        _give_back(session, context, (due.id, due.service_id, due.slot_id), was_held=was_held)
    if reason in _TOLD and (row := drafts.reservation(session, due.id)) is not None:
        letters.tell(session, context, row, Letter(MessageKind.RELEASED, facts={"reason": reason}))


def _give_back(
    session: Session, context: Context, place: tuple[int, int, int | None], *, was_held: bool
) -> None:
    """Have the place (reservation, service, slot) come back after a random time.

    That of a hold comes back soon (rule 6), any other after so long that nobody can hand it over (rule 11).
    """
    reservation_id, service_id, slot_id = place
    if slot_id is not None:
        booking = context.office.services[service_id].policy.booking
        minutes = booking.hold_return_minutes if was_held else booking.return_minutes
        places.give_back_later(session, context, reservation_id, slot_id, minutes)
