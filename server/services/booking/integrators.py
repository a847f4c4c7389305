"""Reservations made and cancelled by integrators; the booking pages come to stand on the same functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import reservations as table
from server.domain.booking.people import Identity
from server.domain.queue.check_in import check_in_until, lapses_at
from server.domain.queue.tickets import NotAllowed
from server.services.booking import ending, letters, one_per_person
from server.services.booking.slots import places
from server.services.booking.slots.places import NoPlace
from server.services.booking.unsealed import codes_of, give_codes
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import ServiceView
from server.store.facts import NewFact, note
from server.store.queries.booking.reservations import Marks
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.codes import BookingCode, BookingToken
from wire.vocabulary import FactType, ReservationAction, ReservationStatus


@dataclass(frozen=True, slots=True)
class Visit:
    """Who wants to come, for what and when; `person` holds what is personal, as JSON values."""

    branch: str
    service: str
    appointment_at: datetime
    language: str
    person: dict[str, Any]
    identity: Identity = field(default_factory=Identity)
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


def book(session: Session, context: Context, visit: Visit) -> Booked | NoPlace:
    """Take a place of the slot and write the reservation with a fresh code and QR secret (rule 5)."""
    branch = context.office.branch_named(visit.branch)
    service = branch.services.get(visit.service) if branch else None
    if branch is None or service is None:
        return NoPlace("no_such_slot")
    email, phone = visit.person.get("email"), visit.person.get("phone")
    marks = one_per_person.marks_of(context.keys, service.policy.booking, visit.identity, email, phone)
    if one_per_person.clash(session, service.id, marks) is not None:
        return NoPlace("already_booked")
    if visit.appointment_at <= context.now:
        return NoPlace("no_such_slot")
    place = places.take_now(session, context, service, visit.appointment_at)
    if isinstance(place, NoPlace):
        # Programs know no limit of a day: for them such an hour is full.
        return NoPlace("slot_full") if place.reason == "day_full" else place
    return _shown(session, context, write(session, context, service, visit, place.slot_id, marks))


def write(
    session: Session,
    context: Context,
    service: ServiceView,
    visit: Visit,
    slot_id: int,
    marks: Marks,
    by: int | None = None,
) -> Reservation:
    """Write the reservation of a place that is taken, with its codes; `by` is the colleague who booked it."""
    branch = context.branch(service.branch_id)
    policy = context.check_in(service.id)
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    row = Reservation(
        branch_id=branch.id,
        service_id=service.id,
        slot_id=slot_id,
        integrator_id=visit.integrator_id,
        personal_key_id=key_id,
        status=ReservationStatus.PENDING
        if service.policy.verification_required
        else ReservationStatus.BOOKED,
        appointment_at=visit.appointment_at,
        lapses_at=lapses_at(visit.appointment_at, policy),
        language=visit.language,
        person_hash=marks.person,
        document_hash=marks.document,
        email_hash=marks.email,
        phone_hash=marks.phone,
        sealed_person=personal_keys.seal_json(box, visit.person, b"person"),
        booked_at=context.now,
    )
    give_codes(session, context, row, box)
    session.add(row)
    session.flush()
    data = ending.on_record(row, by=by) | {"service": service.letter, "status": row.status}
    note(session, NewFact(FactType.RESERVATION_BOOKED, context.now, branch.id, data))
    return row


def show(session: Session, context: Context, reservation_id: int, integrator_id: int) -> Booked:
    """Show an integrator its reservation. Raises RuleBroken 404 for another's."""
    return _shown(session, context, _own(session, reservation_id, integrator_id))


def booked(session: Session, context: Context, reservation_id: int) -> Booked:
    """Show any reservation: for an administrator rather than an integrator."""
    return _shown(session, context, session.get_one(Reservation, reservation_id))


def cancel(session: Session, context: Context, reservation_id: int, integrator_id: int) -> Booked:
    """Cancel a reservation. The place comes back later, at random ⚙ (rule 11), so it stays taken here."""
    row = _own(session, reservation_id, integrator_id, locked=True)
    row.status = _after(row, ReservationAction.CANCEL)
    row.ended_at, row.sealed_codes = context.now, None
    if row.slot_id is not None:
        service = context.office.services[row.service_id]
        places.give_back_later(session, context, row.id, row.slot_id, service.policy.booking.return_minutes)
    data = {"reservation": row.id}
    note(session, NewFact(FactType.RESERVATION_CANCELLED, context.now, row.branch_id, data))
    return _shown(session, context, row)


def reinstate(
    session: Session, context: Context, reservation_id: int, reason: str, by: int | None = None
) -> Booked:
    """Let a lapsed reservation stand again until its day at the branch is over (rule 16: a manager's step).

    `reason` is a code; who may do this is the caller's matter. Raises RuleBroken 404, or 409 `not_allowed`,
    `day_over`, `already_booked`.
    """
    row = session.get(Reservation, reservation_id, with_for_update=True)
    if row is None:
        raise not_found("reservation")
    becomes = _after(row, ReservationAction.REINSTATE)
    if row.reason in table.PLACE_COMES_BACK:
        raise RuleBroken(409, "not_allowed", state=row.status, why=row.reason)
    policy = context.check_in(row.service_id)
    until = lapses_at(row.appointment_at, policy, reinstated=True)
    if until <= context.now:
        raise RuleBroken(409, "day_over", appointment_at=row.appointment_at)
    if one_per_person.clash(session, row.service_id, one_per_person.kept_marks(session, context, row)):
        raise RuleBroken(409, "already_booked")
    row.status, row.lapses_at, row.reinstated_at = becomes, until, context.now
    row.ended_at, row.reason = None, reason
    if row.code_hash is None and (box := personal_keys.opener(session, context.keys, row.personal_key_id)):
        give_codes(session, context, row, box)
        letters.confirm(session, context, row)
    data = ending.on_record(row, reason, by)
    note(session, NewFact(FactType.RESERVATION_REINSTATED, context.now, row.branch_id, data))
    return _shown(session, context, row)


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


def _shown(session: Session, context: Context, row: Reservation) -> Booked:
    service = context.office.services[row.service_id]
    policy = context.check_in(row.service_id)
    codes = codes_of(session, context, row)
    return Booked(
        row.id,
        codes.code if codes else None,
        codes.token if codes else None,
        ReservationStatus(row.status),
        service.letter,
        row.appointment_at,
        check_in_until(row.appointment_at, policy),
    )
