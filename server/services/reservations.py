"""Reservations made and cancelled by integrators; the booking pages come to stand on the same functions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain import reservations as table
from server.domain.check_in import check_in_until, lapses_at
from server.domain.tickets import NotAllowed
from server.services.moment import Moment, RuleBroken, not_found
from server.services.office import BranchView, ServiceView
from server.services.slots import places
from server.services.slots.places import NoPlace
from server.store.facts import NewFact, note
from server.store.queries import reservations as rows
from server.store.tables import Reservation
from wire.codes import BookingCode, BookingToken, new_code, new_token
from wire.vocabulary import FactType, ReservationAction, ReservationStatus

_CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """Who wants to come, for what and when; `person` holds what is personal, as JSON values."""

    branch: str
    service: str
    appointment_at: datetime
    language: str
    person: dict[str, Any]
    identity: tuple[str, str] | None = None
    integrator_id: int | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A reservation as its owner sees it."""

    id: int
    code: BookingCode | None
    token: BookingToken | None
    status: ReservationStatus
    service: str
    appointment_at: datetime
    check_in_until: datetime


def identity_of(name: str, birth_date: date | None, document: str | None) -> tuple[str, str] | None:
    """Return what tells one person from another: the document's number, else name and date of birth."""
    if document:
        return "document", "".join(char for char in document.upper() if char.isalnum())
    if birth_date is not None:
        return "person", f"{' '.join(name.split()).casefold()}|{birth_date.isoformat()}"
    return None


def book(session: Session, moment: Moment, visit: Visit) -> Booked | NoPlace:
    """Take a place of the slot and write the reservation with a fresh code and QR secret (rule 5)."""
    branch = moment.office.branch_named(visit.branch)
    service = branch.services.get(visit.service) if branch else None
    if branch is None or service is None:
        return NoPlace("no_such_slot")
    person_hash = moment.keys.lookup(*visit.identity) if visit.identity else None
    if person_hash is not None and rows.is_active(session, service.id, person_hash):
        return NoPlace("already_booked")
    if visit.appointment_at <= moment.now:
        return NoPlace("no_such_slot")
    place = places.take_now(session, moment, service, visit.appointment_at)
    if isinstance(place, NoPlace):
        # Programs know no limit of a day: for them such an hour is full.
        return NoPlace("slot_full") if place.reason == "day_full" else place
    return _write(session, moment, branch, service, visit, place.slot_id, person_hash)


def _write(
    session: Session,
    moment: Moment,
    branch: BranchView,
    service: ServiceView,
    visit: Visit,
    slot_id: int,
    person_hash: bytes | None,
) -> Booked:
    code, token = _fresh_code(session, moment), new_token()
    policy = branch.policy.check_in(moment.now)
    codes = json.dumps({"code": code.digits, "token": token.text}).encode()
    row = Reservation(
        branch_id=branch.id,
        service_id=service.id,
        slot_id=slot_id,
        integrator_id=visit.integrator_id,
        status=ReservationStatus.PENDING
        if service.policy.verification_required
        else ReservationStatus.BOOKED,
        appointment_at=visit.appointment_at,
        lapses_at=lapses_at(visit.appointment_at, policy),
        language=visit.language,
        code_hash=moment.keys.lookup("code", code.digits),
        token_hash=moment.keys.lookup("token", token.text),
        sealed_codes=moment.keys.seal(codes, b"codes"),
        person_hash=person_hash,
        sealed_person=moment.keys.seal(json.dumps(visit.person).encode(), b"person"),
        booked_at=moment.now,
    )
    session.add(row)
    session.flush()
    data = {"reservation": row.id, "service": service.letter, "status": row.status}
    note(session, NewFact(FactType.RESERVATION_BOOKED, moment.now, branch.id, data))
    return _shown(moment, row)


def show(session: Session, moment: Moment, reservation_id: int, integrator_id: int) -> Booked:
    """Show an integrator its reservation. Raises RuleBroken 404 for another's."""
    return _shown(moment, _own(session, reservation_id, integrator_id))


def booked(session: Session, moment: Moment, reservation_id: int) -> Booked:
    """Show any reservation: for an administrator, who is no integrator."""
    return _shown(moment, session.get_one(Reservation, reservation_id))


def cancel(session: Session, moment: Moment, reservation_id: int, integrator_id: int) -> Booked:
    """Cancel a reservation. The place comes back later, at random ⚙ (rule 11), so it stays taken here."""
    row = _own(session, reservation_id, integrator_id, locked=True)
    row.status = _after(row, ReservationAction.CANCEL)
    row.ended_at, row.sealed_codes = moment.now, None
    if row.slot_id is not None:
        service = moment.office.services[row.service_id]
        places.give_back_later(session, moment, row.id, row.slot_id, service)
    data = {"reservation": row.id}
    note(session, NewFact(FactType.RESERVATION_CANCELLED, moment.now, row.branch_id, data))
    return _shown(moment, row)


def reinstate(session: Session, moment: Moment, reservation_id: int, reason: str) -> Booked:
    """Let a lapsed reservation stand again until its day at the branch is over (rule 16: a manager's step).

    `reason` is a code; who may do this is the caller's matter. Raises RuleBroken 404, or 409 `not_allowed`,
    `day_over`, `already_booked`.
    """
    row = session.get(Reservation, reservation_id, with_for_update=True)
    if row is None:
        raise not_found("reservation")
    becomes = _after(row, ReservationAction.REINSTATE)
    policy = moment.branch(row.branch_id).policy.check_in(moment.now)
    until = lapses_at(row.appointment_at, policy, reinstated=True)
    if until <= moment.now:
        raise RuleBroken(409, "day_over", appointment_at=row.appointment_at)
    if row.person_hash is not None and rows.is_active(session, row.service_id, row.person_hash):
        raise RuleBroken(409, "already_booked")
    row.status, row.lapses_at, row.reinstated_at = becomes, until, moment.now
    row.ended_at, row.reason = None, reason
    data = {"reservation": row.id, "reason": reason}
    note(session, NewFact(FactType.RESERVATION_REINSTATED, moment.now, row.branch_id, data))
    return _shown(moment, row)


def _own(session: Session, reservation_id: int, integrator_id: int, *, locked: bool = False) -> Reservation:
    row = session.get(Reservation, reservation_id, with_for_update=locked or None)
    if row is None or row.integrator_id != integrator_id:
        raise not_found("reservation")
    return row


def _after(row: Reservation, action: ReservationAction) -> ReservationStatus:
    try:
        return table.next_status(ReservationStatus(row.status), action)
    except NotAllowed as refused:
        raise RuleBroken(409, "not_allowed", state=refused.status) from None


def _fresh_code(session: Session, moment: Moment) -> BookingCode:
    """Draw a code that no reservation has; with a million kept, one draw in a hundred is drawn again."""
    for _ in range(_CODE_TRIES):
        code = new_code()
        if rows.by_code(session, moment.keys.lookup("code", code.digits), scanned=False) is None:
            return code
    raise RuntimeError("no free booking code")


def _shown(moment: Moment, row: Reservation) -> Booked:
    service = moment.office.services[row.service_id]
    policy = moment.branch(row.branch_id).policy.check_in(moment.now)
    codes = json.loads(moment.keys.open(row.sealed_codes, b"codes")) if row.sealed_codes else None
    return Booked(
        row.id,
        BookingCode(codes["code"]) if codes else None,
        BookingToken(codes["token"]) if codes else None,
        ReservationStatus(row.status),
        service.letter,
        row.appointment_at,
        check_in_until(row.appointment_at, policy),
    )
