"""When counters were open: presences without the breaks that the log tells of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.statistics.open_times import Change, Presence, open_times
from tests.server.movable_clock import TEN, at

SIGNED_IN = Presence(7, 70, at("9:00"), at("12:00"))


def told(*changes: tuple[str, bool], presences: tuple[Presence, ...] = (SIGNED_IN,)) -> list[tuple[str, str]]:
    """Return the open times of counter 7 as hours in UTC offsets of the branch's day."""
    found = open_times(presences, [Change(7, at(hour), is_open) for hour, is_open in changes])
    return [(f"{each.begins_at - at('0:00')}", f"{each.ends_at - at('0:00')}") for each in found]


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ((), [("9:00:00", "12:00:00")]),
        ((("9:10", True),), [("9:10:00", "12:00:00")]),
        ((("10:00", False),), [("9:00:00", "10:00:00")]),
        (
            (("9:10", True), ("10:00", False), ("10:15", True)),
            [("9:10:00", "10:00:00"), ("10:15:00", "12:00:00")],
        ),
        ((("8:00", True), ("8:30", False)), []),
        ((("8:00", False), ("13:00", True)), []),
        ((("13:00", False),), [("9:00:00", "12:00:00")]),
        ((("10:00", True), ("10:00", False)), []),
    ],
)
def test_a_break_is_not_open(changes: tuple[tuple[str, bool], ...], wanted: list[tuple[str, str]]) -> None:
    assert told(*changes) == wanted


def test_another_counters_break_is_no_matter() -> None:
    assert open_times([SIGNED_IN], [Change(8, at("10:00"), is_open=False)]) == [SIGNED_IN]


@given(st.lists(st.tuples(st.integers(-60, 240), st.booleans()), max_size=8))
def test_minute_by_minute_it_is_the_state_that_the_last_change_left(said: list[tuple[int, bool]]) -> None:
    changes = [Change(7, TEN + timedelta(minutes=minute), is_open) for minute, is_open in said]
    presence = Presence(7, None, TEN, TEN + timedelta(minutes=180))
    found = open_times([presence], changes)
    ordered = sorted(changes, key=lambda each: each.at)
    for minute in range(180):
        instant = TEN + timedelta(minutes=minute, seconds=30)
        before = [each.is_open for each in ordered if each.at <= instant]
        is_open = before[-1] if before else not ordered or not ordered[0].is_open
        assert any(each.begins_at <= instant < each.ends_at for each in found) == is_open
