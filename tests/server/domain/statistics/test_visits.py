"""What a ticket's times say, and which tickets are duplicates or abandoned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.statistics.visits import (
    NOT_CLOSED,
    Kind,
    Times,
    Visit,
    duplicates,
    in_order,
    kinds,
    times_of,
)
from tests.server.movable_clock import TEN, at


def visit(**values: Any) -> Visit:
    """Return a visit that waited ten minutes, walked one and was served for five."""
    usual: dict[str, Any] = {
        "id": 1,
        "service_id": 1,
        "status": "finished",
        "is_booked": False,
        "language": "pl",
        "issued_at": at("10:00"),
        "queued_at": at("10:00"),
        "calls": (at("10:10"),),
        "called_at": at("10:10"),
        "started_at": at("10:11"),
        "finished_at": at("10:16"),
        "outcome": "served",
        "counter_id": 7,
    }
    return Visit(**usual | values)


def test_a_plain_visit() -> None:
    assert times_of(visit()) == Times(wait=600, walk=60, service=300, total=960, busy=360)


def test_a_recall_ends_no_second_wait() -> None:
    assert times_of(visit(calls=(at("10:10"), at("10:12")))).wait == 600


def test_who_was_set_aside_waited_until_the_first_call() -> None:
    """Parked at 10:14 and called again at 10:40."""
    again = visit(calls=(at("10:10"), at("10:40")), called_at=at("10:40"), started_at=at("10:41"))
    times = times_of(replace(again, finished_at=at("10:50")))
    assert (times.wait, times.walk, times.service, times.total) == (600, 60, 540, 3000)


def test_who_was_sent_on_waits_anew_in_the_new_line() -> None:
    sent_on = visit(calls=(at("10:05"), at("10:20")), queued_at=at("10:12"), called_at=at("10:20"))
    assert times_of(replace(sent_on, started_at=at("10:21"), finished_at=at("10:30"))).wait == 480


@pytest.mark.parametrize("status", ["waiting", "called", "parked"])
def test_what_has_not_happened_has_no_time(status: str) -> None:
    waiting = visit(status=status, calls=(), called_at=None, started_at=None, finished_at=None, outcome=None)
    assert times_of(waiting) == Times()


def test_a_clock_that_went_back_makes_no_negative_time() -> None:
    back = visit(started_at=at("10:09"))
    assert times_of(back) == Times(wait=600, walk=None, service=420, total=960, busy=360, ran_back=True)
    assert times_of(visit(queued_at=at("10:20"), issued_at=at("10:20"))).wait is None


def test_a_time_of_more_than_a_day_is_not_known() -> None:
    later = visit(finished_at=TEN + timedelta(hours=25))
    assert (times_of(later).service, times_of(later).wait, times_of(later).ran_back) == (None, 600, False)


@pytest.mark.parametrize("status", ["finished", "no_show"])
def test_what_the_days_end_closed_has_no_times(status: str) -> None:
    assert times_of(visit(status=status, outcome=NOT_CLOSED)) == Times()


def test_somebody_who_did_not_come_waited_and_kept_the_counter() -> None:
    missed = visit(status="no_show", started_at=None, outcome=None)
    assert times_of(missed) == Times(wait=600, busy=360)


def test_a_clerk_says_that_a_ticket_was_taken_twice() -> None:
    assert duplicates([visit(status="withdrawn", outcome="ticket_twice")]) == {1}


@pytest.mark.parametrize(
    ("seconds", "other", "found"),
    [
        (30, {}, {1}),
        (-30, {}, {1}),
        (31, {}, set()),
        (10, {"service_id": 2}, set()),
        (10, {"language": "uk"}, set()),
        (10, {"is_booked": True}, set()),
        (10, {"status": "no_show"}, set()),
    ],
)
def test_an_unused_ticket_beside_a_used_one_is_a_duplicate(
    seconds: int, other: dict[str, Any], found: set[int]
) -> None:
    unused = visit(status="no_show", outcome=None)
    used = visit(id=2, issued_at=at("10:00") + timedelta(seconds=seconds), **other)
    assert duplicates([unused, used]) == found


def test_of_three_presses_one_is_served() -> None:
    presses = [visit(id=n, issued_at=at(f"10:00:{n:02}"), status="no_show", outcome=None) for n in (1, 2)]
    assert duplicates([*presses, visit(id=3, issued_at=at("10:00:03"))]) == {2}, "only what is beside it"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["no_show", "withdrawn", "finished", "waiting"]),
            st.sampled_from([1, 2]),
            st.booleans(),
            st.integers(0, 300),
            st.sampled_from([None, "ticket_twice"]),
        )
    )
)
def test_what_stands_beside_a_ticket_is_found_while_few_are_held(made: list[tuple[Any, ...]]) -> None:
    day = in_order(
        visit(id=n, status=status, service_id=service, is_booked=is_booked, outcome=outcome, issued_at=at)
        for n, (status, service, is_booked, seconds, outcome) in enumerate(made)
        if (at := TEN + timedelta(seconds=seconds))
    )
    lines = [[each for each in day if _line_of(each) == line] for line in (1, 2)]
    beside = {(one.id, other.id) for line in lines for one, other in pairwise(line)}
    twins = {
        one.id
        for one in day
        for other in day
        if not one.is_used
        and other.is_used
        and {(one.id, other.id), (other.id, one.id)} & beside
        and abs(one.issued_at - other.issued_at) <= timedelta(seconds=30)
    }
    taken: list[Visit] = []
    told = []
    for each, kind in kinds(taken.append(each) or each for each in day):
        told.append((each.id, kind))
        assert len(taken) - len(told) <= 2, "more than one of each line is held"
    assert {number for number, kind in told if kind is Kind.DUPLICATE} == twins | {
        each.id for each in day if each.outcome == "ticket_twice"
    }
    assert sorted(number for number, _ in told) == sorted(each.id for each in day)


def _line_of(visit: Visit) -> int:
    return 0 if visit.is_booked or visit.outcome == "ticket_twice" else visit.service_id


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, Kind.KEPT),
        ({"status": "waiting", "outcome": None}, Kind.KEPT),
        ({"status": "finished", "outcome": NOT_CLOSED}, Kind.KEPT),
        ({"status": "no_show", "outcome": None}, Kind.ABANDONED),
        ({"status": "withdrawn", "outcome": "visitor_left"}, Kind.ABANDONED),
        ({"status": "withdrawn", "outcome": "day_over"}, Kind.ABANDONED),
        ({"status": "withdrawn", "outcome": None}, Kind.ABANDONED),
        ({"status": "withdrawn", "outcome": "wrong_service"}, Kind.KEPT),
    ],
)
def test_kinds(values: dict[str, Any], kind: Kind) -> None:
    assert [found for _, found in kinds([visit(**values)])] == [kind]
