"""What a hall's board shows: the latest calls, and the numbers that wait (rules 21 and 22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue import order
from server.services.context import Context
from server.services.office.settings import HallView
from server.store.facts import tip
from server.store.queries import queue as line_rows
from server.store.queries import tickets
from server.store.tables import Ticket
from wire.vocabulary import TicketStatus

_CALLS = 12
_NUMBERS = 12
_RECENT = timedelta(hours=2)
# A call that was taken back is none.
_NOT_CALLED = frozenset({TicketStatus.WAITING, TicketStatus.WITHDRAWN})


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
class BoardView:
    """A hall's board as of a place in the feed."""

    called: tuple[CallView, ...]
    waiting: tuple[LineView, ...]
    as_of: int


def board(session: Session, context: Context, hall: HallView) -> BoardView:
    """Show the hall; facts behind `as_of` come on top (the feed is read first, so that none is missed)."""
    as_of, _ = tip(session.connection())
    calls: list[CallView] = []
    seen: set[int] = set()
    for call, ticket, counter in tickets.recent_calls(session, hall.id, context.now - _RECENT, _CALLS * 3):
        if ticket.id in seen or ticket.status in _NOT_CALLED or len(calls) == _CALLS:
            continue
        seen.add(ticket.id)
        active = ticket.status in (TicketStatus.CALLED, TicketStatus.SERVING)
        calls.append(CallView(call.id, ticket.number, counter, call.called_at, ticket.language, active))
    return BoardView(tuple(calls), tuple(_lines(session, context, hall)), as_of)


def _lines(session: Session, context: Context, hall: HallView) -> list[LineView]:
    branch = context.branch(hall.branch_id)
    served = {
        service
        for counter in branch.counters.values()
        if counter.hall_id == hall.id
        for service in counter.service_ids
    }
    totals = line_rows.waiting_by_service(session, served)
    lists_all = branch.policy.board_shows_not_handed_over

    def is_listed(row: Ticket) -> bool:
        return lists_all or row.not_handed_over_at is None

    lines = []
    for service in branch.services.values():
        if service.id not in served:
            continue
        waiting = in_order(session, context, branch.id, (service.id,), None, _NUMBERS)
        rows = tickets.tickets_by_id(session, [ticket.id for ticket in waiting])
        numbers = tuple(
            rows[each.id].number for each in waiting if each.id in rows and is_listed(rows[each.id])
        )
        lines.append(LineView(service.letter, service.names, numbers, totals.get(service.id, 0)))
    return lines


def in_order(
    session: Session,
    context: Context,
    branch_id: int,
    service_ids: tuple[int, ...],
    counter_id: int | None,
    most: int,
) -> list[order.LineTicket]:
    """List who waits for services (and a counter) as they would be called now, at most `most`."""
    policy = context.branch(branch_id).policy.calling
    waiting = line_rows.heads(session, service_ids, counter_id, most)
    waiting.sort(key=lambda ticket: order.rank(ticket, context.now, policy, priority_allowed=True))
    return waiting[:most]
