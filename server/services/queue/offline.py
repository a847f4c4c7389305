"""What a kiosk gave while it was alone comes into the line, or before staff where it cannot (ADR 0026)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from server.domain.booking import reservations
from server.domain.office import priorities
from server.domain.queue import check_in as check_in_rules
from server.domain.queue import offline as rules
from server.domain.queue import walk_in
from server.services.context import Context
from server.services.office.settings import BranchView, ServiceView
from server.services.queue.check_in import decide
from server.services.queue.handing_over import CAN_BE_CALLED, brought
from server.services.queue.issue import Given, NewTicket, issue
from server.services.queue.offline_calls import LineCall, follow
from server.store.answers import Command
from server.store.facts import NewFact, note
from server.store.queries import offline as rows
from server.store.queries import steering
from server.store.queries.access.principals import DeviceRow
from server.store.queries.booking import desk
from server.store.queries.booking.reservations import ReservationRow
from server.store.tables import OfflineEntry, Reservation, Ticket
from wire.vocabulary import (
    Conflict,
    FactType,
    ReservationAction,
    ReservationStatus,
    SteeringKind,
    TicketStatus,
    Withdrawal,
)

_SEEN = frozenset({TicketStatus.SERVING, TicketStatus.FINISHED})


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as the kiosk said it: its series and ordinal make the number on the paper.

    `call` is what a counter did with it at the kiosk's own line.
    """

    at: datetime
    service: str
    series: str
    ordinal: int
    number: str
    language: str
    priority: str | None = None
    reservation: int | None = None
    call: LineCall | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """An entry on its way: who sent it, as of when it counts, and the ticket that nobody saw."""

    session: Session
    context: Context
    device: DeviceRow
    branch: BranchView
    said: Said
    at: datetime
    unseen: Ticket | None = None

    @property
    def given(self) -> Given:
        return Given(self.at, self.said.series, self.said.ordinal, self.said.number)

    @property
    def language(self) -> str:
        spoken = self.branch.policy.languages
        return self.said.language if self.said.language in spoken else spoken[0]

    @property
    def priority(self) -> str | None:
        kinds, asked = self.branch.policy.priority_classes, self.said.priority
        is_known = asked is not None and priorities.refusal(kinds, asked, by_clerk=True) is None
        return asked if is_known else None


@dataclass(slots=True)
class _Outcome:
    """What an entry became: a ticket, or a conflict; beside it the ticket that its visitor has or had."""

    ticket: int | None = None
    conflict: Conflict | None = None
    other: int | None = None
    reservation: int | None = None


def take_in(
    session: Session, context: Context, device: DeviceRow, said: Said, unanswered: Sequence[Command] = ()
) -> OfflineEntry:
    """Keep an entry for good, with the ticket that it becomes as of its own time, or the conflict for staff.

    The same entry once more is the same row. `unanswered` are the commands whose answer the kiosk never had: a
    ticket of theirs that nobody saw gives way to the number on the paper. Raises RuleBroken 503 only, while one
    of them is being carried out.
    """
    branch = context.branch(device.branch_id)
    at = rules.counted_at(said.at, context.now)
    case = _Case(session, context, device, branch, said, at)
    day = branch.policy.business_day(at)
    rows.use_ordinal(session, branch.id, day, said.series, said.ordinal)
    before = rows.entries_of_number(session, branch.id, day, said.series, said.ordinal)
    if same := next((each for each in before if _is_same(each, device, said)), None):
        return same
    lost = [ticket for command in unanswered if (ticket := brought(session, context, command)) is not None]
    case = replace(case, unseen=next(iter(lost), None))
    is_taken = before or rows.ticket_with(session, branch.id, day, said.series, said.ordinal)
    outcome = _of_taken_number(case) if is_taken else _decided(case)
    return _keep(case, outcome)


def _is_same(row: OfflineEntry, device: DeviceRow, said: Said) -> bool:
    return row.device_id == device.id and row.said_at == said.at.astimezone(UTC)


def _of_taken_number(case: _Case) -> _Outcome:
    return _Outcome(conflict=Conflict.NUMBER_TAKEN, other=case.unseen.id if case.unseen else None)


def _decided(case: _Case) -> _Outcome:
    service = case.branch.services.get(case.said.service)
    if service is None:
        return _Outcome(conflict=Conflict.UNKNOWN_SERVICE)
    if case.said.reservation is None:
        return _walk_in(case, service)
    row = desk.at_branch(case.session, case.branch.id, case.said.reservation, locked=True)
    if row is None:
        return _Outcome(conflict=Conflict.UNKNOWN_RESERVATION)
    outcome = _visit(case, row)
    outcome.reservation = row.id
    return outcome


def _walk_in(case: _Case, service: ServiceView) -> _Outcome:
    """Admit who has a number in hand: the day's limit and a stop that came later let nobody go again."""
    if case.unseen is not None and _was_seen(case, case.unseen):
        return _Outcome(conflict=Conflict.CHECKED_IN_ELSEWHERE, other=case.unseen.id)
    offer = service.policy.walk_in_offer(case.branch.policy)
    refused = isinstance(walk_in.decide(offer, case.at, 0, None), check_in_rules.Refuse)
    # Whoever brought a ticket under the key that was asked in vain was admitted by the server itself.
    if (refused or _is_stopped(case, service.id)) and case.unseen is None:
        return _Outcome(conflict=Conflict.NOT_ADMITTED)
    return _issued(case, NewTicket(service.id, case.language, priority=case.priority, given=case.given))


