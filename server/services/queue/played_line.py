"""Plays a branch's line forward from what the tables say, with what its last weeks taught."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from server.domain.queue import forecast as played
from server.domain.queue.experience import PastVisit, habits, service_times
from server.domain.queue.hall_model import Counter, Person, Rules
from server.domain.queue.order import CallPolicy, CounterRules, LineTicket
from server.services.office.settings import BranchView, Office, ServiceView
from server.services.queue.forecasts import Joining, LineForecast, Span
from server.store.queries import forecast as rows
from server.store.queries import hall as hall_rows
from server.store.queries import tickets
from wire.vocabulary import CounterState

_WEEKS = timedelta(days=28)
_TODAY = timedelta(hours=3)
_JOIN_WITHIN = timedelta(hours=3)
_LEADS = (timedelta(days=1), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Experience:
    """What the last weeks of a branch taught, until `made_at` is too long ago: visits and arrivals by service."""

    made_at: datetime
    visits: Mapping[int, Sequence[PastVisit]]
    habits: Mapping[tuple[int, int], played.Habits]


@dataclass(frozen=True, slots=True)
class Line:
    """A branch's line as the tables have it now: its hall to be played, and whose places are whose."""

    hall: played.Hall
    times: Sequence[played.ServiceTimes]
    tickets: Sequence[LineTicket]
    joining: Sequence[Joining]


def make(
    session: Session, office: Office, branch: BranchView, experience: Experience, now: datetime
) -> LineForecast:
    """Play a branch's line forward from what the tables say now."""
    line = read_line(session, office, branch, experience, now)
    found = played.forecast(line.hall, line.times)
    return LineForecast(
        {ticket.id: _span(each, now) for ticket, each in zip(line.tickets, found.waiting, strict=True)},
        {each: _span(when, now) for each, when in zip(line.joining, found.joining, strict=True)},
    )


def read_line(
    session: Session,
    office: Office,
    branch: BranchView,
    experience: Experience,
    now: datetime,
    *,
    break_seconds: float | None = None,
) -> Line:
    """Read who waits, is to come and works.

    With the mean length of a break the counters that are on one are there too, and nobody is asked about who
    might join now.
    """
    services = list(branch.services.values())
    index = {service.id: n for n, service in enumerate(services)}
    counters = _working(session, office, branch, index, now, break_seconds)
    ids = {counter_id: n for n, (counter_id, _) in enumerate(counters)}
    waiting = rows.waiting(session, list(index))
    to_come = rows.to_come(session, list(index), now, branch.policy.business_day_ends_at(now))
    joining = _joining(services, to_come, now) if break_seconds is None else []
    hall = played.Hall(
        waiting=[_person(ticket, index, now, ids.get(own, -2) if own else None) for ticket, own in waiting],
        joining=[_newcomer(each, index, now) for each in joining],
        to_come=[_booked(each, index, experience, now) for each in to_come],
        counters=[working for _, working in counters],
        rules=[_rules(each.policy.calling(branch.policy)) for each in services],
        priority_every=branch.policy.calling.priority_every,
        calls_since_priority=_calls_since_priority(session, branch),
    )
    times = [_times(session, branch, each, experience, hall, n, now) for n, each in enumerate(services)]
    return Line(hall, times, [ticket for ticket, _ in waiting], joining)


def _span(found: played.Range, now: datetime) -> Span | None:
    if math.isinf(found.middle):
        return None
    latest = found.middle if math.isinf(found.high) else found.high
    return Span(*(now + timedelta(seconds=each) for each in (found.low, found.middle, latest)))


