"""Contact data are corrected while the hour is held: a mistyped number or address does not cost it (rule 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import details as rules
from server.domain.booking.details import Days, Incomplete
from server.domain.booking.people import Identity
from server.domain.office.hours import day_of
from server.services.booking import letters, one_per_person, verification
from server.services.booking.activation import Expired, expired
from server.services.booking.activation_codes import send_code
from server.services.booking.owners import Owner, own
from server.services.booking.unsealed import person_of
from server.services.context import Context, RuleBroken
from server.store.facts import NewFact, note
from server.store.queries.booking import reservations as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationStatus


@dataclass(frozen=True, slots=True)
class Corrected:
    """The contact data are changed, and a new code went out by `channel`; the one before it is void."""

    channel: str


@dataclass(frozen=True, slots=True)
class NotCorrected:
    """Nothing was changed: `corrected_enough`, `email_used`, `phone_used`, or `problems` by field."""

    reason: str
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Contact:
    """How the applicant of a held reservation is reached, and how often that may still be corrected."""

    email: str | None
    phone: str | None
    activation: str
    language: str
    corrections_left: int


def contact_of(session: Session, context: Context, owner: Owner, reservation_id: int) -> Contact | Expired:
    """Show the contact data of a held reservation. Raises RuleBroken 404 for another's."""
    row = own(session, context, owner, reservation_id)
    if row.status != ReservationStatus.HELD:
        return Expired(row.status)
    person = person_of(session, context, row)
    return Contact(
        person.get("email"),
        person.get("phone"),
        person.get("activation", "email"),
        row.language,
        _left(context, row),
    )


def correct(
    session: Session, context: Context, owner: Owner, reservation_id: int, said: Mapping[str, Any]
) -> Corrected | NotCorrected | Expired:
    """Take other contact data (`email`, `phone`, `activation`) and send a new code; the hold ends as before.

    Raises RuleBroken 404 for another's reservation.
    """
    row = own(session, context, owner, reservation_id, locked=True)
    if row.status != ReservationStatus.HELD:
        return Expired(row.status)
    if (over := expired(session, context, row)) is not None:
        return over
    if _left(context, row) <= 0:
        return NotCorrected("corrected_enough", {})
    service = context.office.services[row.service_id]
    zone = context.branch(row.branch_id).policy.zone
    changed = {name: said[name] for name in ("email", "phone", "activation") if name in said}
    days = Days(day_of(context.now, zone), day_of(row.appointment_at, zone))
    told = rules.check(person_of(session, context, row) | changed, service.policy.booking, days)
    if isinstance(told, Incomplete):
        return NotCorrected("incomplete", told.problems)
    marks = one_per_person.marks_of(
        context.keys, service.policy.booking, told.identity, told.email, told.phone
    )
    if (reason := one_per_person.clash_of_contact(session, row, marks)) is not None:
        return NotCorrected(reason, {})
    box = personal_keys.opener(session, context.keys, row.personal_key_id)
    if box is None:
        raise RuntimeError("a held reservation without its key")
    row.sealed_person = personal_keys.seal_json(box, told.as_json(), b"person")
    row.email_hash, row.phone_hash = marks.email, marks.phone
    row.contact_corrections += 1
    session.flush()
    letters.drop(session, context, row.id)
    send_code(session, context, row, told.activation)
    data = {"reservation": row.id, "change": "contact", "channel": told.activation}
    note(session, NewFact(FactType.RESERVATION_CHANGED, context.now, row.branch_id, data))
    return Corrected(told.activation)


def correct_for(
    session: Session, context: Context, row: Reservation, said: Mapping[str, str], by: int
) -> Corrected | NotCorrected:
    """Take another address or phone from a colleague at the desk; both empty: nothing is sent any more.

    What was still to be sent goes to the new contact: the code of a hold, else the confirmation and reminders.
    Raises RuleBroken 409 `not_allowed` for a visit that does not stand.
    """
    if not rows.stands(row, context.now) or row.integrator_id is not None:
        raise RuleBroken(409, "not_allowed", state=row.status)
    person = person_of(session, context, row)
    new = {name: said.get(name, "").strip() for name in ("email", "phone")}
    problems = rules.contact_problems(new)
    channel = "email" if new["email"] else "sms"
    if row.status == ReservationStatus.HELD and not any(new.values()):
        problems["email"] = "missing"
    if problems:
        return NotCorrected("incomplete", problems)
    rules_of = context.office.services[row.service_id].policy.booking
    marks = one_per_person.marks_of(context.keys, rules_of, Identity(), new["email"], new["phone"])
    if (reason := one_per_person.clash_of_contact(session, row, marks)) is not None:
        return NotCorrected(reason, {})
    box = personal_keys.opener(session, context.keys, row.personal_key_id)
    if box is None:
        raise RuntimeError("a standing reservation without its key")
    kept = {name: value for name, value in person.items() if name not in new}
    kept |= {name: value for name, value in new.items() if value} | {"activation": channel}
    row.sealed_person = personal_keys.seal_json(box, kept, b"person")
    row.email_hash, row.phone_hash = marks.email, marks.phone
    session.flush()
    letters.drop(session, context, row.id)
    again = f"to{context.now:%d%H%M%S}"
    if row.status == ReservationStatus.HELD:
        send_code(session, context, row, channel)
    elif row.status == ReservationStatus.BOOKED:
        letters.confirm(session, context, row, again)
    else:
        verification.send_questions(session, context, row, again)
    data = {"reservation": row.id, "change": "contact", "user": by}
    note(session, NewFact(FactType.RESERVATION_CHANGED, context.now, row.branch_id, data))
    return Corrected(channel)


def follow_account(session: Session, context: Context, account_id: int, old: str, new: str) -> int:
    """Have messages about an account's visits go to its new address, where they went to the old one.

    Returns how many visits were changed. Where the service counts addresses and the new one is another visit's,
    the old one stays.
    """
    changed = 0
    for row in rows.standing_of_account(session, account_id):
        person = person_of(session, context, row)
        if (person.get("email") or "").casefold() != old.casefold():
            continue
        rules_of = context.office.services[row.service_id].policy.booking
        marks = one_per_person.marks_of(context.keys, rules_of, Identity(), new, None)
        box = personal_keys.opener(session, context.keys, row.personal_key_id)
        if box is None or one_per_person.clash_of_contact(session, row, marks) is not None:
            continue
        row.sealed_person = personal_keys.seal_json(box, person | {"email": new}, b"person")
        row.email_hash = marks.email
        data = {"reservation": row.id, "change": "contact"}
        note(session, NewFact(FactType.RESERVATION_CHANGED, context.now, row.branch_id, data))
        changed += 1
    return changed


def _left(context: Context, row: Reservation) -> int:
    most = context.office.services[row.service_id].policy.booking.contact_corrections
    return most - row.contact_corrections
