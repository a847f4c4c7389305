"""What one fact does to a board, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from display_board.board import FactHeard, SnapshotTaken
from tests.display_board.samples import NINE, call, snapshot
from tests.display_board.test_board import Wall
from wire.messages import FactData


def wall_with(*numbers, at=0.0):
    """Give a board that heard these calls at one instant: the first is shown, the others wait for a turn."""
    wall = Wall()
    wall.seconds = at
    for number in numbers:
        wall.hear(call(number))
    return wall


def listed(wall):
    return [(each.id, each.active) for each in wall.board.recent]


def waiting(wall):
    return [each.id for each in wall.board.queue]


def test_a_call_that_grows_old_while_it_waits_for_its_turn_is_announced():
    wall = wall_with(1, 2, at=119.0)
    wall.wait(3.0)
    wall.take(SnapshotTaken(snapshot(call(2), call(1), as_of=2)))
    assert waiting(wall) == [2]
    wall.wait(2.0)
    assert wall.calls == [1, 2]


def test_a_snapshot_in_between_leaves_the_shown_call_even_when_it_lists_it_no_more():
    wall = wall_with(1)
    wall.take(SnapshotTaken(snapshot(call(3, active=False), as_of=2)))
    assert (wall.board.shown, wall.board.shown_at) == (call(1), 0.0)


def test_a_new_beginning_that_knows_the_shown_call_leaves_it():
    wall = wall_with(1)
    wall.take(SnapshotTaken(snapshot(call(1), as_of=1), anew=True))
    assert (wall.board.shown, wall.board.shown_at) == (call(1), 0.0)


def test_the_last_fact_that_a_snapshot_counts_changes_nothing():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(call(1), as_of=7), anew=True))
    wall.hear(call(1), 7, "ticket.put_back")
    assert wall.board.shown == call(1)
    wall.hear(call(1), 8, "ticket.put_back")
    assert wall.board.shown is None


def test_a_fact_that_does_not_tell_the_lines_leaves_them_until_the_look():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(as_of=1, waiting=[(["P002"], 1)]), anew=True))
    before = wall.board.waiting
    wall.hear(call(9), 2, "ticket.put_back")
    assert (wall.board.waiting, wall.looks) == (before, 1)


def test_a_fact_without_a_number_leaves_the_calls():
    wall = wall_with(1, 2)
    wall.take(FactHeard(3, "notice.changed", FactData(at=NINE)))
    assert (wall.board.as_of, wall.board.shown, waiting(wall), wall.looks) == (3, call(1), [2], 1)


@pytest.mark.parametrize(
    ("number", "kind", "looks"),
    [(1, "ticket.withdrawn", 1), (5, "ticket.withdrawn", 0), (1, "ticket.finished", 0)],
)
def test_a_board_looks_when_a_listed_call_goes_and_an_older_one_may_come_into_sight(number, kind, looks):
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(call(2), call(1), as_of=2), anew=True))
    wall.wait(5.0)
    wall.hear(call(number), 3, kind)
    assert wall.looks == looks


@pytest.mark.parametrize("more", [{"call": 1}, {"counter": 7}])
def test_half_a_call_is_left_to_the_snapshot(more):
    wall = Wall()
    wall.take(FactHeard(1, "ticket.called", FactData(at=NINE, number="P001", **more)))
    assert (wall.calls, wall.board.recent, wall.looks) == ([], (), 1)


@pytest.mark.parametrize(("told", "spoken"), [("en", "en"), ("uk", "uk"), (None, "pl")])
def test_a_call_is_spoken_in_the_language_of_its_ticket_or_in_polish(told, spoken):
    wall = Wall()
    data = FactData(at=NINE, number="P001", call=1, counter=7, language=told)
    wall.take(FactHeard(1, "ticket.called", data))
    assert wall.board.shown.language == spoken
    assert wall.board.shown.active


def test_a_call_that_waits_for_its_turn_is_not_listed_when_it_is_heard_again():
    wall = wall_with(1, 2)
    wall.hear(call(2), 3)
    assert (waiting(wall), listed(wall)) == ([2], [(1, True)])


def test_an_old_call_is_listed_beside_others():
    wall = wall_with(1)
    old = call(2).model_copy(update={"called_at": NINE - timedelta(minutes=5)})
    wall.hear(old, 2)
    assert (wall.calls, listed(wall)) == ([1], [(2, True), (1, True)])
    wall.hear(old, 3)
    assert listed(wall) == [(2, True), (1, True)]


def test_only_the_call_that_is_over_is_listed_before_its_turn():
    wall = wall_with(1, 2, 3)
    wall.hear(call(3), 4, "ticket.finished")
    assert (waiting(wall), listed(wall)) == ([2], [(3, False), (1, True)])


def test_a_listed_call_that_is_over_stays_listed_as_over():
    wall = wall_with(1, 2)
    wall.wait(5.0)
    wall.hear(call(1), 3, "ticket.finished")
    assert listed(wall) == [(2, True), (1, False)]


def test_only_the_call_that_was_taken_back_goes():
    wall = wall_with(1, 2, 3)
    wall.hear(call(2), 4, "ticket.withdrawn")
    assert (wall.board.shown, waiting(wall), listed(wall)) == (call(1), [3], [(1, True)])
    wall.wait(5.0)
    wall.hear(call(3), 5, "ticket.withdrawn")
    assert (wall.board.shown, listed(wall)) == (None, [(1, True)])


def test_a_number_whose_turn_came_late_is_shown_for_its_five_seconds_and_no_longer():
    wall = wall_with(*range(1, 22), at=119.0)
    while waiting(wall):
        wall.wait(0.5)
    assert wall.board.shown == call(21)
    assert wall.seconds > 180.0
    wall.wait(4.5)
    assert wall.board.shown == call(21)
    wall.wait(0.5)
    assert wall.board.shown is None
