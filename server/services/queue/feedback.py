"""What visitors think of their visit: asked once on the phone page, told by service, words sealed and erased."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from server.services.context import Context, RuleBroken, not_found
from server.services.office.settings import BranchView
from server.store.facts import NewFact, note
from server.store.queries import feedback as rows
from server.store.queries import tickets
from server.store.queries.privacy import personal_keys
from server.store.tables import Feedback, Ticket
from wire.vocabulary import FactType, TicketStatus

MARKS = (1, 2, 3, 4, 5)
LONGEST_WORDS = 500
MOST_WORDS = 100
_ASKED_FOR = timedelta(days=1)
_BOUND_TO = b"words"


@dataclass(frozen=True, slots=True)
class Marks:
    """The answers about a service: how many gave each mark."""

    letter: str
    names: Mapping[str, str]
    counts: Mapping[int, int]

    @property
    def count(self) -> int:
        """Return how many answered."""
        return sum(self.counts.values())

    @property
    def mean(self) -> float:
        """Return the mean of their marks."""
        return sum(mark * count for mark, count in self.counts.items()) / self.count

    def share(self, mark: int) -> int:
        """Return how many of a hundred gave a mark, rounded."""
        return round(100 * self.counts.get(mark, 0) / self.count)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, with the mark and the ticket's number."""

    number: str
    letter: str
    mark: int
    words: str
    given_at: datetime


class Stage(StrEnum):
    """Where a ticket is with the question: `closed`: it is not asked (any more)."""

    CLOSED = "feedback_closed"
    ASKED = "asked"
    GIVEN = "feedback_given"


def stage(session: Session, context: Context, token: str) -> Stage:
    """Say whether the visitor of a ticket is asked now, or has answered."""
    ticket_id = context.keys.tracked_ticket(token)
    row = None if ticket_id is None else tickets.ticket(session, ticket_id)
    return Stage.CLOSED if row is None else _stage(session, context, row)


def give(session: Session, context: Context, token: str, mark: int, words: str) -> None:
    """Keep what a visitor thinks of the visit.

    Raises RuleBroken 404; 409 `feedback_closed`, `feedback_given`; 422 `mark_missing`, `words_too_long`.
    """
    ticket_id = context.keys.tracked_ticket(token)
    # Locked: of two answers at the same moment one counts.
    row = None if ticket_id is None else session.get(Ticket, ticket_id, with_for_update=True)
    if row is None:
        raise not_found("ticket")
    if (at := _stage(session, context, row)) is not Stage.ASKED:
        raise RuleBroken(409, str(at))
    if mark not in MARKS:
        raise RuleBroken(422, "mark_missing")
    said = _readable(words)
    if len(said) > LONGEST_WORDS:
        raise RuleBroken(422, "words_too_long")
    answer = Feedback(
        ticket_id=row.id,
        branch_id=row.branch_id,
        service_id=row.service_id,
        day=row.day,
        given_at=context.now,
        mark=mark,
    )
    if said:
        answer.personal_key_id, box = personal_keys.new_key(session, context.keys, context.now)
        answer.sealed_words = personal_keys.seal_json(box, said, _BOUND_TO)
    session.add(answer)
    service = context.office.services[row.service_id]
    data = {"ticket": row.id, "service": service.letter, "mark": mark, "has_words": bool(said)}
    note(session, NewFact(FactType.FEEDBACK_GIVEN, context.now, row.branch_id, data))


def by_service(
    session: Session, context: Context, branch: BranchView, first: date, last: date
) -> tuple[Marks, ...]:
    """Tell the marks of some days by service, in the branch's order; a service without any is left out."""
    found: dict[int, dict[int, int]] = {}
    for service_id, mark, count in rows.counts(session, branch.id, first, last):
        found.setdefault(service_id, {})[mark] = count
    services = context.office.services
    return tuple(
        Marks(services[each].letter, services[each].names, found[each]) for each in services if each in found
    )


def words_of(
    session: Session, context: Context, branch: BranchView, first: date, last: date
) -> tuple[Said, ...]:
    """Open what visitors wrote in some days, the latest first; what was erased is left out."""
    said = []
    for row, number in rows.with_words(session, branch.id, first, last, MOST_WORDS):
        words = opened(session, context, row)
        if words is not None:
            letter = context.office.services[row.service_id].letter
            said.append(Said(number, letter, row.mark, words, row.given_at))
    return tuple(said)


def opened(session: Session, context: Context, row: Feedback) -> str | None:
    """Open the words of an answer; None where there are none (any more)."""
    box = personal_keys.box(session, context.keys, row.personal_key_id)
    words: str | None = personal_keys.open_json(box, row.sealed_words, _BOUND_TO)
    return words


def _stage(session: Session, context: Context, row: Ticket) -> Stage:
    is_on = context.branch(row.branch_id).policy.feedback
    is_fresh = row.finished_at is not None and context.now < row.finished_at + _ASKED_FOR
    if not is_on or row.status != TicketStatus.FINISHED or not is_fresh:
        return Stage.CLOSED
    return Stage.GIVEN if rows.is_given(session, row.id) else Stage.ASKED


def _readable(words: str) -> str:
    """Leave out what cannot be seen or turns the direction of writing; lines stay lines."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    kept = (char for char in plain if char == "\n" or unicodedata.category(char)[0] != "C")
    return "".join(kept).strip()
