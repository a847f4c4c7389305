"""What people are told of a forecast: whole minutes, from now on, and nothing after closing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.queue.estimate import in_minutes, within_hours

NOW = datetime(2026, 5, 4, 8, 0, 30, tzinfo=UTC)


def test_a_range_is_told_in_whole_minutes_rounded_outwards() -> None:
    told = in_minutes(NOW + timedelta(minutes=4), NOW + timedelta(minutes=9), NOW)
    assert [f"{each:%H:%M:%S}" for each in told] == ["08:04:00", "08:10:00"]


def test_a_range_of_whole_minutes_stays_as_it_is() -> None:
    exact = datetime(2026, 5, 4, 8, 10, tzinfo=UTC), datetime(2026, 5, 4, 8, 12, tzinfo=UTC)
    assert in_minutes(*exact, NOW) == exact


def test_what_should_have_been_by_now_is_told_as_now() -> None:
    told = in_minutes(NOW - timedelta(minutes=9), NOW - timedelta(minutes=5), NOW)
    assert [f"{each:%H:%M}" for each in told] == ["08:00", "08:01"]


@given(st.integers(-5_000, 50_000), st.integers(0, 20_000))
def test_every_range_holds_what_it_was_made_of(first: int, length: int) -> None:
    earliest, latest = NOW + timedelta(seconds=first), NOW + timedelta(seconds=first + length)
    told = in_minutes(earliest, latest, NOW)
    assert told[0] <= max(earliest, NOW) <= max(latest, NOW) <= told[1]
    assert told[0] >= NOW - timedelta(minutes=1)


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
