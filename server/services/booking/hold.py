"""Hold a place for the owner of a draft, until the code of the activation is typed (rules 5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import details as rules
from server.domain.booking.details import Days, Details, Incomplete
from server.domain.booking.people import Identity
from server.domain.office.hours import day_of
from server.domain.queue.check_in import check_in_until
from server.services.booking import drafts, holds_let_go, one_per_person
from server.services.booking.activation_codes import send_code
from server.services.booking.letters import Opened
from server.services.booking.owners import Owner
from server.services.booking.slots import places
from server.services.booking.slots.places import NoPlace
from server.services.context import Context, RuleBroken
from server.services.guard import evidence
from server.services.guard.evidence import Traces
from server.services.office.settings import ServiceView
from server.services.release.gate import Gate, Open, gate
from server.store.facts import NewFact, note
from server.store.keyring import Box
from server.store.queries.booking import drafts as rows
from server.store.queries.booking import reservations
from server.store.queries.booking.drafts import DraftRow
from server.store.queries.booking.reservations import Marks
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationStatus

__all__ = ["AlreadyHeld", "Blocked", "Held", "NoPlace", "hold"]


@dataclass(frozen=True, slots=True)
class Held:
    """The place is kept until `lapses_at`; the code went out by `channel` (email, sms)."""

    reservation_id: int
    channel: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class AlreadyHeld:
    """This draft was submitted before: what came of it then."""

    reservation_id: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """Not for this person or not now.

    `incomplete` (with `problems` by field, as domain.details tells them), `already_booked`, `email_used`,
    `phone_used`, `account_limit`, `holds_let_go` (no hold before `until`), or `not_released` with what the
    release says (`gate`).
    """

    reason: str
    problems: dict[str, str] = field(default_factory=dict)
    gate: Gate | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """A draft on its way to a place."""

    owner: Owner
    draft: DraftRow
    is_full: bool
    service: ServiceView
    starts_at: datetime


def hold(
    session: Session, context: Context, owner: Owner, token: str, traces: Traces
) -> Held | NoPlace | AlreadyHeld | Blocked:
    """Make a held reservation of a draft; the same draft again gives the same reservation.

    Everything that was typed is checked once more: the pages are not trusted. What most people hear in a rush is
    asked first, before anything is opened. Raises RuleBroken 404 for a draft that is another's or too old.
    """
    draft, is_full = drafts.to_hold(session, context, owner, token, locked=True)
    if draft.reservation_id is not None:
        return AlreadyHeld(draft.reservation_id)
    service = context.office.services.get(draft.service_id)
    if service is None or draft.starts_at is None:
        return NoPlace("no_such_slot")
    drafts.check_owner(owner, service)
    wish = _Wish(owner, draft, is_full, service, draft.starts_at)
    answer = _take(session, context, wish, traces)
    if not isinstance(answer, Held):
        data = {"reason": answer.reason, "service": service.letter, "account": owner.account_id}
        note(session, NewFact(FactType.BOOKING_REFUSED, context.now, service.branch_id, data))
    return answer


def _take(session: Session, context: Context, wish: _Wish, traces: Traces) -> Held | NoPlace | Blocked:
    service, owner = wish.service, wish.owner
    if wish.is_full:
        return NoPlace("slot_full")
    released = gate(session, context, service, owner.account_id)
    if not isinstance(released, Open):
        return Blocked("not_released", gate=released)
    box = _box(session, context, wish.draft)
    told = _details(context, wish, box)
    if isinstance(told, Incomplete):
        return Blocked("incomplete", problems=dict(told.problems))
    identity = told.identity
    marks = _marks(context, service, told, identity)
    if (reason := _in_the_way(session, context, wish, marks)) is not None:
        return Blocked(reason)
    free = service.policy.booking.holds_let_go
    if until := holds_let_go.paused_until(session, context, owner.account_id, identity.person, free):
        return Blocked("holds_let_go", until=until)
    place = places.take(session, context, service, wish.starts_at)
    if isinstance(place, NoPlace):
        return place
    opened = Opened(told.as_json(), box)
    row = _write(session, context, wish, told, marks, opened, place.slot_id)
    send_code(session, context, row, told.activation, opened)
    reservations.keep_code(session, row)
    # From here on the draft is how a guest's browser finds the reservation.
    rows.end_draft(session, wish.draft.id, row.id, context.now)
    evidence.keep(session, context, row.id, owner.account_id, traces)
    data = {"reservation": row.id, "service": service.letter}
    note(session, NewFact(FactType.RESERVATION_HELD, context.now, row.branch_id, data))
    return Held(row.id, told.activation, row.lapses_at)


def _box(session: Session, context: Context, draft: DraftRow) -> Box:
    box = personal_keys.box(session, context.keys, draft.personal_key_id)
    if box is None:
        raise RuntimeError("a draft without its key")
    return box


def _details(context: Context, wish: _Wish, box: Box) -> Details | Incomplete:
    said: dict[str, Any] = personal_keys.open_json(box, wish.draft.sealed_details, b"details") or {}
    zone = context.branch(wish.service.branch_id).policy.zone
    days = Days(day_of(context.now, zone), day_of(wish.starts_at, zone))
    return rules.check(said, wish.service.policy.booking, days)


def _marks(context: Context, service: ServiceView, told: Details, identity: Identity) -> Marks:
    booking = service.policy.booking
    marks = one_per_person.marks_of(context.keys, booking, identity, told.email, told.phone)
    return marks if booking.one_per_person else Marks(email=marks.email, phone=marks.phone)


def _in_the_way(session: Session, context: Context, wish: _Wish, marks: Marks) -> str | None:
    """Say why this person or this account cannot have one more (rule 5)."""
    account_id, service = wish.owner.account_id, wish.service
    if account_id is not None:
        # Counting and booking must be one step for all tabs of an account.
        if not rows.hold_account(session, account_id):
            raise RuleBroken(403, "account_required")
        standing = rows.count_standing(session, account_id, service.id, context.now)
        if standing >= service.policy.booking.account_limit:
            # Who booked already hears that rather than how many more there may be.
            return one_per_person.clash(session, service.id, marks) or "account_limit"
    return one_per_person.clash(session, service.id, marks)


def _write(
    session: Session,
    context: Context,
    wish: _Wish,
    told: Details,
    marks: Marks,
    opened: Opened,
    slot_id: int,
) -> Reservation:
    """Make the row; it takes the draft's key over, so that nothing has to be sealed under another."""
    service = wish.service
    branch = context.branch(service.branch_id)
    held_until = context.now + timedelta(minutes=service.policy.booking.hold_minutes)
    values = {
        "branch_id": branch.id,
        "service_id": service.id,
        "slot_id": slot_id,
        "account_id": wish.owner.account_id,
        "personal_key_id": wish.draft.personal_key_id,
        "status": ReservationStatus.HELD,
        "appointment_at": wish.starts_at,
        "lapses_at": min(held_until, check_in_until(wish.starts_at, context.check_in(wish.service.id))),
        "language": told.language,
        "person_hash": marks.person,
        "document_hash": marks.document,
        "email_hash": marks.email,
        "phone_hash": marks.phone,
        "sealed_person": personal_keys.seal_json(opened.box, opened.person, b"person"),
        "booked_at": context.now,
    }
    return reservations.add(session, values)
