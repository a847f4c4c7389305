"""How many waited when, by an example and against counting each ticket; which visit takes unusually long."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.hall import STEP, day_curve, takes_long, whole_minutes
from tests.server.movable_clock import at

BEGIN = at("09:00")
_minutes = st.integers(-30, 300)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_the_curve_counts_at_each_step_and_now() -> None:
    waits = [
        (at("09:00"), at("09:15")),
        (at("09:05"), None),
        (at("09:20"), at("09:21")),
        (at("09:32"), None),
    ]
    curve = day_curve(waits, BEGIN, at("09:35"))
    assert [(f"{point.at - BEGIN}", point.count) for point in curve] == [
        ("0:00:00", 1),
        ("0:10:00", 2),
        ("0:20:00", 2),
        ("0:30:00", 1),
        ("0:35:00", 2),
    ]


@given(st.lists(st.tuples(_minutes, st.none() | st.integers(0, 100))), st.integers(0, 200))
def test_the_curve_says_what_counting_says(found: list[tuple[int, int | None]], past: int) -> None:
    waits = [
        (BEGIN + minutes(since), None if length is None else BEGIN + minutes(since + length))
        for since, length in found
    ]
    now = BEGIN + minutes(past)
    for point in day_curve(waits, BEGIN, now):
        waiting = sum(
            since <= point.at and (until is None or until > point.at)
            for since, until in waits
            if since <= now
        )
        assert point.count == waiting


def test_before_it_begins_the_curve_is_one_point() -> None:
    assert [point.count for point in day_curve([], BEGIN, BEGIN)] == [0]
    assert len(day_curve([], BEGIN, BEGIN + 1000 * STEP)) < 150


def test_unusually_long_is_twice_the_usual_and_ten_minutes_at_least() -> None:
    assert takes_long(minutes(16), minutes(8))
    assert not takes_long(minutes(15.9), minutes(8))
    assert not takes_long(minutes(9), minutes(3))
    assert takes_long(minutes(10), minutes(3))


def test_minutes_have_passed_in_full() -> None:
    assert [whole_minutes(minutes(each)) for each in (-1, 0.99, 1, 15.5)] == [0, 0, 1, 15]
