"""The order of the voice: one call at a time, as the screen told them, and nothing that helps nobody."""

from __future__ import annotations

from datetime import time

import pytest

from display_board.announcements import (
    Arrived,
    Called,
    Ended,
    Queue,
    StillCalled,
    advance,
    decibels,
    volume_at,
)
from tests.display_board.samples import call
from wire.settings import VoiceSettings, VolumeByHour

ONCE = VoiceSettings(times=1)
TWICE = VoiceSettings(times=2)


def read(*events, settings=ONCE, volume=100, every=1.0):
    """Give the ids of the calls that are read, event by event, one a second."""
    queue, ids = Queue(), []
    for step, event in enumerate(events):
        queue, said = advance(queue, event, step * every, volume, settings)
        ids.append(said.id if said else None)
    return ids


def still(*numbers):
    return StillCalled(frozenset(f"P{number:03}" for number in numbers))


def test_a_call_is_read_at_once_when_the_line_is_free():
    assert read(Called(call(1)), Ended(), Called(call(2))) == [1, None, 2]


def test_calls_are_read_in_order_and_never_at_once():
    assert read(Called(call(1)), Called(call(2)), Called(call(3)), Ended(), Ended(), Ended()) == [
        *(1, None, None),
        *(2, 3, None),
    ]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_call_is_read_as_often_as_it_is_set(times):
    events = (Called(call(1)), *[Ended()] * 4)
    assert read(*events, settings=VoiceSettings(times=times)) == [1] * times + [None] * (5 - times)


def test_in_a_rush_each_call_is_read_once():
    events = (Called(call(1)), Called(call(2)), Called(call(3)), *[Ended()] * 5)
    assert read(*events, settings=TWICE) == [1, None, None, 2, 3, 3, None, None]


def test_a_call_that_is_over_is_not_read_any_more():
    events = (Called(call(1)), Called(call(2)), Called(call(3)), still(1, 3), Ended(), Ended())
    assert read(*events) == [1, None, None, None, 3, None]


def test_a_call_that_ends_while_it_is_read_is_not_read_again():
    assert read(Called(call(1)), still(), Ended(), settings=TWICE) == [1, None, None]
    assert read(Called(call(1)), still(1), Ended(), settings=TWICE) == [1, None, 1]


def test_whoever_is_at_the_counter_is_not_called_there_any_more():
    events = (Called(call(1)), Called(call(2)), Called(call(3)), Arrived("P002"), Ended(), Ended())
    assert read(*events) == [1, None, None, None, 3, None]
    assert read(Called(call(1)), Arrived("P001"), Ended(), settings=TWICE) == [1, None, None]
    assert read(Called(call(1)), Arrived("P002"), Ended(), settings=TWICE) == [1, None, 1]


def recalled(every):
    """Play call 2 waiting behind 1, and being recalled as 4 behind 3."""
    again = call(4).model_copy(update={"number": "P002"})
    events = (Called(call(1)), Called(call(2)), Called(call(3)), Called(again), *[Ended()] * 4)
    return [said for said in read(*events, every=every) if said]


def test_an_old_call_is_left_out_for_the_one_that_came_after_it():
    assert recalled(every=1.0) == [1, 2, 3, 4]
    assert recalled(every=20.0) == [1, 2, 3, 4]  # 2 waited for exactly a minute
    assert recalled(every=20.1) == [1, 3, 4]


def test_an_old_call_that_was_not_recalled_is_read_late():
    events = (Called(call(1)), Called(call(2)), Called(call(3)), Ended(), Ended())
    assert [said for said in read(*events, every=90.0) if said] == [1, 2, 3]


def test_without_volume_nothing_is_read_and_nothing_waits():
    assert read(Called(call(1)), Ended(), volume=0) == [None, None]
    queue, _ = advance(Queue(), Called(call(1)), 0.0, 100, TWICE)
    queue, said = advance(queue, Called(call(2)), 1.0, 100, TWICE)
    queue, said = advance(queue, Ended(), 2.0, 0, TWICE)
    assert (queue, said) == (Queue(), None)
    assert advance(queue, Called(call(3)), 3.0, 100, TWICE)[1].id == 3


def test_an_end_of_nothing_changes_nothing():
    assert advance(Queue(), Ended(), 0.0, 100, ONCE) == (Queue(), None)


EVENING = VoiceSettings(
    volume=80,
    volume_by_hour=(
        VolumeByHour(**{"from": "22:00", "until": "06:30", "volume": 0}),
        VolumeByHour(**{"from": "17:00", "until": "21:00", "volume": 30}),
    ),
)


@pytest.mark.parametrize(
    ("hour", "volume"),
    [
        ("16:59", 80),
        ("17:00", 30),
        ("20:59", 30),
        ("21:00", 80),
        ("22:00", 0),
        ("23:30", 0),
        ("00:00", 0),
        ("06:29", 0),
        ("06:30", 80),
    ],
)
def test_the_first_row_that_fits_the_hour_gives_the_volume(hour, volume):
    assert volume_at(time.fromisoformat(hour), EVENING) == volume


def test_a_row_from_an_hour_until_itself_is_the_whole_day():
    all_day = VoiceSettings(
        volume_by_hour=(VolumeByHour(**{"from": "08:00", "until": "08:00", "volume": 7}),)
    )
    assert [volume_at(time(hour), all_day) for hour in (0, 8, 12)] == [7, 7, 7]


def test_half_the_volume_sounds_half_as_loud():
    assert [decibels(volume) for volume in (100, 50, 25)] == [0, -10, -20]
    assert decibels(100) - decibels(20) > 18
