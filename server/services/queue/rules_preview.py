"""What other rules of calling would make of the line that waits in a hall right now; nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue.hall import whole_minutes
from server.domain.queue.order import Lane, lane_of
from server.domain.queue.preview import OpenCounter, PreviewedCall, Waits, preview, waits
from server.services.context import Context
from server.services.office.settings import BranchView, HallView
from server.services.queue.closing_time import ends_at
from server.services.queue.delays import delay
from server.services.queue.views.hall_rows import counters_of, services_of
from server.store.queries import hall as hall_rows
from server.store.queries import queue as line_rows
from server.store.queries import shown, tickets
from wire.vocabulary import CounterState

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A call of the preview as it is shown: the number of the ticket, what it is, when and where."""

    number: str
    lane: Lane
    appointment_at: datetime | None
    at: datetime
    counter: int


@dataclass(frozen=True, slots=True)
class Late:
    """A service with whose booked visitors the office is late now, and how much later one may be for that."""

    letter: str
    office_minutes: int
    grace_minutes: int


@dataclass(frozen=True, slots=True)
class RulesPreview:
    """What the rules would do: the first calls, how long each lane would have waited, and who may be late."""

    rows: tuple[PreviewedRow, ...]
    waits: Mapping[Lane, Waits]
    waiting: int
    counters: int
    late: tuple[Late, ...] = ()
    ends_at: datetime | None = None
    not_called: int = 0


def preview_rules(
    session: Session, context: Context, hall: HallView, views: tuple[BranchView, ...]
) -> tuple[RulesPreview, ...]:
    """Show what the rules of each view of the branch would make of the hall's line; open counters call.

    Where none is open all counters are taken as open, so that rules can be tried before the doors are.
    """
    branch = context.branch(hall.branch_id)
    counters = counters_of(branch, hall)
    services = services_of(branch, hall)
    places = hall_rows.places(session, [counter.id for counter in counters])
    is_open = {each.id for each in places.values() if each.state == CounterState.OPEN}
    calling = [counter.number for counter in counters if counter.id in is_open or not is_open]
    line = line_rows.waiting_line(session, [service.id for service in services])
    lengths = {each.id: timedelta(minutes=each.policy.expected_service_minutes) for each in services}
    since = tickets.calls_since_priority(session, hall.id)
    clerks = {counter.number: places[counter.id].clerk_id for counter in counters if counter.id in places}
    found = [preview(line, _open(context, view, calling, clerks), since, lengths) for view in views]
    ids = {call.ticket.id for calls in found for call in calls[:MOST_SHOWN]}
    numbers = shown.numbers(session, ids, handed_over=False)
    delays = {each.letter: whole_minutes(delay(session, context, each)) for each in services}
    return tuple(
        RulesPreview(
            tuple(_row(call, numbers) for call in calls[:MOST_SHOWN]),
            waits(calls),
            len(line),
            len(calling),
            late=tuple(
                Late(letter, late, min(late, view.policy.delay_grace_minutes))
                for letter, late in delays.items()
                if late
            ),
            ends_at=(until := ends_at(view, context.now)),
            not_called=0 if until is None else len(line) - sum(call.at < until for call in calls),
        )
        for view, calls in zip(views, found, strict=True)
    )


def _open(
    context: Context, view: BranchView, numbers: Sequence[int], clerks: Mapping[int, int | None]
) -> list[OpenCounter]:
    """Take these counters as they would call by the rules of a view, with those who work there now."""
    office = replace(context.office, counters={each.id: each for each in view.counters.values()})
    counters = [office.staffed(view.counters[each].id, clerks.get(each)) for each in numbers]
    return [
        OpenCounter(each.number, frozenset(each.service_ids), context.now, view.rules_at(each))
        for each in counters
    ]


def _row(call: PreviewedCall, numbers: Mapping[int, str]) -> PreviewedRow:
    ticket = call.ticket
    return PreviewedRow(numbers[ticket.id], lane_of(ticket), ticket.appointment_at, call.at, call.counter)
