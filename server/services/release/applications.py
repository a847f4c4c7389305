"""People apply to a draw, once each, may change or take it back while its window is open (rule 10)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from server.domain.booking.details import Details
from server.domain.release import draw as rules
from server.services.booking import one_per_person
from server.services.context import Context, RuleBroken, not_found
from server.services.release.outcomes import forget_told, tell_applied
from server.services.release.shuffles import new_line
from server.store.facts import NewFact, note
from server.store.keyring import Box
from server.store.queries.booking import drafts
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
    """The entry number by which the applicant finds themselves in the list."""

    line: str


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Why somebody does not take part, or why an application stays as it was.

    `window_closed`, `already_applied`, `incomplete`, or a visit of theirs that stands: `already_booked`,
    `email_used`, `phone_used`.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application as its owner sees it; `place` is that in the order, `reservation_id` the visit, if any."""

    draw: str
    service_id: int
    line: str
    preferences: tuple[str, ...]
    first_day: date
    last_day: date
    closes_at: datetime
    is_open: bool
    place: int | None
    reservation_id: int | None
    visit_at: datetime | None


def apply(session: Session, context: Context, draw_id: str, wish: Wish) -> Applied | NotApplied:
    """Take part in a draw, once a person, with an account whose address is confirmed.

    Raises RuleBroken 404, 403 `not_confirmed`, 422 `bad_preferences`, and 409 `already_applied` where two
    applications of a person came at the same moment.
    """
    row = _locked(session, draw_id)
    if not _is_open(row, context):
        return NotApplied("window_closed")
    marks = _marks(session, context, row, wish, None)
    if isinstance(marks, NotApplied):
        return marks
    key_id, box = personal_keys.new_key(session, context.keys, context.now)
    application = Application(
        draw_id=row.id,
        public_id=new_line(),
        account_id=wish.account_id,
        personal_key_id=key_id,
        applied_at=context.now,
    )
    _put(session, application, box, wish, marks)
    tell_applied(session, context, row, application)
    _note(session, context, row, FactType.APPLICATION_MADE, application)
    return Applied(application.public_id)


def change(session: Session, context: Context, draw_id: str, wish: Wish) -> Applied | NotApplied:
    """Change one's application while the window is open; the entry number stays, and a new message tells of it.

    What says the same as before changes nothing. Raises RuleBroken as `apply`, 404 without an application.
    """
    row = _locked(session, draw_id)
    if not _is_open(row, context):
        return NotApplied("window_closed")
    application = applications.application_of(session, row.id, wish.account_id)
    if application is None:
        raise not_found("application")
    box = personal_keys.box(session, context.keys, application.personal_key_id)
    if box is None:
        raise RuntimeError("an application without its key")
    told = personal_keys.open_json(box, application.sealed_details, b"details")
    if (told, application.preferences) == (wish.details.as_json(), list(wish.preferences)):
        return Applied(application.public_id)
    marks = _marks(session, context, row, wish, application.id)
    if isinstance(marks, NotApplied):
        return marks
    forget_told(session, context, application, also_sent=False)
    _put(session, application, box, wish, marks)
    tell_applied(session, context, row, application, again=secrets.token_hex(4))
    _note(session, context, row, FactType.APPLICATION_CHANGED, application)
    return Applied(application.public_id)


def withdraw(session: Session, context: Context, draw_id: str, account_id: int) -> bool:
    """Take one's application back while the window is open; False when there is none or it is closed.

    What was personal of it goes at once, with drafts to change it; the entry number never was on a list that
    anybody has seen.
    """
    row = _locked(session, draw_id)
    application = applications.application_of(session, row.id, account_id)
    if application is None or not _is_open(row, context):
        return False
    key_id = application.personal_key_id
    forget_told(session, context, application)
    drafts.forget_drafts(session, drafts.drafts_of_account(session, account_id, row.service_id))
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
            row.first_day,
            row.last_day,
            row.closes_at,
            _is_open(row, context),
            application.place,
            application.reservation_id,
            visit_at,
        )
        for application, row, visit_at in applications.applications_of(session, account_id)
    )


def mine_in(
    session: Session, context: Context, account_id: int | None, draw_id: str
) -> OwnApplication | None:
    """Find an account's application in a draw."""
    if account_id is None:
        return None
    return next((each for each in mine(session, context, account_id) if each.draw == draw_id), None)


def _marks(
    session: Session, context: Context, row: Draw, wish: Wish, changed: int | None
) -> Marks | NotApplied:
    """Say under which keys the applicant is found again, or why they cannot take part so.

    `changed` is the row of the application that is being changed.
    """
    if applications.account_contact(session, wish.account_id) is None:
        raise RuleBroken(403, "not_confirmed")
    if not rules.are_wishes(wish.preferences, row.first_day, row.last_day):
        raise RuleBroken(422, "bad_preferences")
    service, told = context.office.services[row.service_id], wish.details
    booking = service.policy.booking
    marks = one_per_person.marks_of(context.keys, booking, told.identity, told.email, told.phone)
    if applications.takes_part(session, row.id, wish.account_id, marks, changed):
        return NotApplied("already_applied")
    in_the_way = marks if booking.one_per_person else marks.of_contact
    if (reason := one_per_person.clash(session, service.id, in_the_way)) is not None:
        return NotApplied(reason)
    return marks


def _put(session: Session, application: Application, box: Box, wish: Wish, marks: Marks) -> None:
    application.person_hash, application.document_hash = marks.person, marks.document
    application.sealed_details = personal_keys.seal_json(box, wish.details.as_json(), b"details")
    application.preferences = list(dict.fromkeys(wish.preferences))
    application.language = wish.details.language
    try:
        applications.put(session, application)
    except applications.AppliedTwice:
        raise RuleBroken(409, "already_applied") from None


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
