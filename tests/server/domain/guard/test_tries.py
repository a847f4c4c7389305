"""How long the next try of a password waits: each wait by its value (quality.md, Safe 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.guard.tries import TryPolicy, wait_until

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
POLICY = TryPolicy(free=3, longest=timedelta(minutes=10))


def test_a_while_is_a_quarter_of_an_hour_and_the_first_wait_a_second() -> None:
    assert (POLICY.within, POLICY.first) == (timedelta(minutes=15), timedelta(seconds=1))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_first_tries_are_free(count: int) -> None:
    assert wait_until(count, NOON, POLICY) is None


@pytest.mark.parametrize(
    ("count", "seconds"), [(3, 1), (4, 2), (5, 4), (12, 512), (13, 600), (27, 600), (10_000, 600)]
)
def test_each_wait_is_twice_the_one_before_up_to_the_longest(count: int, seconds: int) -> None:
    assert wait_until(count, NOON, POLICY) == NOON + timedelta(seconds=seconds)


def test_without_a_try_before_nothing_waits() -> None:
    assert wait_until(5, None, POLICY) is None


def test_the_waits_double_up_to_the_twenty_fourth_time() -> None:
    patient = TryPolicy(free=0, longest=timedelta(days=100_000))
    waits = [wait_until(count, NOON, patient) for count in (23, 24, 25, 26)]
    assert waits == [NOON + timedelta(seconds=2**power) for power in (23, 24, 24, 24)]
