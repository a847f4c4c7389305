"""One reservation as the desk reads it: who comes, what was answered, what happened to it, its ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.services.booking import verification_decisions
from server.services.booking.desk.own_branch import looked_at, row_at
from server.services.booking.visits import status_of
from server.services.context import Context
from server.services.guard import evidence
from server.services.office.settings import ServiceView
from server.store.queries.booking import desk as rows
from server.store.queries.booking import verifications
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationStatus, TicketStatus

_MOST = 200


@dataclass(frozen=True, slots=True)
class Happened:
    """A fact about a reservation; `by` is the colleague's name where a colleague did it."""

    at: datetime
    type: FactType
    reason: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class TicketTold:
    """The ticket of a visitor who came."""

    number: str
    status: TicketStatus
    issued_at: datetime
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A reservation. `person` and `answers` are empty when they were erased; `is_foreign`: a program booked it.

    `answer_until` is when the questions are answered at the latest, `decide_until` the office's own deadline.
    """

    reservation_id: int
    status: ReservationStatus
    service: ServiceView
    appointment_at: datetime
    booked_at: datetime
    lapses_at: datetime
    language: str
    reason: str | None
    is_foreign: bool
    is_erased: bool
    person: Mapping[str, Any]
    answers: tuple[tuple[Mapping[str, str], str | None], ...]
    asked_at: datetime | None
    answered_at: datetime | None
    history: tuple[Happened, ...]
    ticket: TicketTold | None
    evidence: Mapping[str, Any] | None


def show(session: Session, context: Context, branch_id: int, reservation_id: int, by: int) -> Card:
    """Open a reservation for a colleague of its branch, and note that they saw it.

    Raises RuleBroken 404 for another branch's.
    """
    row = row_at(session, branch_id, reservation_id)
    told = verification_decisions.answers_of(session, context, row.id)
    asked = verifications.of(session, row.id)
    looked_at(session, context, branch_id, by, [row.id] if told.person else [], "card")
    return Card(
        row.id,
        status_of(context, row),
        context.office.services[row.service_id],
        row.appointment_at,
        row.booked_at,
        row.lapses_at,
        row.language,
        row.reason,
        row.integrator_id is not None,
        row.erased_at is not None,
        told.person,
        tuple(
            (question.label, verification_decisions.in_words(question, said))
            for question, said in told.answers
        ),
        asked.asked_at if asked else None,
        asked.answered_at if asked else None,
        _history(session, row),
        _ticket(session, row),
        evidence.of(session, context, row.id),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """When a colleague saw a reservation, and by what way they came to it."""

    at: datetime
    by: str | None
    way: str


def looks(session: Session, branch_id: int, reservation_id: int) -> tuple[Look, ...]:
    """List who looked at a reservation of a branch, the latest first. Raises RuleBroken 404 for another's."""
    row = row_at(session, branch_id, reservation_id)
    facts = rows.looks_at(session, branch_id, row.id, row.booked_at, _MOST)
    names = rows.names_of(session, [fact.data["user"] for fact in facts])
    return tuple(Look(fact.at, names.get(fact.data["user"]), fact.data["way"]) for fact in facts)


def _history(session: Session, row: Reservation) -> tuple[Happened, ...]:
    facts = rows.facts_of(session, row.branch_id, row.id, row.booked_at, _MOST)
    names = rows.names_of(session, [fact.data["user"] for fact in facts if "user" in fact.data])
    return tuple(
        Happened(fact.at, FactType(fact.type), fact.data.get("reason"), names.get(fact.data.get("user", 0)))
        for fact in facts
    )


def _ticket(session: Session, row: Reservation) -> TicketTold | None:
    found = rows.ticket_of(session, row.id)
    if found is None:
        return None
    return TicketTold(found.number, TicketStatus(found.status), found.issued_at, found.outcome)
