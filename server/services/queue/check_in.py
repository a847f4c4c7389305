"""A visitor shows a code at a kiosk and gets a ticket, the same ticket again, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.domain.booking import reservations
from server.domain.queue import check_in as rules
from server.domain.queue import wrong_codes
from server.domain.queue.tickets import Shown, TicketId, calls_after, next_status, shown_again
from server.services.context import Context
from server.services.queue.clerk import wait_again
from server.services.queue.delays import grace
from server.services.queue.handing_over import hand_over_late
from server.services.queue.issue import NewTicket, check_language, issue
from server.services.queue.views import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import tickets
from server.store.queries.access import principals
from server.store.queries.access.principals import DeviceRow
from server.store.queries.booking import reservations as rows
from server.store.tables import Ticket
from wire.codes import BookingCode, BookingToken
from wire.vocabulary import (
    FactType,
    Refusal,
    ReservationAction,
    ReservationStatus,
    TicketAction,
    TicketStatus,
)

OFFICE_LATE = "office_late"
_NONE = wrong_codes.WrongCodes()


@dataclass(frozen=True, slots=True)
class Admitted:
    """The visitor's ticket; `repeat` when it was issued before (rule 17), `reinstated` when it waits again."""

    ticket: shown.TicketView
    repeat: bool = False
    reinstated: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """No ticket: the reason and what may be told about it."""

    reason: Refusal
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Paused:
    """Typed codes are not looked at on this device until then (quality.md, Safe 5)."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """What a visitor shows: a code or a QR's token, perhaps after pressing a service's button."""

    code: BookingCode | BookingToken
    service: str | None = None
    language: str | None = None


def check_in(
    session: Session, context: Context, device: DeviceRow, showing: Showing
) -> Admitted | Refused | Paused:
    """Turn a reservation into a ticket, once, by the rules of domain.check_in (rules 14 to 19).

    Raises RuleBroken 422 `unknown_language`.
    """
    check_language(context.branch(device.branch_id), showing.language)
    typed = isinstance(showing.code, BookingCode)
    tries = wrong_codes.WrongCodes(*principals.wrong_tries(session, device.id)) if typed else _NONE
    if until := wrong_codes.paused_until(tries, context.now):
        return Paused(until)
    found = rows.by_code(session, lookups(context, showing.code), scanned=not typed)
    if found is None:
        if typed:
            _count_wrong_try(session, context, device, tries)
        return _refuse(session, context, device, Refusal.UNKNOWN_CODE, {})
    if tries != _NONE:
        principals.set_wrong_tries(session, device.id, 0, None)
    decision = decide(session, context, device, found, showing.service)
    if isinstance(decision, rules.Refuse):
        return _refuse(session, context, device, decision.reason, _told(context, found, decision), found.id)
    if isinstance(decision, rules.Repeat):
        return _again(session, context, device, decision.ticket_id, found.id)
    return Admitted(_admit(session, context, device, found, showing.language))


def lookups(context: Context, code: BookingCode | BookingToken) -> tuple[bytes, ...]:
    """Return the keyed hashes, one by each key, under which a code or token is found."""
    if isinstance(code, BookingCode):
        return context.keys.lookups("code", code.digits)
    return context.keys.lookups("token", code.text)


def decide(
    session: Session,
    context: Context,
    device: DeviceRow,
    found: rows.ReservationRow,
    service: str | None = None,
    *,
    is_stopped: bool | None = None,
) -> rules.Admit | rules.Repeat | rules.Refuse:
    """Decide on a reservation as of the context's instant, by domain.check_in.

    `is_stopped`: whether its service was closed at that instant; without it what holds now counts.
    """
    branch = context.branch(found.branch_id)
    policy = context.check_in(found.service_id)
    if is_stopped is None:
        is_stopped = context.office.services[found.service_id].is_closed
    policy = replace(policy, is_stopped=is_stopped)
    is_late = context.now > rules.check_in_until(found.appointment_at, policy)
    if is_late and found.status in (ReservationStatus.BOOKED, ReservationStatus.LAPSED):
        service_view = context.office.services[found.service_id]
        policy = replace(policy, grace=grace(session, context, service_view))
    facts = rules.ReservationFacts(
        branch=branch.code,
        service=context.office.services[found.service_id].letter,
        status=ReservationStatus(found.status),
        appointment_at=found.appointment_at,
        ticket_id=None if found.ticket_id is None else TicketId(found.ticket_id),
        reinstated=found.reinstated_at is not None,
        kept_until=found.lapses_at if found.status == ReservationStatus.BOOKED else None,
        lapsed_by_time=found.status == ReservationStatus.LAPSED and found.reason is None,
    )
    return rules.decide(facts, rules.Arrival(device.branch, context.now, service), policy)


def _told(context: Context, found: rows.ReservationRow, refusal: rules.Refuse) -> Mapping[str, Any]:
    """Return the facts of a refusal; for another branch's reservation with the branch's name, for people."""
    if refusal.reason is not Refusal.OTHER_BRANCH:
        return refusal.facts
    return {**refusal.facts, "branch_name": context.branch(found.branch_id).name}


def _admit(
    session: Session, context: Context, device: DeviceRow, found: rows.ReservationRow, language: str | None
) -> shown.TicketView:
    status = ReservationStatus(found.status)
    if status is ReservationStatus.LAPSED:
        status = reservations.next_status(status, ReservationAction.REINSTATE)
        data = {"reservation": found.id, "device": device.id, "reason": OFFICE_LATE}
        note(session, NewFact(FactType.RESERVATION_REINSTATED, context.now, device.branch_id, data))
    becomes = reservations.next_status(status, ReservationAction.CHECK_IN)
    if not rows.move(session, found.id, found.status, becomes):
        raise RuntimeError("a reservation changed under its lock")
    ticket = issue(
        session,
        context,
        device,
        NewTicket(found.service_id, language or found.language, found.id, found.appointment_at),
    )
    data = {"reservation": found.id, "ticket": ticket.id, "device": device.id}
    note(session, NewFact(FactType.RESERVATION_CHECKED_IN, context.now, device.branch_id, data))
    return ticket


def _again(
    session: Session, context: Context, device: DeviceRow, ticket_id: int, reservation_id: int
) -> Admitted | Refused:
    """Show a ticket again, as far as it is still good for anything; one that nobody saw yet is no copy."""
    row = tickets.ticket(session, ticket_id, locked=True)
    if row is None:
        raise RuntimeError("a checked-in reservation points at no ticket")
    policy = context.branch(device.branch_id).policy
    is_today = row.day == policy.business_day(context.now)
    to_come_back = timedelta(minutes=policy.no_show_grace_minutes) if is_today else timedelta()
    if to_come_back:
        to_come_back += grace(session, context, context.office.services[row.service_id])
    status, came_back = TicketStatus(row.status), row.came_back_at is not None
    what = shown_again(status, row.finished_at, context.now, to_come_back, came_back=came_back)
    if what is Shown.BACK_IN_LINE:
        return _back_in_line(session, context, device, row)
    if what is not Shown.REPEAT:
        facts = {"number": row.number, "called_at": row.called_at, "finished_at": row.finished_at}
        if what is Shown.WITHDRAWN:
            facts["why"] = row.outcome
        told = {name: value for name, value in facts.items() if value is not None} | {"now": context.now}
        return _refuse(session, context, device, Refusal(what), told, reservation_id)
    if hand_over_late(session, context, device, row):
        return Admitted(shown.view(session, context, row))
    data = {"ticket": ticket_id, "device": device.id, "hall": device.hall}
    note(session, NewFact(FactType.CHECK_IN_REPEATED, context.now, device.branch_id, data))
    return Admitted(shown.view(session, context, row), repeat=True)


def _back_in_line(session: Session, context: Context, device: DeviceRow, row: Ticket) -> Admitted:
    """Let a visitor who missed the call wait again, at their old place; once a ticket."""
    policy = context.branch(device.branch_id).policy
    status = TicketStatus(row.status)
    row.status = next_status(status, TicketAction.REINSTATE, row.call_count, policy.no_show_after_calls)
    row.call_count = calls_after(TicketAction.REINSTATE, row.call_count)
    row.came_back_at, row.undo = context.now, None
    wait_again(row)
    data = {"ticket": row.id, "number": row.number, "device": device.id, "hall": device.hall}
    note(session, NewFact(FactType.TICKET_CAME_BACK, context.now, device.branch_id, data))
    is_late = hand_over_late(session, context, device, row)
    return Admitted(shown.view(session, context, row), repeat=not is_late, reinstated=True)


def _refuse(
    session: Session,
    context: Context,
    device: DeviceRow,
    reason: Refusal,
    facts: Mapping[str, Any],
    reservation_id: int | None = None,
) -> Refused:
    data = {"reason": str(reason), "device": device.id, "hall": device.hall}
    if reservation_id is not None:
        data["reservation"] = reservation_id
    note(session, NewFact(FactType.CHECK_IN_REFUSED, context.now, device.branch_id, data))
    return Refused(reason, facts)


def _count_wrong_try(
    session: Session, context: Context, device: DeviceRow, tries: wrong_codes.WrongCodes
) -> None:
    policy = context.branch(device.branch_id).policy.wrong_codes
    after = wrong_codes.after_wrong(tries, context.now, policy)
    principals.set_wrong_tries(session, device.id, after.count, after.pauses_until)
    if after.pauses_until is not None:
        data = {"device": device.id, "hall": device.hall, "tries": after.count}
        note(session, NewFact(FactType.CHECK_IN_PAUSED, context.now, device.branch_id, data))
