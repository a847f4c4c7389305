"""PURE: a counter's snapshot kept right by the facts of the stream, so that not every fact makes it ask again.

`after_fact` returns None wherever the fact alone does not tell what the snapshot would say: then it is asked for.
That is so for all that this counter did itself (the ticket in hand with its reservation, the day's figures), for
visitors with priority (their class is for clerks only and stands in no fact), and for tickets that come back into
a list.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wire.messages import CallingOrder, CounterSnapshot, FactData, WaitingTicket
from wire.vocabulary import CounterState, FactType, TicketAction

SHOWN = 60
NEWCOMER = [TicketAction.CALL, TicketAction.WITHDRAW]
_STATES = {
    FactType.COUNTER_OPENED: CounterState.OPEN,
    FactType.COUNTER_PAUSED: CounterState.PAUSED,
    FactType.COUNTER_CLOSED: CounterState.CLOSED,
    FactType.CLERK_SIGNED_OUT: CounterState.CLOSED,
}
_LEAVES_THE_LISTS = frozenset({FactType.TICKET_CALLED, FactType.TICKET_WITHDRAWN})
# At another counter these change nothing that this one shows.
_ELSEWHERE = frozenset(
    {
        FactType.TICKET_RECALLED,
        FactType.TICKET_STARTED,
        FactType.TICKET_FINISHED,
        FactType.CLERK_SIGNED_IN,
        FactType.CONFIRMATION_VERIFIED,
        FactType.CONFIRMATION_MISMATCHED,
    }
)
_LANES = frozenset({"booked", "walk_in"})


def after_fact(snapshot: CounterSnapshot, number: int, kind: str, data: FactData) -> CounterSnapshot | None:
    """Return the snapshot after the fact of this feed number; None when only the server can tell."""
    if number <= snapshot.as_of:
        return snapshot
    after = None if data.counter == snapshot.number else _changed(snapshot, kind, data)
    return None if after is None else after.model_copy(update={"as_of": number})


def _changed(snapshot: CounterSnapshot, kind: str, data: FactData) -> CounterSnapshot | None:
    if kind == FactType.TICKET_ISSUED:
        return _with_newcomer(snapshot, data)
    if kind in _LEAVES_THE_LISTS:
        return _without(snapshot, data.ticket)
    if kind in _STATES:
        return _with_state(snapshot, data.counter, _STATES[FactType(kind)])
    if kind == FactType.TICKET_FINISHED and snapshot.finished is not None:
        return None
    return snapshot if kind in _ELSEWHERE else None


def _with_newcomer(snapshot: CounterSnapshot, data: FactData) -> CounterSnapshot | None:
    if data.service is None or data.ticket is None or data.number is None or snapshot.order is None:
        return None
    if data.offline is not None:
        return None  # its place is that of an earlier time
    if data.service not in {service.code for service in snapshot.services}:
        return snapshot
    if any(row.id == data.ticket for row in snapshot.waiting):
        return snapshot  # it was in line already when the snapshot was taken
    is_whole = len(snapshot.waiting) == snapshot.waiting_total
    if data.lane not in _LANES or (not is_whole and data.at <= snapshot.now):
        return None
    if is_whole and snapshot.waiting_total >= SHOWN and data.at <= snapshot.now:
        return None
    row = WaitingTicket(
        id=data.ticket,
        number=data.number,
        service=data.service,
        appointment_at=data.appointment_at,
        queued_at=data.at,
        actions=NEWCOMER,
    )
    return _lined_up(snapshot, row, snapshot.order, is_whole=is_whole)


def _lined_up(
    snapshot: CounterSnapshot, row: WaitingTicket, order: CallingOrder, *, is_whole: bool
) -> CounterSnapshot:
    """Put the newcomer at their place; behind the rows that are known nobody can tell whose turn comes first."""
    rows = sorted([*snapshot.waiting, row], key=lambda each: _rank(each, row.queued_at, order))
    if not is_whole and rows[-1] is row:
        rows.pop()
    changes = {"waiting": rows[:SHOWN], "waiting_total": snapshot.waiting_total + 1}
    return snapshot.model_copy(update=changes)


def _rank(row: WaitingTicket, now: datetime, order: CallingOrder) -> tuple[int, datetime, int]:
    """Give a row's place as the server gives it (rules.md, Who is next); the smallest is called first."""
    if row.urgent_since is not None:
        return 0, row.urgent_since, row.id
    if row.priority is not None:
        return 1, row.queued_at, row.id
    if row.appointment_at is None:
        overdue = now - row.queued_at >= timedelta(seconds=order.maximum_wait_seconds)
        return 3 if overdue else 5, row.queued_at, row.id
    if now - row.appointment_at >= timedelta(seconds=order.overdue_seconds):
        return 2, row.appointment_at, row.id
    due = now >= row.appointment_at - timedelta(seconds=order.lead_seconds)
    return 4 if due else 6, row.appointment_at, row.id


def _without(snapshot: CounterSnapshot, ticket: int | None) -> CounterSnapshot | None:
    if any(row.id == ticket for row in snapshot.parked):
        return snapshot.model_copy(update={"parked": [row for row in snapshot.parked if row.id != ticket]})
    rows = [row for row in snapshot.waiting if row.id != ticket]
    if len(rows) < len(snapshot.waiting):
        # With a long line some rows may be missing at its end: too few to show is a reason to ask.
        is_whole = len(snapshot.waiting) == snapshot.waiting_total < SHOWN
        if not is_whole and len(rows) < SHOWN // 2:
            return None
        return snapshot.model_copy(update={"waiting": rows, "waiting_total": snapshot.waiting_total - 1})
    return snapshot if len(snapshot.waiting) == snapshot.waiting_total else None


def _with_state(snapshot: CounterSnapshot, counter: int | None, state: CounterState) -> CounterSnapshot:
    counters = [
        each.model_copy(update={"state": state}) if each.number == counter else each
        for each in snapshot.transfer_counters
    ]
    return snapshot.model_copy(update={"transfer_counters": counters})
