"""People apply to a draw, once each, may withdraw while its window is open, and find their line (rule 10)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.booking.details import Details
from server.domain.release import draw as rules
from server.services.booking import one_per_person
from server.services.context import Context, RuleBroken, not_found
from server.services.release.outcomes import forget_told, tell_applied
from server.store.facts import NewFact, note
from server.store.queries.booking.reservations import Marks
from server.store.queries.privacy import personal_keys
from server.store.queries.release import applications, draws
from server.store.tables import Application, Draw
from wire.vocabulary import FactType


@dataclass(frozen=True, slots=True)
class Wish:
    """Who applies and what suits them: the details are those of a booking, and were checked."""

    account_id: int
    preferences: Sequence[str]
    details: Details = field(repr=False)


@dataclass(frozen=True, slots=True)
class Applied:
    """The line by which the applicant finds themselves in the list."""

    line: str


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Why somebody does not take part.

    `window_closed`, `already_applied`, or a visit of theirs that stands: `already_booked`, `email_used`,
    `phone_used`.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application as its owner sees it; `place` is that in the order, `reservation_id` the visit, if any."""

    draw: str
    service_id: int
    line: str
    preferences: tuple[str, ...]
    closes_at: datetime
    can_withdraw: bool
    place: int | None
    reservation_id: int | None


def apply(session: Session, context: Context, draw_id: str, wish: Wish) -> Applied | NotApplied:
    """Take part in a draw, once a person, with an account whose address is confirmed.

    Raises RuleBroken 404, 403 `not_confirmed`, 422 `bad_preferences`, and 409 `already_applied` where two
    applications of a person came at the same moment.
    """
    row = _locked(session, draw_id)
    if not _is_open(row, context):
        return NotApplied("window_closed")
    if applications.account_contact(session, wish.account_id) is None:
        raise RuleBroken(403, "not_confirmed")
    try:
        preferences = rules.read_preferences(wish.preferences, row.first_day, row.last_day)
    except rules.UnknownPreference:
        raise RuleBroken(422, "bad_preferences") from None
    service = context.office.services[row.service_id]
    told = wish.details
    marks = one_per_person.marks_of(
        context.keys, service.policy.booking, told.identity, told.email, told.phone
    )
    if applications.takes_part(session, row.id, wish.account_id, marks):
        return NotApplied("already_applied")
    in_the_way = (
        marks if service.policy.booking.one_per_person else Marks(email=marks.email, phone=marks.phone)
    )
    if (reason := one_per_person.clash(session, service.id, in_the_way)) is not None:
        return NotApplied(reason)
    application = _write(session, context, row, replace(wish, preferences=preferences), marks)
    tell_applied(session, context, row, application)
    _note(session, context, row, FactType.APPLICATION_MADE, application)
    return Applied(application.public_id)


def withdraw(session: Session, context: Context, draw_id: str, account_id: int) -> bool:
    """Take one's application back while the window is open; False when there is none or it is closed.

    What was personal of it goes at once; the line never was on a list that anybody has seen.
    """
    row = _locked(session, draw_id)
    application = applications.application_of(session, row.id, account_id)
    if application is None or not _is_open(row, context):
        return False
    key_id = application.personal_key_id
    forget_told(session, context, application)
    application.withdrawn_at = context.now
    session.flush()
    if key_id is not None:
        applications.forget_people(session, [key_id])
        personal_keys.shred(session, [key_id])
    _note(session, context, row, FactType.APPLICATION_WITHDRAWN, application)
    return True


def mine(session: Session, context: Context, account_id: int) -> tuple[OwnApplication, ...]:
    """List an account's applications, newest first."""
    return tuple(
        OwnApplication(
            row.public_id,
            row.service_id,
            application.public_id,
            tuple(application.preferences),
            row.closes_at,
            _is_open(row, context),
            application.place,
            application.reservation_id,
        )
        for application, row in applications.applications_of(session, account_id)
    )


def _write(session: Session, context: Context, row: Draw, wish: Wish, marks: Marks) -> Application:
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    application = Application(
        draw_id=row.id,
        public_id="".join(secrets.choice(rules.LINE_SIGNS) for _ in range(rules.LINE_LENGTH)),
        account_id=wish.account_id,
        personal_key_id=key_id,
        person_hash=marks.person,
        document_hash=marks.document,
        sealed_details=personal_keys.seal_json(box, wish.details.as_json(), b"details"),
        preferences=list(wish.preferences),
        language=wish.details.language,
        applied_at=context.now,
    )
    try:
        applications.add(session, application)
    except applications.AppliedTwice:
        raise RuleBroken(409, "already_applied") from None
    return application


def _locked(session: Session, draw_id: str) -> Draw:
    found = draws.draw_of(session, draw_id)
    if found is None:
        raise not_found("draw")
    # Shared: applicants do not wait for each other, and the list is not closed in between.
    return draws.locked_draw(session, found.id, shared=True)


def _is_open(row: Draw, context: Context) -> bool:
    return row.opens_at <= context.now < row.closes_at and row.list_hash is None


def _note(session: Session, context: Context, row: Draw, kind: FactType, application: Application) -> None:
    service = context.office.services[row.service_id]
    data = {"draw": row.public_id, "service": service.letter, "application": application.id}
    note(session, NewFact(kind, context.now, service.branch_id, data))