def _seconds(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (at - now).total_seconds()


def _person(ticket: LineTicket, index: Mapping[int, int], now: datetime, counter: int | None) -> Person:
    return Person(
        index[ticket.service_id],
        (ticket.queued_at - now).total_seconds(),
        _seconds(ticket.appointment_at, now),
        ticket.priority,
        _seconds(ticket.urgent_since, now),
        ticket.language,
        counter,
    )


def _newcomer(joining: Joining, index: Mapping[int, int], now: datetime) -> Person:
    hour = _seconds(joining.appointment_at, now)
    return Person(index[joining.service_id], 0.0, hour, joining.priority)


def _joining(
    services: Sequence[ServiceView], to_come: Sequence[rows.Expected], now: datetime
) -> list[Joining]:
    """List who may join now: with and without priority, and each hour of those who are still to come."""
    hours = {
        Joining(each.service_id, each.appointment_at, priority=False)
        for each in to_come
        if each.appointment_at - now <= _JOIN_WITHIN
    }
    plain = [Joining(each.id, None, priority) for each in services for priority in (False, True)]
    return [*plain, *sorted(hours)]


def _booked(
    expected: rows.Expected, index: Mapping[int, int], experience: Experience, now: datetime
) -> played.Booked:
    own = experience.habits.get((expected.service_id, _lead(expected.appointment_at - expected.booked_at)))
    last = (expected.appointment_at - expected.lapses_at).total_seconds()
    person = Person(index[expected.service_id], 0.0, _seconds(expected.appointment_at, now))
    return played.Booked(person, own or habits(0, 0, ()), last)


def _lead(lead: timedelta) -> int:
    return sum(lead > each for each in _LEADS)


def _working(
    session: Session,
    office: Office,
    branch: BranchView,
    index: Mapping[int, int],
    now: datetime,
    break_seconds: float | None,
) -> list[tuple[int, played.Working]]:
    """Read the open counters: what each calls for, by which rules, and since when its visit lasts."""
    ids = [each.id for each in branch.counters.values()]
    in_hand = hall_rows.in_hand(session, ids)
    found = []
    for place in hall_rows.places(session, ids).values():
        is_away = place.state == CounterState.PAUSED and break_seconds is not None
        if place.state != CounterState.OPEN and not is_away:
            continue
        counter = office.staffed(place.id, place.clerk_id)
        ticket = in_hand.get(place.id)
        service = index.get(ticket.service_id) if ticket else None
        since = ticket.called_at if ticket and service is not None else None
        busy_for = max((now - since).total_seconds(), 0.0) if since else 0.0
        calls = _counter(branch.rules_at(counter), counter.service_ids, index)
        away_for = (break_seconds or 0.0) if is_away else 0.0
        found.append((place.id, played.Working(calls, service, busy_for, away_for)))
    return found


def _counter(rules: CounterRules, service_ids: Sequence[int], index: Mapping[int, int]) -> Counter:
    return Counter(
        frozenset(index[each] for each in service_ids if each in index),
        in_order=tuple(index[each] for each in rules.in_order if each in index),
        languages=rules.languages,
        head_start=rules.head_start.total_seconds(),
    )


def _rules(policy: CallPolicy) -> Rules:
    return Rules(
        policy.lead.total_seconds(),
        policy.overdue.total_seconds(),
        policy.maximum_wait.total_seconds(),
        policy.long_wait_first,
    )


def _calls_since_priority(session: Session, branch: BranchView) -> int | None:
    """Return the share of the branch's hall; one line of several halls is played as one that begins anew."""
    halls = list(branch.halls.values())
    return tickets.calls_since_priority(session, halls[0].id) if len(halls) == 1 else None


def _times(
    session: Session,
    branch: BranchView,
    service: ServiceView,
    experience: Experience,
    hall: played.Hall,
    index: int,
    now: datetime,
) -> played.ServiceTimes:
    since = max(now - _TODAY, branch.policy.business_day_began_at(now))
    return service_times(
        service.policy.expected_service_minutes * 60.0,
        experience.visits.get(service.id, ()),
        [seconds for _, seconds in rows.visits(session, service.id, since)],
        [each.busy_for for each in hall.counters if each.service == index],
        now.astimezone(branch.policy.zone).hour,
    )


def learn(session: Session, branch: BranchView, now: datetime) -> Experience:
    """Learn from the last weeks how long visits take, and how booked visitors come."""
    today = branch.policy.business_day_began_at(now)
    visits = {
        service.id: [
            PastVisit(called.astimezone(branch.policy.zone).hour, seconds)
            for called, seconds in rows.visits(session, service.id, now - _WEEKS)
            if called < today
        ]
        for service in branch.services.values()
    }
    found = sorted(rows.arrivals(session, branch.id, now - _WEEKS, today), key=_kind)
    learned = {kind: _habits(list(own)) for kind, own in groupby(found, key=_kind)}
    return Experience(now, visits, learned)


def _kind(arrival: rows.Arrival) -> tuple[int, int]:
    return arrival.service_id, _lead(arrival.appointment_at - arrival.booked_at)


def _habits(arrivals: Sequence[rows.Arrival]) -> played.Habits:
    came = [each for each in arrivals if each.came_at is not None]
    early = ((each.appointment_at - each.came_at).total_seconds() for each in came if each.came_at)
    return habits(len(came), len(arrivals), early)
