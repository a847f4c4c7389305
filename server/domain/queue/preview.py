"""What rules of calling would make of a line: whom the open counters would call, and when.

Nobody new comes, and each visitor takes as long as their service is expected to: a look at rules before they are
switched on, not a forecast.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from server.domain.queue.order import CounterRules, Lane, LineTicket, choose, lane_of

MOST_CALLS = 400
"""A longer line is looked at so far only."""


@dataclass(frozen=True, slots=True)
class OpenCounter:
    """A counter that calls: its number, the ids of the services it serves, when it is free, and its rules."""

    number: int
    service_ids: frozenset[int]
    free_at: datetime
    rules: CounterRules = field(default_factory=CounterRules)


@dataclass(frozen=True, slots=True)
class PreviewedCall:
    """Who would be called, when and to which counter."""

    ticket: LineTicket
    at: datetime
    counter: int


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the people of a lane would have waited: how many were called, on average and the longest."""

    called: int
    average: timedelta
    longest: timedelta


def preview(
    line: Collection[LineTicket],
    counters: Sequence[OpenCounter],
    calls_since_priority: int | None,
    lengths: Mapping[int, timedelta],
) -> list[PreviewedCall]:
    """List the calls in their order; `lengths` says by service how long a visitor takes.

    A counter that finds nobody for its services calls no more.
    """
    waiting = {ticket.id: ticket for ticket in line}
    free = [(counter.free_at, counter.number, counter) for counter in counters]
    heapq.heapify(free)
    calls: list[PreviewedCall] = []
    since = calls_since_priority
    while free and waiting and len(calls) < MOST_CALLS:
        now, number, counter = heapq.heappop(free)
        served = [ticket for ticket in waiting.values() if ticket.service_id in counter.service_ids]
        chosen = choose(served, now, counter.rules, since)
        if chosen is None:
            continue
        del waiting[chosen.id]
        since = 0 if chosen.priority else None if since is None else since + 1
        calls.append(PreviewedCall(chosen, now, number))
        length = max(lengths.get(chosen.service_id, timedelta(0)), timedelta(seconds=1))
        heapq.heappush(free, (now + length, number, counter))
    return calls


def waits(calls: Collection[PreviewedCall]) -> dict[Lane, Waits]:
    """Tell by lane how long those who would be called have waited since they were queued.

    A booked visitor's wait counts from their hour when that is later: nobody waits for being early.
    """
    found: dict[Lane, list[timedelta]] = {}
    for call in calls:
        since = max(call.ticket.queued_at, call.ticket.appointment_at or call.ticket.queued_at)
        found.setdefault(lane_of(call.ticket), []).append(max(call.at - since, timedelta(0)))
    return {
        lane: Waits(len(each), sum(each, timedelta(0)) / len(each), max(each)) for lane, each in found.items()
    }
