"""The verification desk: what waits for the office, the phone log, asking again, and what was missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from server.domain.booking.phone_calls import CallResult
from server.services.booking import letters, verification, verification_decisions
from server.services.booking.desk.own_branch import looked_at, row_at
from server.services.booking.unsealed import person_of
from server.services.booking.verification_decisions import Pending
from server.services.context import Context, RuleBroken
from server.services.office.settings import BranchView, ServiceView
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.booking import desk as rows
from server.store.queries.booking import phone_calls, verifications
from server.store.tables import Reservation
from wire.vocabulary import FactType, ReservationStatus


class Turn(StrEnum):
    """Whose turn it is: the visitor's (`asked`), or the office's, to decide (`answered`) or `phone`."""

    ANSWERED = "answered"
    PHONE = "phone"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class CallTold:
    """A phone call about a reservation."""

    called_at: datetime
    result: CallResult
    call_back_at: datetime | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reservation to be verified; `until` is when it lapses unless somebody answers or decides."""

    reservation_id: int
    service: ServiceView
    appointment_at: datetime
    name: str | None
    turn: Turn
    until: datetime
    last_call: CallTold | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a service: how many visits ended, how many of them without documents, and without which."""

    service: ServiceView
    finished: int
    without: int
    missing: Mapping[str, int]


def waiting(session: Session, context: Context, branch: BranchView, by: int) -> list[Waiting]:
    """List what is to be verified at a branch, the nearest visit first; whom a colleague saw is on record."""
    pending = {
        each.reservation_id: each for each in verification_decisions.pending(session, context, branch.id)
    }
    found = rows.by_ids(session, branch.id, list(pending))
    calls = last_calls(session, list(pending))
    told = [_told(session, context, row, pending[row.id], calls.get(row.id)) for row, _, _ in found]
    looked_at(
        session, context, branch.id, by, [each.reservation_id for each in told if each.name], "verification"
    )
    return sorted(told, key=lambda each: (each.appointment_at, each.reservation_id))


def count(session: Session, context: Context, branch_id: int) -> int:
    """Count the reservations that wait for the office: those answered, or of which nothing was asked."""
    return verifications.count_for_office(session, [branch_id], context.now).get(branch_id, 0)


def phoned(
    session: Session,
    context: Context,
    branch_id: int,
    reservation_id: int,
    call: tuple[CallResult, datetime | None],
    by: int,
) -> None:
    """Note that a colleague phoned, with what result and when to call back. Raises RuleBroken 404."""
    row = row_at(session, branch_id, reservation_id)
    result, call_back_at = call
    phone_calls.add(
        session,
        reservation_id=row.id,
        user_id=by,
        called_at=context.now,
        result=result,
        call_back_at=call_back_at,
    )
    data = {"reservation": row.id, "user": by, "reason": str(result)}
    note(session, NewFact(FactType.VISITOR_PHONED, context.now, branch_id, data))


def calls_of(session: Session, reservation_id: int) -> list[CallTold]:
    """List the phone calls about a reservation, the last first."""
    return [
        CallTold(row.called_at, CallResult(row.result), row.call_back_at, name)
        for row, name in phone_calls.of(session, [reservation_id])
    ]


def last_calls(session: Session, reservation_ids: list[int]) -> dict[int, CallTold]:
    """Return the last phone call about each of these reservations."""
    found: dict[int, CallTold] = {}
    for row, name in phone_calls.of(session, reservation_ids):
        told = CallTold(row.called_at, CallResult(row.result), row.call_back_at, name)
        found.setdefault(row.reservation_id, told)
    return found


def ask_again(session: Session, context: Context, branch_id: int, reservation_id: int, by: int) -> None:
    """Send the questions once more, with a deadline of their own.

    Raises RuleBroken 404, or 409 `not_allowed`, `no_questions`, `no_contact`.
    """
    row = row_at(session, branch_id, reservation_id, locked=True)
    if row.status != ReservationStatus.PENDING or row.lapses_at < context.now:
        raise RuleBroken(409, "not_allowed", state=row.status)
    if not context.office.services[row.service_id].policy.booking.questions:
        raise RuleBroken(409, "no_questions")
    if not letters.ways_to(person_of(session, context, row)) or row.integrator_id is not None:
        raise RuleBroken(409, "no_contact")
    verification.ask_again(session, context, row, by)


def figures(session: Session, branch: BranchView, first: date, last: date) -> list[Figures]:
    """Count by service which visits of some days ended without documents, and which were missing."""
    asking = [each.code for each in branch.policy.outcomes if each.asks_missing]
    counted = {
        each[0]: each[1:] for each in tickets.finished_without(session, branch.id, first, last, asking)
    }
    missing: dict[int, Counter[str]] = {service_id: Counter() for service_id in counted}
    for service_id, words in tickets.missing_words(session, branch.id, first, last, asking):
        missing[service_id].update(words)
    services = sorted(branch.services.values(), key=lambda service: service.letter)
    return [
        Figures(each, *counted[each.id], dict(missing[each.id].most_common()))
        for each in services
        if each.id in counted
    ]


def _told(
    session: Session, context: Context, row: Reservation, pending: Pending, call: CallTold | None
) -> Waiting:
    if pending.answered_at is not None:
        turn = Turn.ANSWERED
    else:
        turn = Turn.PHONE if pending.asked_at is None else Turn.ASKED
    name = person_of(session, context, row).get("name")
    return Waiting(row.id, pending.service, row.appointment_at, name, turn, row.lapses_at, call)
