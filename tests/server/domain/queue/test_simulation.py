"""The array simulation calls whom the rules of `order` call, at the same instants and counters."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.hall_model import Counter, Person, Rules
from server.domain.queue.order import CallPolicy, CounterRules, LineTicket, choose
from server.domain.queue.simulation import simulate
from server.domain.queue.tickets import TicketId

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
MINUTE = 60.0


def _ticket(n: int, person: Person) -> LineTicket:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    return LineTicket(
        TicketId(n),
        person.service,
        NOW + timedelta(seconds=person.queued_at),
        at(person.appointment_at),
        person.priority,
        at(person.urgent_since),
        person.language,
    )


def _rules(counter: Counter, rules: Sequence[Rules]) -> CounterRules:
    own = [
        CallPolicy(
            timedelta(seconds=each.lead),
            timedelta(seconds=each.overdue),
            timedelta(seconds=each.maximum_wait),
            long_wait_first=each.long_wait_first,
        )
        for each in rules
    ]
    start = timedelta(seconds=counter.head_start)
    return CounterRules(CallPolicy(), dict(enumerate(own)), counter.in_order, counter.languages, start)


def _by_the_rules(
    people: Sequence[Person],
    counters: Sequence[Counter],
    rules: Sequence[Rules],
    arrives_at: Sequence[float],
    lasts: Sequence[float],
    free_at: Sequence[float],
) -> tuple[list[float], list[int]]:
    """Play one run with `choose`, person by person: the meaning of `simulate`."""
    called, by = [math.inf] * len(people), [-1] * len(people)
    waiting = {n for n, at in enumerate(arrives_at) if at == -math.inf}
    events = [(at, 1, c) for c, at in enumerate(free_at)]
    events += [(at, 0, n) for n, at in enumerate(arrives_at) if at > -math.inf and at < math.inf]
    heapq.heapify(events)
    idle: dict[int, float] = {}
    own = [_rules(each, rules) for each in counters]

    def serves(counter: int, person: Person) -> bool:
        return (
            person.counter == counter
            if person.counter is not None
            else person.service in counters[counter].services
        )

    since: int | None = None
    while events:
        now, is_counter, index = heapq.heappop(events)
        if is_counter:
            caller = index
        else:
            waiting.add(index)
            able = [c for c in idle if serves(c, people[index])]
            if not able:
                continue
            caller = min(able, key=lambda c: (idle[c], c))
        served = [n for n in waiting if serves(caller, people[n])]
        tickets = [_ticket(n, people[n]) for n in served]
        chosen = choose(tickets, NOW + timedelta(seconds=now), own[caller], since)
        if chosen is None:
            idle[caller] = now
            continue
        idle.pop(caller, None)
        waiting.remove(chosen.id)
        called[chosen.id], by[chosen.id] = now, caller
        since = 0 if chosen.priority else None if since is None else since + 1
        heapq.heappush(events, (now + lasts[chosen.id], 1, caller))
    return called, by


seconds = st.integers(-4_000, 3_000)


Line = tuple[list[Person], list[Counter], list[Rules], list[float], list[float], list[float]]


@st.composite
def lines(draw: st.DrawFn, *, counters_differ: bool = False) -> Line:
    """Make a line of distinct instants, so that no tie decides."""
    count, desks = draw(st.integers(1, 14)), draw(st.integers(1, 4))
    spread = draw(st.lists(seconds, min_size=4 * count + 8, max_size=4 * count + 8, unique=True))
    values = [each + n / 1000 for n, each in enumerate(spread)]
    people, arrives, lasts = [], [], []
    for n in range(count):
        kinds = draw(st.sets(st.sampled_from(["booked", "priority", "urgent"])))
        came = draw(st.booleans())
        arrival = -math.inf if came else abs(values[4 * n]) + 1
        queued = -abs(values[4 * n]) if came else arrival
        people.append(
            Person(
                draw(st.integers(0, 2)),
                queued,
                values[4 * n + 1] if "booked" in kinds else None,
                "priority" in kinds,
                -abs(values[4 * n + 2]) if "urgent" in kinds else None,
                draw(st.sampled_from(["pl", "uk"])) if counters_differ else "",
                draw(st.none() | st.integers(0, desks - 1)) if counters_differ else None,
            )
        )
        arrives.append(math.inf if not came and draw(st.booleans()) else arrival)
        lasts.append(abs(values[4 * n + 3]) / 4 + 1)
    counters = [draw(_counters(counters_differ)) for _ in range(desks)]
    rules = [draw(_figures) if counters_differ else Rules() for _ in range(3)]
    return people, counters, rules, arrives, lasts, [abs(each) for each in values[-desks:]]


_figures = st.builds(
    Rules,
    st.sampled_from([60.0, 600.0]),
    st.sampled_from([300.0, 900.0]),
    st.sampled_from([600.0, 2700.0]),
    st.booleans(),
)


@st.composite
def _counters(draw: st.DrawFn, differ: bool) -> Counter:
    services = draw(st.lists(st.integers(0, 2), min_size=1, unique=True))
    if not differ:
        return Counter(frozenset(services))
    in_order = tuple(services) if draw(st.booleans()) else ()
    languages = frozenset(draw(st.sets(st.sampled_from(["pl", "uk"]))))
    return Counter(
        frozenset(services),
        in_order=in_order,
        languages=languages,
        head_start=draw(st.sampled_from([0.0, 600.0])),
    )


def _is_played_by_the_rules(line: Line) -> None:
    people, counters, rules, arrives, lasts, free = line
    calls = simulate(
        people,
        counters,
        rules,
        arrives_at=np.array([arrives, arrives]),
        lasts=np.array([lasts, lasts]),
        free_at=np.array([free, free]),
    )
    called, by = _by_the_rules(people, counters, rules, arrives, lasts, free)
    for run in range(2):
        assert calls.called_at[run].tolist() == pytest.approx(called)
        assert calls.counter[run].tolist() == by


@given(lines())
def test_it_calls_whom_the_rules_call(line: Line) -> None:
    _is_played_by_the_rules(line)


@given(lines(counters_differ=True))
def test_it_knows_strict_orders_languages_and_who_was_sent_to_a_counter(line: Line) -> None:
    _is_played_by_the_rules(line)


def test_a_walk_in_of_46_minutes_goes_before_a_booked_visitor_of_now() -> None:
    people = [Person(0, -46 * MINUTE), Person(0, -20 * MINUTE, -1.0), Person(0, -47 * MINUTE, -11 * MINUTE)]
    calls = simulate(
        people,
        [Counter(frozenset({0}))],
        [Rules()],
        arrives_at=np.full((1, 3), -np.inf),
        lasts=np.full((1, 3), 60.0),
        free_at=np.zeros((1, 1)),
    )
    assert calls.called_at.tolist() == [[60.0, 120.0, 0.0]]


def test_nobody_is_called_by_a_counter_that_does_not_serve_them() -> None:
    calls = simulate(
        [Person(0, -5.0), Person(1, -9.0)],
        [Counter(frozenset({0}))],
        [Rules()] * 2,
        arrives_at=np.full((1, 2), -np.inf),
        lasts=np.ones((1, 2)),
        free_at=np.zeros((1, 1)),
    )
    assert calls.called_at.tolist() == [[0.0, math.inf]]
    assert calls.counter.tolist() == [[0, -1]]


def test_in_each_run_walk_ins_have_waited_since_they_came_in_it() -> None:
    people = [Person(0, 1.0), Person(1, 2.0)]
    arrives = np.array([[10.0, 20.0], [20.0, 10.0]])

    def called(**more: object) -> list[list[float]]:
        calls = simulate(
            people,
            [Counter(frozenset({0, 1}))],
            [Rules(), Rules()],
            arrives_at=arrives,
            lasts=np.full((2, 2), 60.0),
            free_at=np.full((2, 1), 30.0),
            **more,  # type: ignore[arg-type]
        )
        found: list[list[float]] = calls.called_at.tolist()
        return found

    assert called(queued_at=arrives) == [[30.0, 90.0], [90.0, 30.0]]
    assert called() == [[30.0, 90.0], [30.0, 90.0]]
