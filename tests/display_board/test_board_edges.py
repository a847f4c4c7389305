"""The board's times and numbers by their values: to the second, and as many as are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from display_board.board import Announced, LineDown, SnapshotTaken
from tests.display_board.samples import NINE, call, snapshot
from tests.display_board.test_board import Wall


def wall_at(seconds, announced=()):
    wall = Wall(announced)
    wall.seconds = seconds
    return wall


@pytest.mark.parametrize(("age", "calls"), [(120.0, [1]), (120.5, [])])
def test_a_call_is_announced_up_to_two_minutes_later(age, calls):
    wall = wall_at(age)
    wall.hear(call(1))
    assert wall.calls == calls


@pytest.mark.parametrize(("waiting", "seconds"), [(1, 5.0), (2, 5.0), (3, 3.5), (4, 3.5)])
def test_a_number_is_shown_for_five_seconds_and_in_a_rush_for_three_and_a_half(waiting, seconds):
    wall = wall_at(100.0)
    for number in range(1, waiting + 2):
        wall.hear(call(number, at=100.0))
    wall.wait(seconds - 0.25)
    assert wall.calls == [1]
    wall.wait(0.25)
    assert wall.calls == [1, 2]
    assert wall.board.shown_at == 100.0 + seconds


def test_a_number_leaves_the_big_place_three_minutes_after_its_call():
    wall = wall_at(100.0)
    wall.hear(call(1))
    wall.wait(79.5)
    assert wall.board.shown == call(1)
    wall.wait(0.5)
    assert (wall.board.shown, wall.board.shown_at) == (None, None)
    assert wall.board.recent == (call(1),)


def test_a_call_heard_late_keeps_its_five_seconds_although_its_three_minutes_are_over():
    wall = wall_at(119.0)
    wall.hear(call(1))
    wall.hear(call(2, at=119.0))
    wall.wait(5.0)
    assert wall.calls == [1, 2]
    assert wall.board.shown == call(2, at=119.0)


@pytest.mark.parametrize(("age", "shown"), [(179.5, call(1)), (180.0, None)])
def test_a_board_that_is_switched_on_shows_the_newest_call_of_the_last_three_minutes(age, shown):
    wall = wall_at(age)
    wall.take(SnapshotTaken(snapshot(call(1), as_of=1), anew=True))
    assert (wall.calls, wall.board.shown, wall.board.shown_at) == ([], shown, None)


def test_a_board_that_is_switched_on_shows_no_call_that_is_over():
    wall = wall_at(150.0)
    wall.take(SnapshotTaken(snapshot(call(2, active=False), call(1), as_of=2), anew=True))
    assert wall.board.shown == call(1)


@pytest.mark.parametrize(("apart", "calls"), [(1.5, []), (2.0, [1]), (-1.5, []), (-2.0, [1])])
def test_the_same_id_within_two_seconds_is_the_same_call(apart, calls):
    wall = wall_at(10.0, announced=(Announced(1, NINE + timedelta(seconds=5.0 + apart)),))
    wall.hear(call(1, at=5.0))
    assert wall.calls == calls


def test_the_sign_comes_at_the_fifth_second():
    wall = wall_at(10.0)
    wall.take(LineDown())
    wall.wait(4.5)
    assert not wall.board.has_sign
    wall.wait(0.5)
    assert wall.board.has_sign


def test_the_newest_thirty_calls_are_listed():
    wall = wall_at(100.0)
    old = [call(number, active=False) for number in range(40, 0, -1)]
    wall.take(SnapshotTaken(snapshot(*old, as_of=40), anew=True))
    assert [shown.id for shown in wall.board.recent] == list(range(40, 10, -1))
    wall.hear(call(41, at=100.0))
    assert [shown.id for shown in wall.board.recent] == list(range(41, 11, -1))
    wall.hear(call(42, at=-100.0))
    assert wall.calls == [41]
    assert [shown.id for shown in wall.board.recent] == list(range(42, 12, -1))


def test_the_newest_four_hundred_calls_are_remembered():
    wall = wall_at(0.0, announced=tuple(Announced(number, NINE) for number in range(1001, 1401)))
    wall.hear(call(1))
    assert [each.id for each in wall.board.announced] == [*range(1002, 1401), 1]


def test_boards_look_every_fifteen_seconds_of_the_servers_clock():
    wall = wall_at(14.0)
    wall.take(SnapshotTaken(snapshot(as_of=1), anew=True))
    looks = []
    for _ in range(32):
        wall.wait(1.0)
        looks.append(wall.looks)
    assert looks == [1] * 15 + [2] * 15 + [3] * 2
