"""The wait estimate: a range that is honest against a simulated office, and that nothing odd can upset."""

from __future__ import annotations

import heapq
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.estimate import Pace, expected_call, pace, within_hours

NOW = datetime(2026, 5, 4, 8, 0, 30, tzinfo=UTC)
SURE = 10**6  # samples


def minutes(pace_: Pace, people_ahead: int) -> tuple[float, float]:
    expected = expected_call(people_ahead, NOW, pace_)
    assert expected is not None
    return (expected[0] - NOW).total_seconds() / 60, (expected[1] - NOW).total_seconds() / 60


def test_people_ahead_times_busy_time_by_open_counters_lies_in_the_range():
    early, late = minutes(Pace(600, open_counters=2, samples=SURE), people_ahead=6)
    assert early < 6 * 10 / 2 < late


def test_while_no_counter_is_open_nobody_can_tell():
    assert expected_call(0, NOW, Pace(600, open_counters=0, samples=SURE)) is None


def test_the_first_in_line_is_called_within_one_completion():
    assert expected_call(0, NOW, Pace(600, 2, SURE)) == (
        datetime(2026, 5, 4, 8, 0, tzinfo=UTC),
        datetime(2026, 5, 4, 8, 6, tzinfo=UTC),
    )


def test_long_waits_are_told_in_five_minutes():
    expected = expected_call(20, NOW, Pace(600, 2, SURE))
    assert expected is not None
    assert all(instant.minute % 5 == 0 and instant.second == 0 for instant in expected)


def test_few_samples_make_the_range_wider():
    few, many = (minutes(Pace(600, 2, samples), 8) for samples in (2, 50))
    assert few[0] < many[0]
    assert many[1] < few[1]


def test_a_booked_visitor_is_not_expected_before_their_hour():
    hour = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    expected = expected_call(1, NOW, Pace(600, 2, SURE), not_before=hour)
    assert expected == (hour, hour + timedelta(minutes=5))


CLOSES = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)


def around(middle: datetime) -> tuple[datetime, datetime]:
    return middle - timedelta(minutes=10), middle + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("expected", "now", "told"),
    [
        (around(CLOSES - timedelta(minutes=10)), NOW, (around(CLOSES - timedelta(minutes=10)), False)),
        (around(CLOSES - timedelta(minutes=1)), NOW, ((CLOSES - timedelta(minutes=11), CLOSES), False)),
        (around(CLOSES), NOW, (None, True)),
        (around(CLOSES + timedelta(hours=15)), NOW, (None, True)),
        (None, NOW, (None, False)),
        (around(CLOSES + timedelta(minutes=11)), CLOSES, (None, False)),
        (None, CLOSES, (None, True)),
    ],
)
def test_no_expected_time_lies_after_closing(
    expected: tuple[datetime, datetime] | None, now: datetime, told: tuple[object, bool]
):
    assert within_hours(expected, now, CLOSES) == told
    assert within_hours(expected, now, None) == (expected, False)


@given(
    st.integers(0, 10_000),
    st.floats(1, 36_000),
    st.integers(1, 50),
    st.integers(0, 1000),
    st.none() | st.integers(-600, 600).map(lambda minute: NOW + timedelta(minutes=minute)),
)
def test_every_range_is_a_range_from_now_on(
    people: int, seconds: float, counters: int, samples: int, hour: datetime | None
):
    expected = expected_call(people, NOW, Pace(seconds, counters, samples), hour)
    assert expected is not None
    assert NOW - timedelta(minutes=1) < expected[0] < expected[1]
    more = expected_call(people + 1, NOW, Pace(seconds, counters, samples), hour)
    assert more is not None
    assert expected[1] <= more[1] + timedelta(minutes=5)  # the grain may grow with the wait


def test_the_pace_is_the_mean_of_many_visits_without_the_odd_ones():
    usual = [480.0, 540.0, 600.0, 660.0, 720.0] * 10
    measured = pace([*usual, 40_000.0, 1.0], open_counters=3, fallback_seconds=600)
    assert measured.seconds_per_completion == pytest.approx(600, rel=0.02)
    assert (measured.open_counters, measured.samples) == (3, 52)


def test_without_visits_the_pace_is_the_services_setting():
    assert pace([], 1, fallback_seconds=900) == Pace(900, 1, 0)


def test_one_forgotten_ticket_in_the_morning_does_not_scare_everybody_away():
    assert pace([600, 600, 36_000], 1, fallback_seconds=600).seconds_per_completion == 600


def test_four_in_five_visitors_of_a_simulated_office_are_called_inside_their_range():
    chance, inside, rounds = Random(20260504), 0, 400
    for _ in range(rounds):
        counters, people = chance.randint(1, 4), chance.randint(0, 15)
        visits = [chance.lognormvariate(6.2, 0.55) for _ in range(people + 60)]
        expected = expected_call(people, NOW, pace(visits[:40], counters, fallback_seconds=600))
        # All counters are busy, each somewhere in the middle of a visit.
        free_at = [chance.random() * visit for visit in visits[40 : 40 + counters]]
        heapq.heapify(free_at)
        for visit in visits[60 : 60 + people]:
            heapq.heapreplace(free_at, free_at[0] + visit)
        assert expected is not None
        inside += expected[0] <= NOW + timedelta(seconds=free_at[0]) <= expected[1]
    assert 0.75 <= inside / rounds <= 0.9


def test_a_tenth_at_each_end_is_left_out_and_the_setting_counts_as_five_visits():
    squares = [float(number * number) for number in range(1, 21)]
    kept = sum(squares[2:18])
    assert pace(squares, 1, fallback_seconds=600).seconds_per_completion == (kept + 5 * 600) / 21


def test_of_one_or_two_visits_none_is_left_out():
    assert pace([100], 1, fallback_seconds=600).seconds_per_completion == (100 + 5 * 600) / 6
    assert pace([100, 500], 1, fallback_seconds=600).seconds_per_completion == (600 + 5 * 600) / 7


def test_no_sample_counts_as_one():
    none, one, two = (minutes(Pace(600, 2, samples), 8) for samples in (0, 1, 2))
    assert none == one
    assert one[0] < two[0]


def test_the_first_in_line_may_be_called_at_once():
    now = NOW.replace(second=59, microsecond=500_000)
    expected = expected_call(0, now, Pace(60, 1, samples=1))
    assert expected is not None
    assert expected[0] == NOW.replace(second=0)


@pytest.mark.parametrize(
    ("hour", "told"),
    [("08:11:59", "08:11"), ("08:12:00", "08:10"), ("08:12:01", "08:10"), ("08:13:00", "08:10")],
)
def test_from_ten_minutes_on_five_minutes_are_the_grain(hour: str, told: str):
    now = datetime(2026, 5, 4, 8, 2, tzinfo=UTC)
    expected = expected_call(
        0, now, Pace(60, 1, SURE), not_before=datetime.fromisoformat(f"2026-05-04T{hour}+00:00")
    )
    assert expected is not None
    assert f"{expected[0]:%H:%M}" == told
