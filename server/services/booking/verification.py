"""The verification before a visit, the visitor's half: questions by a link, answers sealed (rule 12)."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from server.domain.booking import answers as rules
from server.domain.booking.policy import Question
from server.domain.office.hours import day_of
from server.domain.queue.check_in import lapses_at
from server.services.booking.letters import Letter, drop, tell
from server.services.context import Context, not_found
from server.services.office.settings import BranchView, ServiceView
from server.store.facts import NewFact, note
from server.store.queries.booking import drafts
from server.store.queries.booking import verifications as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation, Verification
from wire.vocabulary import FactType, MessageKind, ReservationStatus

_TOKEN_BYTES = 24


class State(StrEnum):
    """Where a verification is."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    DECIDED = "decided"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What is asked about a visit; the answers are those of the office now, not of its owner."""

    reservation_id: int
    state: State
    service: ServiceView
    branch: BranchView
    appointment_at: datetime
    answer_until: datetime
    language: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers are kept; a clerk decides next."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Answers that cannot be kept: a reason by the key of the question (domain.answers)."""

    problems: Mapping[str, str]


def ask(session: Session, context: Context, row: Reservation) -> None:
    """Ask what the service wants to know before a visit stands, and remind once; without questions ask nothing.

    A visitor who does not answer until `answer_until` ⚙ loses the place; one who was only to be phoned keeps it.
    """
    booking_rules = context.office.services[row.service_id].policy.booking
    if not booking_rules.questions:
        return
    until = min(context.now + timedelta(hours=booking_rules.answer_hours), row.lapses_at)
    reminder_at = context.now + timedelta(hours=booking_rules.answer_reminder_hours)
    remind_at = reminder_at if reminder_at < until else None
    rows.add(
        session,
        reservation_id=row.id,
        token_hash=_hash(_tokens_of(context, row.id)[0]),
        asked_at=context.now,
        answer_until=until,
        remind_at=remind_at,
    )
    row.lapses_at = until
    session.flush()
    send_questions(session, context, row)
    data = {"reservation": row.id, "until": until.isoformat()}
    note(session, NewFact(FactType.QUESTIONS_ASKED, context.now, row.branch_id, data))


def ask_again(session: Session, context: Context, row: Reservation, by: int) -> None:
    """Ask a visitor once more, for a colleague: a new time to answer begins, earlier answers stay until then."""
    asked = rows.of(session, row.id)
    row.lapses_at = lapses_at(row.appointment_at, context.check_in(row.service_id))
    if asked is None:
        ask(session, context, row)
        return
    booking_rules = context.office.services[row.service_id].policy.booking
    until = min(context.now + timedelta(hours=booking_rules.answer_hours), row.lapses_at)
    remind_at = context.now + timedelta(hours=booking_rules.answer_reminder_hours)
    asked.asked_at, asked.answer_until, asked.answered_at = context.now, until, None
    asked.remind_at = remind_at if remind_at < until else None
    row.lapses_at = until
    session.flush()
    drop(session, context, row.id)
    send_questions(session, context, row, f"again{context.now:%d%H%M%S}")
    data = {"reservation": row.id, "until": until.isoformat(), "user": by}
    note(session, NewFact(FactType.QUESTIONS_ASKED, context.now, row.branch_id, data))


def send_questions(session: Session, context: Context, row: Reservation, again: str = "") -> None:
    """Write the questions that wait for their answers, and the reminder that is still to come; else nothing.

    `again` tells them from those that were sent before.
    """
    asked = rows.of(session, row.id)
    if asked is None or asked.answered_at is not None:
        return
    values = {"url": f"{context.public_url}/{row.language}{path_of(context, row.id, asked.token_hash)}"}
    until = asked.answer_until
    facts = {"until": until.isoformat()}
    questions = Letter(MessageKind.QUESTIONS, again=again, values=values, facts=facts, until=until)
    tell(session, context, row, questions)
    if asked.remind_at is not None and asked.remind_at > context.now:
        kind, at = MessageKind.QUESTIONS_REMINDER, asked.remind_at
        reminder = Letter(kind, again=again, values=values, facts=facts, due_at=at, until=until)
        tell(session, context, row, reminder)


def path_of(context: Context, reservation_id: int, kept: bytes | None = None) -> str:
    """Return where the questions of a reservation are, behind the language: its letter and page say it.

    `kept` is the hash of the link's secret, which may be of a key that was in use before.
    """
    tokens = _tokens_of(context, reservation_id)
    return f"/questions/{next((each for each in tokens if _hash(each) == kept), tokens[0])}"


def load_form(session: Session, context: Context, token: str) -> QuestionForm:
    """Read the questions behind a link, and where they are. Raises RuleBroken 404 for any other text."""
    found, row = _find(session, token)
    service = context.office.services[row.service_id]
    return QuestionForm(
        row.id,
        _state(context, found, row),
        service,
        context.branch(row.branch_id),
        row.appointment_at,
        found.answer_until,
        row.language,
        service.policy.booking.questions,
    )


def answer(
    session: Session, context: Context, token: str, said: Mapping[str, object]
) -> Answered | Wrong | State:
    """Keep the answers, sealed. They can be sent once: later the state is told instead, and nothing changes.

    Raises RuleBroken 404 for a link that is none.
    """
    found, row = _find(session, token, locked=True)
    state = _state(context, found, row)
    if state is not State.UNANSWERED:
        return state
    service = context.office.services[row.service_id]
    kept, problems = rules.check(service.policy.booking.questions, said, _today(context, row))
    if problems:
        return Wrong(problems)
    box = personal_keys.box(session, context.keys, row.personal_key_id)
    if box is None:
        raise not_found("questions")
    found.sealed_answers = personal_keys.seal_json(box, kept, b"answers")
    found.answered_at = context.now
    # From here on the office is asked: the place is kept to the hour.
    row.lapses_at = lapses_at(row.appointment_at, context.check_in(row.service_id))
    session.flush()
    drop(session, context, row.id)
    data = {"reservation": row.id}
    note(session, NewFact(FactType.QUESTIONS_ANSWERED, context.now, row.branch_id, data))
    return Answered()


def _find(session: Session, token: str, *, locked: bool = False) -> tuple[Verification, Reservation]:
    found = rows.by_token(session, _hash(token))
    # The reservation first, as everywhere: two locks in two orders would wait for each other.
    row = None if found is None else drafts.reservation(session, found.reservation_id, locked=locked)
    if found is None or row is None:
        raise not_found("questions")
    if locked:
        session.refresh(found)
    return found, row


def _today(context: Context, row: Reservation) -> date:
    return day_of(context.now, context.branch(row.branch_id).policy.zone)


def _state(context: Context, found: Verification, row: Reservation) -> State:
    if found.decided_at is not None or row.status not in (
        ReservationStatus.PENDING,
        ReservationStatus.LAPSED,
    ):
        return State.DECIDED
    if found.answered_at is not None:
        return State.ANSWERED if row.status == ReservationStatus.PENDING else State.DECIDED
    is_over = row.status == ReservationStatus.LAPSED or context.now > found.answer_until
    return State.EXPIRED if is_over else State.UNANSWERED


def _tokens_of(context: Context, reservation_id: int) -> list[str]:
    """Return the secret of a link (192 bits) by each key: only the key file makes it again."""
    made = context.keys.lookups("questions", str(reservation_id))
    return [urlsafe_b64encode(each[:_TOKEN_BYTES]).decode() for each in made]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
