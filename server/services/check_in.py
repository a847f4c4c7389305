"""A visitor shows a code at a kiosk and gets a ticket, the same ticket again, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.domain import check_in as rules
from server.domain import reservations, wrong_codes
from server.domain.tickets import TicketId
from server.services.issue import Newcomer, issue
from server.services.moment import Moment
from server.services.shown import ticket as shown
from server.store.facts import NewFact, note
from server.store.queries import people, tickets
from server.store.queries import reservations as rows
from server.store.queries.people import DeviceRow
from wire.codes import BookingCode, BookingToken
from wire.vocabulary import FactType, Refusal, ReservationAction, ReservationStatus

_NONE = wrong_codes.WrongCodes()


@dataclass(frozen=True, slots=True)
class Admitted:
    """The visitor's ticket; `repeat` when it was issued before (rule 17)."""

    ticket: shown.TicketView
    repeat: bool = False


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
    session: Session, moment: Moment, device: DeviceRow, showing: Showing
) -> Admitted | Refused | Paused:
    """Turn a reservation into a ticket, once, by the rules of domain.check_in (rules 14 to 19)."""
    typed = isinstance(showing.code, BookingCode)
    tries = wrong_codes.WrongCodes(*people.wrong_tries(session, device.id)) if typed else _NONE
    if until := wrong_codes.paused_until(tries, moment.now):
        return Paused(until)
    found = rows.by_code(session, lookup(moment, showing.code), scanned=not typed)
    if found is None:
        if typed:
            _count_wrong_try(session, moment, device, tries)
        return _refuse(session, moment, device, Refusal.UNKNOWN_CODE, {})
    if tries != _NONE:
        people.set_wrong_tries(session, device.id, 0, None)
    decision = _decide(moment, device, found, showing.service)
    if isinstance(decision, rules.Refuse):
        return _refuse(session, moment, device, decision.reason, _told(moment, found, decision), found.id)
    if isinstance(decision, rules.Repeat):
        return _again(session, moment, device, decision.ticket_id)
    return Admitted(_admit(session, moment, device, found, showing.language))


def lookup(moment: Moment, code: BookingCode | BookingToken) -> bytes:
    """Return the keyed hash under which a code or token is found."""
    if isinstance(code, BookingCode):
        return moment.keys.lookup("code", code.digits)
    return moment.keys.lookup("token", code.text)


def _decide(
    moment: Moment, device: DeviceRow, found: rows.ReservationRow, service: str | None
) -> rules.Admit | rules.Repeat | rules.Refuse:
    branch = moment.branch(found.branch_id)
    policy = branch.policy.check_in(moment.now)
    facts = rules.ReservationFacts(
        branch=branch.code,
        service=moment.office.services[found.service_id].letter,
        status=ReservationStatus(found.status),
        appointment_at=found.appointment_at,
        ticket_id=None if found.ticket_id is None else TicketId(found.ticket_id),
        reinstated=found.reinstated_at is not None,
    )
    return rules.decide(facts, rules.Arrival(device.branch, moment.now, service), policy)


def _told(moment: Moment, found: rows.ReservationRow, refusal: rules.Refuse) -> Mapping[str, Any]:
    """Return the facts of a refusal; for another branch's reservation with the branch's name, for people."""
    if refusal.reason is not Refusal.OTHER_BRANCH:
        return refusal.facts
    return {**refusal.facts, "branch_name": moment.branch(found.branch_id).name}


def _admit(
    session: Session, moment: Moment, device: DeviceRow, found: rows.ReservationRow, language: str | None
) -> shown.TicketView:
    becomes = reservations.next_status(ReservationStatus(found.status), ReservationAction.CHECK_IN)
    if not rows.move(session, found.id, found.status, becomes):
        raise RuntimeError("a reservation changed under its lock")
    ticket = issue(
        session,
        moment,
        device,
        Newcomer(found.service_id, language or found.language, found.id, found.appointment_at),
    )
    data = {"reservation": found.id, "ticket": ticket.id, "device": device.id}
    note(session, NewFact(FactType.RESERVATION_CHECKED_IN, moment.now, device.branch_id, data))
    return ticket


def _again(session: Session, moment: Moment, device: DeviceRow, ticket_id: int) -> Admitted:
    row = tickets.ticket(session, ticket_id)
    if row is None:
        raise RuntimeError("a checked-in reservation points at no ticket")
    data = {"ticket": ticket_id, "device": device.id, "hall": device.hall}
    note(session, NewFact(FactType.CHECK_IN_REPEATED, moment.now, device.branch_id, data))
    return Admitted(shown.view(session, moment, row), repeat=True)


def _refuse(
    session: Session,
    moment: Moment,
    device: DeviceRow,
    reason: Refusal,
    facts: Mapping[str, Any],
    reservation_id: int | None = None,
) -> Refused:
    data = {"reason": str(reason), "device": device.id, "hall": device.hall}
    if reservation_id is not None:
        data["reservation"] = reservation_id
    note(session, NewFact(FactType.CHECK_IN_REFUSED, moment.now, device.branch_id, data))
    return Refused(reason, facts)


def _count_wrong_try(
    session: Session, moment: Moment, device: DeviceRow, tries: wrong_codes.WrongCodes
) -> None:
    policy = moment.branch(device.branch_id).policy.wrong_codes
    after = wrong_codes.after_wrong(tries, moment.now, policy)
    people.set_wrong_tries(session, device.id, after.count, after.pauses_until)
    if after.pauses_until is not None:
        data = {"device": device.id, "hall": device.hall, "tries": after.count}
        note(session, NewFact(FactType.CHECK_IN_PAUSED, moment.now, device.branch_id, data))
