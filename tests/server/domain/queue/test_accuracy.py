"""What came of promised times: inside the range or not, by how much and in which direction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.queue.accuracy import Promise, accuracy

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def promise(called: float, first: float = 10, last: float = 20) -> Promise:
    """A range in minutes after nine, and the call."""
    return Promise(*(NINE + timedelta(minutes=each) for each in (first, last, called)))


@pytest.mark.parametrize(
    ("called", "is_kept"), [(9.99, False), (10, True), (20, True), (20.98, True), (21, False)]
)
def test_the_last_minute_of_a_range_counts_as_a_whole(called: float, is_kept: bool) -> None:
    assert promise(called).is_kept is is_kept


def test_the_error_is_from_the_middle_and_later_is_more() -> None:
    assert promise(25).error_minutes == 10
    assert promise(10).error_minutes == -5


def test_promises_are_summed_up() -> None:
    found = accuracy([promise(15), promise(26), promise(11), promise(4)])
    assert found is not None
    assert (found.promises, found.kept_share, found.near_share) == (4, 0.5, 0.5)
    assert (found.error_minutes, found.bias_minutes) == ((0 + 11 + 4 + 11) / 4, (0 + 11 - 4 - 11) / 4)


def test_of_nothing_nothing_is_said() -> None:
    assert accuracy([]) is None
