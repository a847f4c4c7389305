"""The verification before a visit, the office's half: what waits for a decision, and the decision (rule 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from server.domain.booking.answers import choices
from server.domain.booking.policy import Question
from server.domain.queue.check_in import lapses_at
from server.services.booking import ending, letters
from server.services.booking.activation import stand
from server.services.booking.letters import Letter
from server.services.booking.unsealed import person_of
from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView, ServiceView
from server.store.facts import NewFact, note
from server.store.queries.booking import drafts
from server.store.queries.booking import verifications as rows
from server.store.queries.privacy import personal_keys
from server.store.tables import Reservation
from wire.vocabulary import FactType, MessageKind, ReservationAction

_MOST = 500


@dataclass(frozen=True, slots=True)
class Pending:
    """A reservation that waits for the office; without questions nothing was asked, and somebody phones."""

    reservation_id: int
    branch: BranchView
    service: ServiceView
    appointment_at: datetime
    asked_at: datetime | None
    answer_until: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a clerk reads before deciding: the applicant, and each question with its answer (None: none)."""

    reservation_id: int
    person: Mapping[str, object]
    answers: tuple[tuple[Question, str | None], ...]


def pending(session: Session, context: Context, branch_id: int | None = None) -> list[Pending]:
    """List the reservations that wait for a decision, the nearest visit first; of one branch or of all."""
    return [
        Pending(
            row.id,
            context.branch(row.branch_id),
            context.office.services[row.service_id],
            row.appointment_at,
            asked.asked_at if asked else None,
            asked.answer_until if asked else None,
            asked.answered_at if asked else None,
        )
        for row, asked in rows.pending(session, branch_id, context.now, _MOST)
    ]


def answers_of(session: Session, context: Context, reservation_id: int) -> Answers:
    """Open what was answered, for the clerk who decides. Raises RuleBroken 404."""
    row = _row(session, reservation_id)
    asked = rows.of(session, reservation_id)
    box = personal_keys.opener(session, context.keys, row.personal_key_id)
    said = personal_keys.open_json(box, asked.sealed_answers, b"answers") if asked else None
    questions = context.office.services[row.service_id].policy.booking.questions if asked else ()
    told = tuple((question, (said or {}).get(question.key)) for question in questions)
    return Answers(row.id, person_of(session, context, row), told)


def in_words(question: Question, answer: str | None) -> str | None:
    """Return an answer as people say it: of a choice its Polish words."""
    if answer is None or question.kind != "choice":
        return answer
    words = dict(zip(choices(question), question.choices, strict=True))
    return words.get(answer, {}).get("pl") or answer


def accept(session: Session, context: Context, reservation_id: int, by: int | None = None) -> None:
    """Let a pending reservation stand: its owner gets the codes and the confirmation.

    Raises RuleBroken 404, or 409 `not_allowed`, `too_late` (nobody could check in for its hour any more).
    """
    row = _row(session, reservation_id, locked=True)
    becomes = ending.step(row, ReservationAction.ACCEPT)
    until = lapses_at(row.appointment_at, context.check_in(row.service_id))
    if until < context.now:
        raise RuleBroken(409, "too_late", appointment_at=row.appointment_at)
    row.status, row.lapses_at = becomes, until
    session.flush()
    _decided(session, context, row)
    stand(session, context, row)
    data = ending.on_record(row, by=by)
    note(session, NewFact(FactType.RESERVATION_ACCEPTED, context.now, row.branch_id, data))


def reject(
    session: Session, context: Context, reservation_id: int, reason: str, by: int | None = None
) -> None:
    """Reject a pending reservation for a reason (a word of the office's): its owner is told, its place returns.

    Raises RuleBroken 404, or 409 `not_allowed`.
    """
    row = _row(session, reservation_id, locked=True)
    ending.end(session, context, row, ReservationAction.REJECT, reason)
    _decided(session, context, row)
    letters.tell(session, context, row, Letter(MessageKind.REJECTION, facts={"reason": reason}))
    data = ending.on_record(row, reason, by)
    note(session, NewFact(FactType.RESERVATION_REJECTED, context.now, row.branch_id, data))


def _row(session: Session, reservation_id: int, *, locked: bool = False) -> Reservation:
    row = drafts.reservation(session, reservation_id, locked=locked)
    if row is None:
        raise not_found("reservation")
    return row


def _decided(session: Session, context: Context, row: Reservation) -> None:
    """Note the decision; questions that still wait for their reader are sent no more."""
    asked = rows.of(session, row.id)
    if asked is not None:
        asked.decided_at = context.now
        session.flush()
    letters.drop(session, context, row.id)
