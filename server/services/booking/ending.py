"""How a reservation ends before its visit: cancelled, rejected, removed, or lapsed because nobody went on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.domain import reservations as table
from server.domain.reservations import PLACE_COMES_BACK, LapseReason
from server.domain.tickets import NotAllowed
from server.services.booking import letters
from server.services.booking.letters import Letter
from server.services.guard import evidence
from server.services.moment import Moment, RuleBroken, not_found
from server.services.slots import places
from server.store.facts import NewFact, note
from server.store.queries import booking, verifications
from server.store.queries import reservations as rows
from server.store.queries.reservations import DueLapse
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
    session: Session, moment: Moment, row: Reservation, action: ReservationAction, reason: str | None
) -> None:
    """End a reservation: its codes can be read no more, its place comes back later, nothing queued is sent.

    Raises RuleBroken 409 `not_allowed`.
    """
    row.status = step(row, action)
    row.ended_at, row.reason = moment.now, reason
    row.sealed_codes = row.activation_hash = None
    session.flush()
    letters.drop(session, moment, row.id)
    _give_back(session, moment, row.id, row.service_id, row.slot_id)


def remove(session: Session, moment: Moment, reservation_id: int, reason: str) -> None:
    """Remove a reservation that automation made or somebody traded (rule 9): its owner is told.

    `reason` is a word of the office's, kept on record; the evidence is held ⚙. Who may do this is the caller's
    matter. Raises RuleBroken 404, or 409 `not_allowed`.
    """
    row = booking.reservation(session, reservation_id, locked=True)
    if row is None:
        raise not_found("reservation")
    end(session, moment, row, ReservationAction.CANCEL, f"removed:{reason}")
    evidence.hold(session, moment, row.id)
    letters.tell(session, moment, row, Letter(MessageKind.REMOVAL, facts={"reason": reason}))
    data = {"reservation": row.id, "reason": reason}
    note(session, NewFact(FactType.RESERVATION_REMOVED, moment.now, row.branch_id, data))


def lapse(session: Session, moment: Moment, due: Sequence[DueLapse]) -> None:
    """Let reservations lapse, each for its own reason.

    The place of a visit whose hour can still be reached comes back: one that was held and not activated
    (rule 6), or pending and not answered (rule 12). The others' stay taken (rule 16).
    """
    by_reason: dict[LapseReason | None, list[DueLapse]] = {}
    for each in due:
        by_reason.setdefault(_why(session, each), []).append(each)
    for reason, some in by_reason.items():
        rows.lapse(session, [each.id for each in some], moment.now, reason)
        for each in some:
            _after_lapse(session, moment, each, reason)


def lapse_now(session: Session, moment: Moment, row: Reservation) -> None:
    """Let one held reservation lapse now, whatever its instant: too many wrong codes were typed."""
    session.flush()
    due = DueLapse(
        row.id, row.branch_id, row.service_id, row.slot_id, row.status, row.appointment_at, moment.now
    )
    lapse(session, moment, [due])
    session.refresh(row)


def _why(session: Session, due: DueLapse) -> LapseReason | None:
    if due.status == ReservationStatus.HELD:
        return LapseReason.NOT_ACTIVATED
    if due.status == ReservationStatus.PENDING:
        return LapseReason.UNANSWERED if verifications.is_open(session, due.id) else LapseReason.UNDECIDED
    return None


def _after_lapse(session: Session, moment: Moment, due: DueLapse, reason: LapseReason | None) -> None:
    data = {"reservation": due.id, "lapsed_at": due.lapses_at.isoformat()}
    if reason is not None:
        data["reason"] = reason
        letters.drop(session, moment, due.id)
    note(session, NewFact(FactType.RESERVATION_LAPSED, moment.now, due.branch_id, data))
    if reason in PLACE_COMES_BACK:
        _give_back(session, moment, due.id, due.service_id, due.slot_id)
    if reason in _TOLD and (row := booking.reservation(session, due.id)) is not None:
        letters.tell(session, moment, row, Letter(MessageKind.RELEASED, facts={"reason": reason}))


def _give_back(
    session: Session, moment: Moment, reservation_id: int, service_id: int, slot_id: int | None
) -> None:
    """Have the place come back after a random while (rule 11), if somebody can still reach its hour then."""
    if slot_id is not None:
        service = moment.office.services[service_id]
        places.give_back_later(session, moment, reservation_id, slot_id, service)
