"""The preview of rules, and what holds for all rules: nobody starves, booked come right, the share is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.order import CallPolicy, CounterRules, Lane, LineTicket
from server.domain.queue.preview import OpenCounter, PreviewedCall, preview, waits
from server.domain.queue.tickets import TicketId

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
P, L = 1, 2
ONE_COUNTER = (OpenCounter(1, frozenset({P, L}), NOON),)
LENGTHS = {P: 5 * MINUTE, L: 20 * MINUTE}


def ticket(
    number: int, queued: int, booked: int | None = None, *, service: int = P, **more: Any
) -> LineTicket:
    """Make a ticket queued so many minutes before noon, booked for so many minutes after noon."""
    hour = None if booked is None else NOON + booked * MINUTE
    return LineTicket(TicketId(number), service, NOON - queued * MINUTE, hour, **more)


def one_by(policy: CallPolicy, at: datetime = NOON) -> tuple[OpenCounter]:
    """Let one counter for both services call by a policy."""
    return (OpenCounter(1, frozenset({P, L}), at, CounterRules(policy)),)


def ids(calls: list[PreviewedCall]) -> list[int]:
    return [call.ticket.id for call in calls]


def test_one_counter_calls_as_each_visitor_takes_their_time() -> None:
    line = [ticket(1, 30), ticket(2, 20, service=L), ticket(3, 10)]
    calls = preview(line, ONE_COUNTER, None, LENGTHS)
    assert [(call.ticket.id, (call.at - NOON) // MINUTE) for call in calls] == [(1, 0), (2, 5), (3, 25)]


def test_a_counter_calls_only_for_its_services_and_two_share_the_line() -> None:
    counters = (OpenCounter(7, frozenset({P}), NOON), OpenCounter(12, frozenset({L}), NOON + MINUTE))
    line = [ticket(1, 30), ticket(2, 20, service=L), ticket(3, 10), ticket(4, 5, service=L)]
    calls = preview(line, counters, None, LENGTHS)
    assert [(call.ticket.id, call.counter) for call in calls] == [(1, 7), (2, 12), (3, 7), (4, 12)]


def test_the_waits_of_the_booked_count_from_their_hour() -> None:
    calls = preview([ticket(1, 30, -10), ticket(2, 5)], ONE_COUNTER, None, LENGTHS)
    found = waits(calls)
    assert found[Lane.BOOKED].longest == 10 * MINUTE
    assert (found[Lane.WALK_IN].called, found[Lane.WALK_IN].average) == (1, 10 * MINUTE)


def strictly(*services: int, policy: CallPolicy | None = None) -> tuple[OpenCounter]:
    """Let one counter call for its services strictly in this order."""
    rules = CounterRules(policy or CallPolicy(), in_order=services)
    return (OpenCounter(1, frozenset(services), NOON, rules),)


def test_a_strict_counter_calls_its_first_service_while_anybody_waits_there() -> None:
    line = [ticket(1, 40), ticket(2, 30, service=L), ticket(3, 10), ticket(4, 5, service=L)]
    assert ids(preview(line, ONE_COUNTER, None, LENGTHS)) == [1, 2, 3, 4]
    assert ids(preview(line, strictly(L, P), None, LENGTHS)) == [2, 1, 4, 3], "P waited 45 minutes by then"
    patient = CallPolicy(maximum_wait=timedelta(hours=9))
    assert ids(preview(line, strictly(L, P, policy=patient), None, LENGTHS)) == [2, 4, 1, 3]
    assert ids(preview(line, strictly(P, L, policy=patient), None, LENGTHS)) == [1, 3, 2, 4]


def test_who_is_urgent_has_priority_or_is_long_past_the_hour_comes_before_a_strict_order() -> None:
    others = [
        ticket(2, 5, urgent_since=NOON),
        ticket(3, 5, priority=True),
        ticket(4, 60, -10),
        ticket(5, 45),
        ticket(6, 44),
        ticket(7, 20, 2),
        ticket(8, 20, 3),
    ]
    first = [ticket(11, 1, 0, service=L), ticket(12, 1, service=L), ticket(13, 60, 300, service=L)]
    now = dict.fromkeys((P, L), timedelta(0))
    called = ids(preview(others + first, strictly(L, P), None, now))
    assert called == [2, 3, 4, 5, 11, 12, 7, 6, 13, 8], "only who is early stands behind all services"


def test_other_rules_give_another_order() -> None:
    line = [ticket(1, 40), ticket(2, 15, 0)]
    assert ids(preview(line, ONE_COUNTER, None, LENGTHS)) == [2, 1]
    sooner = CallPolicy(maximum_wait=30 * MINUTE)
    assert ids(preview(line, one_by(sooner), None, LENGTHS)) == [1, 2]


policies = st.builds(
    CallPolicy,
    lead=st.integers(0, 30).map(lambda each: each * MINUTE),
    overdue=st.integers(0, 60).map(lambda each: each * MINUTE),
    maximum_wait=st.integers(0, 120).map(lambda each: each * MINUTE),
    priority_every=st.integers(1, 10),
)
lines = st.lists(
    st.tuples(st.integers(0, 90), st.none() | st.integers(-60, 60), st.booleans()), min_size=1, max_size=25
).map(lambda each: [ticket(n, q, b, priority=p) for n, (q, b, p) in enumerate(each, 1)])
since = st.none() | st.integers(0, 12)


@given(lines, policies, since)
def test_everybody_is_called_once(
    line: list[LineTicket], policy: CallPolicy, calls_since: int | None
) -> None:
    assert sorted(ids(preview(line, one_by(policy), calls_since, LENGTHS))) == [each.id for each in line]


@given(lines, policies, since)
def test_inside_each_lane_nobody_is_overtaken(
    line: list[LineTicket], policy: CallPolicy, calls_since: int | None
) -> None:
    calls = [call.ticket for call in preview(line, one_by(policy), calls_since, LENGTHS)]
    walk_ins = [each for each in calls if each.appointment_at is None and not each.priority]
    assert all((a.queued_at, a.id) < (b.queued_at, b.id) for a, b in pairwise(walk_ins))
    booked = [each for each in calls if each.appointment_at is not None and not each.priority]
    assert all((a.appointment_at, a.id) < (b.appointment_at, b.id) for a, b in pairwise(booked))


@given(st.integers(2, 6), st.integers(1, 30))
def test_the_share_of_priority_is_kept_while_others_wait(every: int, people: int) -> None:
    line = [ticket(n, 60, priority=True) for n in range(1, people + 1)]
    line += [ticket(100 + n, 30) for n in range(1, people * every + 1)]
    policy = CallPolicy(priority_every=every, maximum_wait=timedelta(hours=99))
    calls = preview(line, one_by(policy), None, LENGTHS)
    by_right = [place for place, call in enumerate(calls) if call.ticket.priority]
    # Whoever waited longer than the others is next as a walk-in, too: then nobody was passed over.
    for first, second in pairwise(by_right):
        skipped = calls[first + 1 : second]
        assert second - first >= every or all(call.ticket.queued_at >= NOON - 60 * MINUTE for call in skipped)


def called_beside_a_stream(policy: CallPolicy, *, booked: bool, minutes: int) -> datetime | None:
    """Tell when a walk-in of noon is called while every five minutes somebody of the other kind comes."""
    own = LineTicket(TicketId(1), P, NOON)
    stream = []
    for n in range(minutes // 5):
        at = NOON + n * 5 * MINUTE
        stream.append(LineTicket(TicketId(2 + n), P, at, at if booked else None, not booked))
    since_priority: int | None = None
    waiting = [own]
    for n in range(minutes // 5):
        now = NOON + n * 5 * MINUTE
        waiting += [each for each in stream if each.queued_at == now]
        (call, *_) = preview(waiting, one_by(policy, now), since_priority, LENGTHS)
        since_priority = 0 if call.ticket.priority else None if since_priority is None else since_priority + 1
        waiting.remove(call.ticket)
        if call.ticket == own:
            return now
    return None


@given(st.integers(0, 120))
def test_beside_booked_visitors_who_come_on_time_a_walk_in_waits_no_longer_than_the_maximum(
    most: int,
) -> None:
    policy = CallPolicy(maximum_wait=most * MINUTE)
    at = called_beside_a_stream(policy, booked=True, minutes=most + 30)
    assert at is not None
    assert at - NOON <= (most + 5) * MINUTE


@given(st.integers(2, 10))
def test_beside_priority_visitors_without_end_a_walk_in_is_called_all_the_same(every: int) -> None:
    at = called_beside_a_stream(CallPolicy(priority_every=every), booked=False, minutes=120)
    assert at is not None
    assert at - NOON <= 10 * MINUTE


def test_control_with_a_share_of_one_they_would_never_be_called() -> None:
    assert called_beside_a_stream(CallPolicy(priority_every=1), booked=False, minutes=120) is None


def called_behind_another_service(rules: CounterRules, minutes: int) -> datetime | None:
    """Tell when a walk-in of noon is called while every five minutes two come for the counter's first service."""
    own = LineTicket(TicketId(1), L, NOON)
    waiting, came = [own], 1
    for n in range(minutes // 5):
        now = NOON + n * 5 * MINUTE
        waiting += [LineTicket(TicketId(came + 1), P, now), LineTicket(TicketId(came + 2), P, now)]
        came += 2
        (call, *_) = preview(waiting, (OpenCounter(1, frozenset({P, L}), now, rules),), None, LENGTHS)
        waiting.remove(call.ticket)
        if call.ticket == own:
            return now
    return None


@given(st.integers(0, 60), st.booleans())
def test_behind_a_service_without_end_a_walk_in_is_called_after_the_maximum_wait(
    most: int, is_first: bool
) -> None:
    policy = CallPolicy(maximum_wait=most * MINUTE, long_wait_first=is_first)
    at = called_behind_another_service(CounterRules(policy, in_order=(P, L)), most + 30)
    assert at is not None
    assert most * MINUTE <= at - NOON <= (most + 5) * MINUTE


@given(st.integers(1, 60))
def test_a_service_that_rules_its_own_maximum_wait_is_called_by_it(most: int) -> None:
    own = {L: CallPolicy(maximum_wait=most * MINUTE)}
    rules = CounterRules(CallPolicy(maximum_wait=timedelta(hours=99)), own, (P, L))
    at = called_behind_another_service(rules, most + 30)
    assert at is not None
    assert at - NOON <= (most + 5) * MINUTE


def test_control_without_a_maximum_wait_a_strict_order_would_starve_the_second_service() -> None:
    rules = CounterRules(CallPolicy(maximum_wait=timedelta(hours=99)), in_order=(P, L))
    assert called_behind_another_service(rules, 240) is None


def counters_in_order(policy: CallPolicy, services: tuple[int, ...]) -> tuple[OpenCounter]:
    return (OpenCounter(1, frozenset({P, L}), NOON, CounterRules(policy, in_order=services)),)


mixed = st.lists(
    st.tuples(st.integers(0, 90), st.none() | st.integers(-60, 60), st.booleans(), st.sampled_from([P, L])),
    min_size=1,
    max_size=25,
).map(lambda each: [ticket(n, q, b, priority=p, service=s) for n, (q, b, p, s) in enumerate(each, 1)])
strict = st.sampled_from([(P, L), (L, P)])


@given(mixed, policies, since, strict)
def test_in_a_strict_order_too_everybody_is_called_once_and_nobody_is_overtaken_in_a_lane(
    line: list[LineTicket], policy: CallPolicy, calls_since: int | None, order: tuple[int, ...]
) -> None:
    calls = [call.ticket for call in preview(line, counters_in_order(policy, order), calls_since, LENGTHS)]
    assert sorted(each.id for each in calls) == [each.id for each in line]
    for service in (P, L):
        own = [each for each in calls if each.service_id == service and not each.priority]
        walk_ins = [(each.queued_at, each.id) for each in own if each.appointment_at is None]
        booked = [(each.appointment_at, each.id) for each in own if each.appointment_at is not None]
        assert walk_ins == sorted(walk_ins)
        assert booked == sorted(booked)


@given(mixed, policies, since, strict)
def test_in_a_strict_order_too_no_walk_in_is_called_before_a_booked_visitor_long_past_the_hour(
    line: list[LineTicket], policy: CallPolicy, calls_since: int | None, order: tuple[int, ...]
) -> None:
    calls = preview(line, counters_in_order(policy, order), calls_since, LENGTHS)
    for place, call in enumerate(calls):
        later = [each.ticket for each in calls[place + 1 :]]
        if call.ticket.appointment_at is None and not call.ticket.priority:
            overdue = [
                each
                for each in later
                if each.appointment_at is not None and call.at - each.appointment_at >= policy.overdue
            ]
            assert not overdue


@given(mixed, since, strict)
def test_in_a_strict_order_too_priority_has_its_share_and_no_more(
    line: list[LineTicket], calls_since: int | None, order: tuple[int, ...]
) -> None:
    policy = CallPolicy(priority_every=2)
    calls = [call.ticket for call in preview(line, counters_in_order(policy, order), calls_since, LENGTHS)]
    for first, second, third in zip(calls, calls[1:], calls[2:], strict=False):
        if first.priority and not second.priority and not third.priority:
            after = calls[calls.index(third) + 1 :]
            assert not any(each.priority for each in after), "every second call is theirs while they wait"


def called_behind_a_language(rules: CounterRules, minutes: int) -> datetime | None:
    """Tell when a walk-in of noon is called while every five minutes two come who speak the clerk's language."""
    own = LineTicket(TicketId(1), P, NOON, language="pl")
    waiting, came = [own], 1
    for n in range(minutes // 5):
        now = NOON + n * 5 * MINUTE
        waiting += [LineTicket(TicketId(came + k), P, now, language="uk") for k in (1, 2)]
        came += 2
        (call, *_) = preview(waiting, (OpenCounter(1, frozenset({P}), now, rules),), None, LENGTHS)
        waiting.remove(call.ticket)
        if call.ticket == own:
            return now
    return None


PATIENT = CallPolicy(maximum_wait=timedelta(hours=99))


@given(st.integers(0, 60))
def test_a_head_start_for_a_language_starves_nobody(head_start: int) -> None:
    rules = CounterRules(PATIENT, languages=frozenset({"uk"}), head_start=head_start * MINUTE)
    at = called_behind_a_language(rules, 4 * head_start + 60)
    assert at is not None
    assert at - NOON <= (2 * head_start + 10) * MINUTE


def test_control_with_a_head_start_without_end_they_would_never_be_called() -> None:
    endless = CounterRules(PATIENT, languages=frozenset({"uk"}), head_start=timedelta(hours=99))
    assert called_behind_a_language(endless, 240) is None


@given(mixed, policies, since, st.integers(0, 60), st.data())
def test_nobody_is_overtaken_by_who_came_more_than_the_head_start_later(
    line: list[LineTicket], policy: CallPolicy, calls_since: int | None, head_start: int, data: st.DataObject
) -> None:
    line = [replace(each, language=data.draw(st.sampled_from(["pl", "uk"]))) for each in line]
    rules = CounterRules(policy, languages=frozenset({"uk"}), head_start=head_start * MINUTE)
    counter = OpenCounter(1, frozenset({P, L}), NOON, rules)
    calls = [each.ticket for each in preview(line, (counter,), calls_since, LENGTHS)]
    for place, first in enumerate(calls):
        for later in calls[place + 1 :]:
            same = first.appointment_at is None and later.appointment_at is None
            if same and not first.priority and not later.priority:
                assert first.queued_at - later.queued_at <= head_start * MINUTE
