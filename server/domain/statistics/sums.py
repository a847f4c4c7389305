"""A day summed up: counts, sums of seconds and buckets by service, hour, origin and kind; and by counter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.domain.statistics import buckets
from server.domain.statistics.open_times import Presence
from server.domain.statistics.visits import NOT_CLOSED, Kind, Times, Visit, kinds, times_of
from wire.vocabulary import TicketStatus

WAIT_BUCKETS = tuple(f"wait_{place:02}" for place in range(buckets.COUNT))
SERVICE_BUCKETS = tuple(f"service_{place:02}" for place in range(buckets.COUNT))
LEAD_BUCKETS = tuple(f"lead_{place}" for place in range(buckets.LEAD_COUNT))
_TIMES = ("wait", "walk", "service", "total")
HEADLINES = (
    *("issued", "served", "no_show", "withdrawn", "not_closed", "without_documents", "ran_back"),
    *("booked", "lapsed", "cancelled", "in_target"),
    *(f"{name}s" for name in _TIMES),
    *(f"{name}_seconds" for name in _TIMES),
    *WAIT_BUCKETS,
    *("promises", "promises_kept"),
)
"""What is counted for each cell of a day, as far as a period is compared with another."""
MEASURES = (
    *(*HEADLINES, *SERVICE_BUCKETS, *LEAD_BUCKETS),
    *("promises_near", "promise_off_seconds", "promise_late_seconds"),
)
"""All that is counted for each cell of a day."""
COUNTER_MEASURES = ("served", "no_show", "services", "service_seconds", "busy_seconds", "open_seconds")
"""What is counted for each counter of a day, and each clerk where the office allows it."""


class Origin(StrEnum):
    """With or without a reservation."""

    BOOKED = "booked"
    WALK_IN = "walk_in"


class Cell(NamedTuple):
    """Where a count belongs: `hour` by the branch's clock, of the ticket or of the booked visit."""

    service_id: int
    hour: int
    origin: Origin
    kind: Kind


class Desk(NamedTuple):
    """A counter, and the clerk where the office allows to keep it."""

    counter_id: int
    clerk_id: int | None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booked visit of the day, by what became of it."""

    service_id: int
    appointment_at: datetime
    booked_at: datetime
    is_lapsed: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What a branch rules that sums depend on: its clock, each service's target, and the outcomes' meaning."""

    zone: ZoneInfo
    target_minutes: Mapping[int, int]
    not_served: frozenset[str] = frozenset()
    without_documents: frozenset[str] = frozenset()
    by_clerk: bool = False


Sums = dict[Cell, Counter[str]]
DeskSums = dict[Desk, Counter[str]]


def sums_of(
    visits: Iterable[Visit], bookings: Iterable[Booking], presences: Iterable[Presence], rules: Rules
) -> tuple[Sums, DeskSums]:
    """Sum a day up, by cell and by counter.

    Visits are gone through once, in the order in which their tickets were given, and none is kept.
    """
    found: Sums = defaultdict(Counter)
    desks: DeskSums = defaultdict(Counter)
    for visit, kind in kinds(visits):
        origin = Origin.BOOKED if visit.is_booked else Origin.WALK_IN
        hour, times = visit.issued_at.astimezone(rules.zone).hour, times_of(visit)
        _add_visit(found[Cell(visit.service_id, hour, origin, kind)], visit, times, rules)
        if visit.counter_id is not None and visit.is_known_to_end:
            _add_end(desks[_desk(visit.counter_id, visit.clerk_id, rules)], visit, times, rules)
    for booking in bookings:
        _add_booking(found, booking, rules)
    _add_presences(desks, presences, rules)
    return dict(found), dict(desks)


def _add_booking(found: Sums, booking: Booking, rules: Rules) -> None:
    at = booking.appointment_at.astimezone(rules.zone)
    cell = found[Cell(booking.service_id, at.hour, Origin.BOOKED, Kind.KEPT)]
    cell["cancelled" if booking.is_cancelled else "booked"] += 1
    cell["lapsed"] += booking.is_lapsed
    if not booking.is_cancelled:
        days = (at.date() - booking.booked_at.astimezone(rules.zone).date()).days
        cell[LEAD_BUCKETS[buckets.lead_bucket(days)]] += 1


def _add_visit(cell: Counter[str], visit: Visit, times: Times, rules: Rules) -> None:
    cell["issued"] += 1
    cell["not_closed"] += visit.outcome == NOT_CLOSED
    cell["served"] += _is_served(visit, rules)
    cell["no_show"] += visit.status == TicketStatus.NO_SHOW and visit.is_known_to_end
    cell["withdrawn"] += visit.status == TicketStatus.WITHDRAWN
    cell["without_documents"] += visit.outcome in rules.without_documents
    cell["ran_back"] += times.ran_back
    _add_times(cell, times)
    _add_promise(cell, visit)
    if times.wait is not None:
        cell["in_target"] += times.wait <= rules.target_minutes.get(visit.service_id, 0) * 60
        cell[WAIT_BUCKETS[buckets.bucket(times.wait)]] += 1
    if times.service is not None:
        cell[SERVICE_BUCKETS[buckets.bucket(times.service)]] += 1


def _add_times(cell: Counter[str], times: Times) -> None:
    for name in _TIMES:
        seconds = getattr(times, name)
        if seconds is not None:
            cell[f"{name}s"] += 1
            cell[f"{name}_seconds"] += seconds


def _add_promise(cell: Counter[str], visit: Visit) -> None:
    promise = visit.promise
    if promise is not None:
        late = round(promise.error_minutes * 60)
        cell["promises"] += 1
        cell["promises_kept"] += promise.is_kept
        cell["promises_near"] += promise.is_near
        cell["promise_off_seconds"] += abs(late)
        cell["promise_late_seconds"] += late


def _is_served(visit: Visit, rules: Rules) -> bool:
    is_finished = visit.status == TicketStatus.FINISHED and visit.is_known_to_end
    return is_finished and visit.outcome not in rules.not_served


def _desk(counter_id: int, clerk_id: int | None, rules: Rules) -> Desk:
    return Desk(counter_id, clerk_id if rules.by_clerk else None)


def _add_end(desk: Counter[str], visit: Visit, times: Times, rules: Rules) -> None:
    desk["served"] += _is_served(visit, rules)
    desk["no_show"] += visit.status == TicketStatus.NO_SHOW
    desk["services"] += times.service is not None
    desk["service_seconds"] += times.service or 0
    desk["busy_seconds"] += times.busy or 0


def _add_presences(desks: DeskSums, presences: Iterable[Presence], rules: Rules) -> None:
    """Add how long each counter was open; presences that overlap at one count once."""
    until: dict[int, datetime] = {}
    for each in sorted(presences, key=lambda presence: presence.begins_at):
        begins = max(each.begins_at, until.get(each.counter_id, each.begins_at))
        desk = desks[_desk(each.counter_id, each.clerk_id, rules)]
        desk["open_seconds"] += max(round((each.ends_at - begins).total_seconds()), 0)
        until[each.counter_id] = max(begins, each.ends_at)
