"""What a draw does for one applicant: the visit that was won, and the messages about it (rule 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking.people import Identity
from server.domain.queue.check_in import lapses_at
from server.domain.release.draw import shown_line
from server.services import messages
from server.services.booking import letters, one_per_person, verification
from server.services.booking.unsealed import give_codes
from server.services.context import Context
from server.services.messages import NewMessage
from server.services.office.settings import ServiceView
from server.store.facts import NewFact, note
from server.store.keyring import Box
from server.store.queries import messages as outbox_rows
from server.store.queries.booking.reservations import Marks
from server.store.queries.privacy import personal_keys
from server.store.queries.release import applications
from server.store.tables import Application, Draw, Reservation
from wire.vocabulary import FactType, MessageKind, MessageStatus, ReservationStatus


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour of a draw: the row's id and the instant."""

    id: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class _Applicant:
    """Who won, opened from the application."""

    box: Box
    person: dict[str, Any]
    marks: Marks


def book_drawn(session: Session, context: Context, application: Application, slot: Slot) -> bool:
    """Book the visit that an applicant won; False when it cannot stand any more, and nothing is changed.

    It is booked at once: the address was confirmed with the account, so there is no code to type. Winners who
    do not want the hour cancel it. The place was taken already, by the draw or by whoever had it before.
    """
    service = context.office.services[applications.service_of_draw(session, application.draw_id)]
    who = _applicant(session, context, service, application)
    until = lapses_at(slot.starts_at, context.check_in(service.id))
    if (
        who is None
        or until <= context.now
        or one_per_person.clash(session, service.id, who.marks) is not None
    ):
        return False
    row = Reservation(
        branch_id=service.branch_id,
        service_id=service.id,
        slot_id=slot.id,
        account_id=application.account_id,
        personal_key_id=application.personal_key_id,
        status=ReservationStatus.PENDING
        if service.policy.verification_required
        else ReservationStatus.BOOKED,
        appointment_at=slot.starts_at,
        lapses_at=until,
        language=application.language,
        person_hash=who.marks.person,
        document_hash=who.marks.document,
        email_hash=who.marks.email,
        phone_hash=who.marks.phone,
        sealed_person=personal_keys.seal_json(who.box, who.person, b"person"),
        booked_at=context.now,
    )
    give_codes(session, context, row, who.box)
    session.add(row)
    session.flush()
    application.reservation_id = row.id
    session.flush()
    data = {"reservation": row.id, "service": service.letter, "status": row.status}
    note(session, NewFact(FactType.RESERVATION_BOOKED, context.now, service.branch_id, data))
    if row.status == ReservationStatus.PENDING:
        verification.ask(session, context, row)
    else:
        letters.confirm(session, context, row)
    return True


def tell_applied(
    session: Session, context: Context, row: Draw, application: Application, again: str = ""
) -> None:
    """Confirm an application, with the entry number and the hash of the secret: with both anybody can check.

    `again` tells the confirmation of a change from the one before.
    """
    facts = {"secret_hash": row.secret_hash.hex(), "closes_at": row.closes_at.isoformat()}
    _post(session, context, row, application, MessageKind.DRAW_APPLIED, facts, again)


def tell_without_place(
    session: Session, context: Context, row: Draw, application: Application, of_all: int
) -> None:
    """Tell an applicant that the draw gave them no place, and where in its order of so many they stand."""
    facts = {"place": application.place, "applications": of_all}
    _post(session, context, row, application, MessageKind.DRAW_RESULT, facts)


def forget_told(
    session: Session, context: Context, application: Application, *, also_sent: bool = True
) -> None:
    """Have nothing sent that was told of an application so far, and erase whom it was told to."""
    if application.account_id is None:
        return
    about = outbox_rows.of_subject(
        session,
        reservation_id=None,
        account_id=application.account_id,
        statuses=tuple(MessageStatus) if also_sent else (MessageStatus.QUEUED,),
        kinds=(MessageKind.DRAW_APPLIED,),
    )
    for message in about:
        if not message.key.startswith(f"draw:{application.id}:"):
            continue
        if message.status == MessageStatus.QUEUED:
            message.status, message.settled_at = MessageStatus.DROPPED, context.now
        outbox_rows.erase(session, message)


def _post(
    session: Session,
    context: Context,
    row: Draw,
    application: Application,
    kind: MessageKind,
    facts: dict[str, Any],
    again: str = "",
) -> None:
    """Write a message to the applicant; its facts name the draw, the service's id and the entry number."""
    box = personal_keys.box(session, context.keys, application.personal_key_id)
    person = personal_keys.open_json(box, application.sealed_details, b"details") or {}
    told = {"draw": row.public_id, "service": row.service_id, "line": shown_line(application.public_id)}
    for channel, to in letters.ways_to(person).items():
        messages.post(
            session,
            context,
            NewMessage(
                kind=kind,
                channel=channel,
                language=application.language,
                to=to,
                key=":".join(filter(None, ("draw", str(application.id), kind, channel, again))),
                account_id=application.account_id,
                personal_key_id=application.personal_key_id,
                facts=told | facts,
            ),
        )


def _applicant(
    session: Session, context: Context, service: ServiceView, application: Application
) -> _Applicant | None:
    """Open who applied; None when the account is gone or the data was erased."""
    account_id = application.account_id
    if account_id is None or applications.account_contact(session, account_id) is None:
        return None
    box = personal_keys.box(session, context.keys, application.personal_key_id)
    person = personal_keys.open_json(box, application.sealed_details, b"details")
    if box is None or person is None:
        return None
    rules = service.policy.booking
    # Who was not told from others when they applied is not now either.
    is_known = rules.one_per_person and bool(application.person_hash or application.document_hash)
    identity = one_per_person.identity_in(person) if is_known else Identity()
    marks = one_per_person.marks_of(context.keys, rules, identity, person.get("email"), person.get("phone"))
    return _Applicant(box, person, marks)
