"""Who is next: the ten examples of rules.md, and that heads and ranges of lanes say the same as all ranks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.order import (
    LAST,
    CallPolicy,
    Class,
    CounterRules,
    Lane,
    LineTicket,
    ahead,
    ahead_now,
    choose,
    judged_at,
    lane_at,
    lane_of,
    priority_allowed,
    rank,
)
from server.domain.queue.tickets import TicketId, next_status, permitted
from wire.vocabulary import TicketAction, TicketStatus

POLICY = CallPolicy()
RULES = CounterRules(POLICY)
PASSPORT, RESIDENCE = 1, 2


def clock(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, second, tzinfo=UTC)


def walk_in(number: int, since: datetime) -> LineTicket:
    return LineTicket(TicketId(number), PASSPORT, queued_at=since)


def booked(number: int, hour: datetime) -> LineTicket:
    return LineTicket(TicketId(number), PASSPORT, queued_at=clock(9, 0), appointment_at=hour)


# "At 10:00", rules.md
A = walk_in(1, clock(9, 20))
B = booked(2, clock(10, 0))
C = booked(3, clock(10, 10))
D = replace(walk_in(4, clock(9, 58)), priority=True)
E = walk_in(5, clock(9, 10))
F = booked(6, clock(9, 45))
G = replace(walk_in(7, clock(9, 59)), priority=True)


def order(tickets: Iterable[LineTicket], now: datetime, *, allowed: bool = True) -> list[LineTicket]:
    return sorted(tickets, key=lambda ticket: rank(ticket, now, POLICY, allowed))


def test_1_the_order_at_ten():
    assert order([A, B, C, D, E, F], clock(10, 0)) == [D, F, E, B, A, C]


def test_2_priority_visitors_have_every_second_call():
    assert choose([A, B, C, E, F, G], clock(10, 0), RULES, calls_since_priority=0) == F
    assert choose([A, B, C, E, G], clock(10, 0), RULES, calls_since_priority=1) == G


def test_3_at_9_57_b_is_not_due_and_a_is_next_before_it():
    assert rank(B, clock(9, 57), POLICY, True)[0] == 6
    assert order([A, B], clock(9, 57)) == [A, B]


def test_4_at_9_58_00_b_is_due():
    assert rank(B, clock(9, 58), POLICY, True)[0] == 4
    assert rank(B, clock(9, 58) - timedelta(microseconds=1), POLICY, True)[0] == 6


def test_5_at_10_05_a_has_waited_45_minutes_and_comes_before_b():
    assert order([A, B], clock(10, 5)) == [A, B]
    assert order([A, B], clock(10, 4, 59)) == [B, A]


def test_6_at_10_10_b_is_ten_minutes_past_and_comes_before_a():
    assert order([A, B], clock(10, 10)) == [B, A]
    assert order([A, B], clock(10, 9, 59)) == [A, B]


def test_7_who_is_present_early_is_called_when_nobody_else_waits():
    assert choose([C], clock(9, 50), RULES, None) == C


def test_8_of_two_booked_for_ten_the_earlier_issued_is_called():
    assert order([replace(B, id=TicketId(9)), B], clock(10, 0)) == [B, replace(B, id=TicketId(9))]


def test_9_who_is_parked_is_not_in_line_until_called_by_number():
    status = dict.fromkeys((A, B, C, E), TicketStatus.WAITING) | {F: TicketStatus.PARKED}
    line = [ticket for ticket in status if status[ticket] is TicketStatus.WAITING]
    assert choose(line, clock(10, 0), RULES, None) == E
    assert permitted(status[F], 0, 3)[0] is TicketAction.CALL
    assert next_status(status[F], TicketAction.CALL, 0, 3) is TicketStatus.CALLED
    assert next_status(TicketStatus.CALLED, TicketAction.PUT_BACK, 1, 3) is TicketStatus.WAITING
    assert choose([*line, F], clock(10, 0), RULES, None) == F


def test_10_when_nobody_waits_for_my_services_nobody_is_called():
    others = [replace(ticket, service_id=RESIDENCE) for ticket in (A, B, D)]
    mine = [ticket for ticket in others if ticket.service_id == PASSPORT]
    assert choose(mine, clock(10, 0), RULES, None) is None


def test_urgent_comes_before_everybody_since_when_it_was_decided():
    first = replace(C, urgent_since=clock(9, 50))
    second = replace(A, urgent_since=clock(9, 55))
    assert order([D, second, F, first], clock(10, 0))[:2] == [first, second]


def test_the_share_of_priority_visitors_is_a_setting():
    every_third = CallPolicy(priority_every=3)
    assert [priority_allowed(calls, every_third) for calls in (None, 0, 1, 2, 3)] == [
        True,
        False,
        False,
        True,
        True,
    ]
    assert priority_allowed(0, CallPolicy(priority_every=1))


# --- any line ----------------------------------------------------------------------------------------

NOW = clock(10, 0)
# Few instants, at and around the edges of the classes, so that ties and edges are hit all the time.
arrivals = st.sampled_from([-90, -46, -45, -44, -43, -2, 0]).map(
    lambda minute: NOW + timedelta(minutes=minute)
)
hours = st.sampled_from([-30, -11, -10, -9, 0, 1, 2, 3, 30]).map(
    lambda minute: NOW + timedelta(minutes=minute)
)
policies = st.builds(
    CallPolicy,
    lead=st.sampled_from([timedelta(0), timedelta(minutes=2)]),
    overdue=st.sampled_from([timedelta(0), timedelta(minutes=10)]),
    maximum_wait=st.sampled_from([timedelta(0), timedelta(minutes=45)]),
    priority_every=st.integers(1, 3),
    long_wait_first=st.booleans(),
)
people = st.builds(
    LineTicket,
    id=st.integers(1, 10_000).map(TicketId),
    service_id=st.sampled_from([PASSPORT, RESIDENCE]),
    queued_at=arrivals,
    appointment_at=st.none() | hours,
    priority=st.sampled_from([False, False, True]),
    urgent_since=st.sampled_from([None] * 6 + [clock(9, 30), clock(9, 31)]),
)
lines = st.lists(people, max_size=25, unique_by=lambda ticket: ticket.id)
calls = st.none() | st.integers(0, 3)


def place_in_lane(ticket: LineTicket) -> tuple[datetime, TicketId]:
    return lane_at(ticket), ticket.id


def heads(line: list[LineTicket], allowed: bool) -> list[LineTicket]:
    """What the store reads by index: the first of each lane of each service."""
    lanes: dict[tuple[object, ...], list[tuple[tuple[datetime, TicketId], LineTicket]]] = {}
    for ticket in line:
        natural, place = None, place_in_lane(ticket)
        if lane_of(ticket) is Lane.PRIORITY and not allowed:
            natural = Lane.BOOKED if ticket.appointment_at else Lane.WALK_IN
            place = (ticket.appointment_at or ticket.queued_at, ticket.id)
        lanes.setdefault((ticket.service_id, lane_of(ticket), natural), []).append((place, ticket))
    return [min(lane, key=lambda entry: entry[0])[1] for lane in lanes.values()]


counter_rules = st.builds(
    CounterRules,
    policies,
    st.dictionaries(st.sampled_from([PASSPORT, RESIDENCE]), policies),
    st.sampled_from([(), (PASSPORT, RESIDENCE), (RESIDENCE, PASSPORT), (RESIDENCE,)]),
)


@given(lines, counter_rules, calls)
def test_the_next_of_all_is_the_next_of_the_heads(
    line: list[LineTicket], rules: CounterRules, since: int | None
):
    found = heads(line, priority_allowed(since, rules.policy))
    assert len(found) <= 2 * (len(Lane) + 1)
    assert choose(found, NOW, rules, since) == choose(line, NOW, rules, since)


@given(lines, policies)
def test_who_is_ahead_is_counted_by_ranges_of_lanes(line: list[LineTicket], policy: CallPolicy):
    for ticket in line:
        now = judged_at(ticket, NOW, policy)
        before = ahead(ticket, NOW, policy)
        ranges = {lane: part for lane, part in before.items() if part is not None}
        counted = {
            each.id
            for each in line
            if lane_of(each) in ranges
            and place_in_lane(each) < (ranges[lane_of(each)].at, ranges[lane_of(each)].id)
        }
        own = rank(ticket, now, policy, True)
        assert counted == {each.id for each in line if rank(each, now, policy, True) < own}


@given(lines, policies, st.integers(0, 120))
def test_inside_a_lane_the_order_never_changes(line: list[LineTicket], policy: CallPolicy, later: int):
    for lane in Lane:
        waiting = sorted((each for each in line if lane_of(each) is lane), key=place_in_lane)
        ranks = [rank(each, NOW + timedelta(minutes=later), policy, True) for each in waiting]
        assert ranks == sorted(ranks)


@given(people, policies)
def test_a_priority_visitor_is_never_worse_off(ticket: LineTicket, policy: CallPolicy):
    plain = rank(replace(ticket, priority=False), NOW, policy, True)
    for allowed in (True, False):
        assert rank(replace(ticket, priority=True), NOW, policy, allowed) <= plain


def test_a_booked_visitor_is_told_who_is_ahead_at_their_hour():
    assert judged_at(C, clock(9, 0), POLICY) == clock(10, 8)
    assert judged_at(C, clock(10, 9), POLICY) == clock(10, 9)
    assert judged_at(A, clock(9, 30), POLICY) == clock(9, 30)
    assert rank(C, judged_at(C, clock(9, 0), POLICY), POLICY, True)[0] is Class.BOOKED_DUE


def test_a_priority_visitor_is_judged_now_though_they_have_an_hour():
    assert judged_at(replace(C, priority=True), clock(9, 0), POLICY) == clock(9, 0)


def test_the_classes_are_those_of_the_table():
    assert [(each.value, each.name) for each in Class] == [
        (0, "URGENT"),
        (1, "PRIORITY"),
        (2, "BOOKED_OVERDUE"),
        (3, "WALK_IN_OVERDUE"),
        (4, "BOOKED_DUE"),
        (5, "WALK_IN"),
        (6, "BOOKED_EARLY"),
    ]


def test_the_last_id_is_the_largest_that_a_column_holds():
    assert LAST == 0x7FFF_FFFF_FFFF_FFFF


def test_a_board_shows_the_line_as_it_is_and_not_as_it_will_be_when_a_visitor_is_due():
    early = booked(8, clock(12, 0))
    due = judged_at(early, clock(10, 0), POLICY)
    assert due > clock(10, 0)
    assert ahead_now(early, due, POLICY) == ahead(early, clock(10, 0), POLICY)
    assert ahead_now(early, clock(10, 0), POLICY) != ahead(early, clock(10, 0), POLICY)
    assert ahead_now(A, clock(10, 0), POLICY) == ahead(A, clock(10, 0), POLICY)
