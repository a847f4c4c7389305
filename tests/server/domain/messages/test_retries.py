"""When a message is tried again: each pause, how far it is spread, and the end, by their values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.domain.messages.retries import MOST_TRIES, pause


@pytest.mark.parametrize(
    ("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 180), (6, 180), (11, 180)]
)
def test_pauses_grow_to_three_hours(tries: int, minutes: int) -> None:
    assert pause(tries, 0.5) == timedelta(minutes=minutes)


def test_a_pause_is_spread_by_a_fifth_to_either_side() -> None:
    assert [pause(1, chance) for chance in (0, 1)] == [timedelta(seconds=48), timedelta(seconds=72)]


def test_an_even_chance_leaves_a_pause_as_it_is_and_others_spread_it_evenly() -> None:
    spread = [pause(5, chance) for chance in (0, 0.25, 0.5, 0.75, 1)]
    assert spread == [timedelta(minutes=minutes) for minutes in (144, 162, 180, 198, 216)]


@pytest.mark.parametrize("tries", [12, 13])
def test_after_twelve_tries_there_is_no_other(tries: int) -> None:
    assert MOST_TRIES == 12
    assert pause(tries, 0.5) is None
