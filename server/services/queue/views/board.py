"""What a hall's board shows: the latest calls, and the numbers that wait (rules 21 and 22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.services.audit.publication import last_code
from server.services.context import Context
from server.services.office.settings import HallView
from server.store.facts import tip
from server.store.queries import hall as hall_rows
from server.store.queries import queue as line_rows
from server.store.queries import shown as rows
from wire.vocabulary import TicketStatus

_CALLS = 12
_NUMBERS = 12
_RECENT = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class CallView:
    """One calling; `active` while the ticket is still called or served by it."""

    id: int
    number: str
    counter: int
    called_at: datetime
    language: str
    active: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """Who waits for a service: the first numbers in their order, and how many in all."""

    service: str
    names: Mapping[str, str]
    numbers: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """The last day of the branch that was signed, with its short code."""

    day: date
    code: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """A hall's board as of a place in the feed."""

    called: tuple[CallView, ...]
    waiting: tuple[LineView, ...]
    checkpoint: CheckpointView | None
    as_of: int


def board(session: Session, context: Context, hall: HallView) -> BoardView:
    """Show the hall; facts behind `as_of` come on top (the feed is read first, so that none is missed)."""
    as_of, _ = tip(session.connection())
    calls: list[CallView] = []
    seen: set[int] = set()
    for call in rows.recent_calls(session, hall.id, context.now - _RECENT, _CALLS * 3):
        active = call.status in (TicketStatus.CALLED, TicketStatus.SERVING)
        # Whoever is still served stays, however many were called since: the display over that counter shows it.
        is_enough = len(calls) >= _CALLS and not active
        if call.ticket_id in seen or call.status in hall_rows.NOT_CALLED or is_enough:
            continue
        seen.add(call.ticket_id)
        calls.append(CallView(call.id, call.number, call.counter, call.called_at, call.language, active))
    return BoardView(
        tuple(calls), tuple(_lines(session, context, hall)), _checkpoint(session, context, hall), as_of
    )


def _checkpoint(session: Session, context: Context, hall: HallView) -> CheckpointView | None:
    if not context.branch(hall.branch_id).policy.board_shows_checkpoint:
        return None
    found = last_code(session, hall.branch_id)
    return CheckpointView(*found) if found else None


def _lines(session: Session, context: Context, hall: HallView) -> list[LineView]:
    branch = context.branch(hall.branch_id)
    served = {
        service
        for counter in branch.counters.values()
        if counter.hall_id == hall.id
        for service in counter.service_ids
    }
    shown = [service for service in branch.services.values() if service.id in served]
    totals = line_rows.waiting_by_service(session, served)
    ids = tuple(service.id for service in shown)
    waiting = in_order(session, context, branch.rules_at(), ids, None, _NUMBERS)
    first: dict[int, list[int]] = {service.id: [] for service in shown}
    for ticket in waiting:
        if len(first[ticket.service_id]) < _NUMBERS:
            first[ticket.service_id].append(ticket.id)
    numbers = rows.numbers(
        session,
        [ticket for each in first.values() for ticket in each],
        handed_over=not branch.policy.board_shows_not_handed_over,
    )
    return [
        LineView(
            service.letter,
            service.names,
            tuple(numbers[ticket] for ticket in first[service.id] if ticket in numbers),
            totals.get(service.id, 0),
        )
        for service in shown
    ]


def in_order(
    session: Session,
    context: Context,
    rules: order.CounterRules,
    service_ids: tuple[int, ...],
    counter_id: int | None,
    most: int,
) -> list[order.LineTicket]:
    """List who waits for services (and a counter) as they would be called now: at least the first `most`."""
    languages = rules.languages if rules.prefers_languages else ()
    waiting = line_rows.heads(session, service_ids, counter_id, most, languages)
    waiting.sort(key=lambda ticket: order.turn(ticket, context.now, rules, priority_allowed=True))
    return waiting