def _visit(case: _Case, row: Reservation) -> _Outcome:
    there = desk.ticket_of(case.session, row.id)
    if there is not None:
        unseen = case.unseen is not None and case.unseen.id == there.id and not _was_seen(case, there)
        if not unseen:
            return _Outcome(conflict=Conflict.CHECKED_IN_ELSEWHERE, other=there.id)
        # The visit's ticket is the one whose number is on paper.
        there.reservation_id = None
        case.session.flush()
        return _issued(case, _booked(case, row))
    found = _as_of(row, case.at)
    decision = decide(
        case.session,
        replace(case.context, now=case.at),
        case.device,
        found,
        is_stopped=_is_stopped(case, row.service_id),
    )
    if isinstance(decision, check_in_rules.Refuse):
        return _Outcome(conflict=rules.conflict_of(decision.reason))
    _check_in(case, row, ReservationStatus(found.status))
    return _issued(case, _booked(case, row), checked_in=True)


def _booked(case: _Case, row: Reservation) -> NewTicket:
    return NewTicket(
        row.service_id,
        case.language,
        row.id,
        row.appointment_at,
        priority=case.priority,
        given=case.given,
    )


def _as_of(row: Reservation, at: datetime) -> ReservationRow:
    """See a reservation as it stood: what lapsed by time alone since then had not lapsed."""
    status = row.status
    if status == ReservationStatus.LAPSED and row.reason is None and row.ended_at and row.ended_at > at:
        status = str(ReservationStatus.BOOKED)
    return ReservationRow(
        row.id,
        row.branch_id,
        row.service_id,
        status,
        row.appointment_at,
        row.reinstated_at,
        row.language,
        row.lapses_at,
        row.reason,
    )


def _is_stopped(case: _Case, service_id: int) -> bool:
    """Say whether a service is closed by a supervisor who closed it before the entry was made."""
    stops = steering.going_on(case.session, SteeringKind.SERVICE_CLOSED, service_id=service_id)
    return any(each.begins_at <= case.at for each in stops)


def _check_in(case: _Case, row: Reservation, status: ReservationStatus) -> None:
    if status is ReservationStatus.LAPSED:
        status = reservations.next_status(status, ReservationAction.REINSTATE)
    row.status = reservations.next_status(status, ReservationAction.CHECK_IN)
    row.ended_at = None
    case.session.flush()


def _was_seen(case: _Case, ticket: Ticket) -> bool:
    """Say whether somebody has the number of a ticket whose answer the kiosk never had."""
    if ticket.status in _SEEN:
        return True
    return rows.was_shown_again(case.session, case.branch.id, ticket.id, ticket.issued_at)


def _issued(case: _Case, newcomer: NewTicket, *, checked_in: bool = False) -> _Outcome:
    other = None
    if case.unseen is not None and case.unseen.reservation_id is None and not _was_seen(case, case.unseen):
        other = case.unseen.id
        _give_way(case, case.unseen)
    ticket = issue(case.session, case.context, case.device, newcomer)
    if case.said.call is not None:
        follow(case.session, case.context, case.branch, ticket.id, case.said.call)
    if checked_in:
        ids = {"reservation": newcomer.reservation_id, "ticket": ticket.id, "device": case.device.id}
        data = ids | {"offline": case.at.isoformat()}
        note(
            case.session,
            NewFact(FactType.RESERVATION_CHECKED_IN, case.context.now, case.branch.id, data),
        )
    return _Outcome(ticket=ticket.id, other=other)


def _give_way(case: _Case, row: Ticket) -> None:
    """Take a number out of the line that nobody has: its visitor waits with the one on paper."""
    if row.status not in CAN_BE_CALLED:
        return
    row.status, row.finished_at, row.undo = TicketStatus.WITHDRAWN, case.context.now, None
    row.outcome = Withdrawal.TICKET_TWICE
    case.session.flush()
    data = {"ticket": row.id, "number": row.number, "reason": row.outcome, "device": case.device.id}
    data["hall"] = case.context.office.halls[row.hall_id].code
    if row.counter_id is not None:
        data["counter"] = case.context.office.counters[row.counter_id].number
    data["becomes"] = case.said.number
    note(case.session, NewFact(FactType.TICKET_WITHDRAWN, case.context.now, case.branch.id, data))


def _keep(case: _Case, outcome: _Outcome) -> OfflineEntry:
    said = case.said
    row = OfflineEntry(
        branch_id=case.branch.id,
        hall_id=case.device.hall_id,
        device_id=case.device.id,
        letter=said.service,
        day=case.branch.policy.business_day(case.at),
        series=said.series,
        ordinal=said.ordinal,
        number=said.number,
        language=case.language,
        priority=case.priority,
        said_at=said.at.astimezone(UTC),
        at=case.at,
        taken_at=case.context.now,
        called_at=said.call.called_at.astimezone(UTC) if said.call else None,
        reservation_id=outcome.reservation,
        ticket_id=outcome.ticket,
        other_ticket_id=outcome.other,
        conflict=outcome.conflict,
    )
    case.session.add(row)
    case.session.flush()
    if outcome.conflict is not None:
        data = {"entry": row.id, "number": said.number, "device": case.device.id, "hall": case.device.hall}
        data |= {"reason": str(outcome.conflict), "service": said.service}
        if outcome.other is not None:
            data["ticket"] = outcome.other
        note(case.session, NewFact(FactType.OFFLINE_CONFLICT, case.context.now, case.branch.id, data))
    return row
