"""The board's brain: each call is announced once and in order, whatever the line and the power do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from display_board.board import (
    BEAT_SECONDS,
    FRESH_FOR,
    LINGER,
    SHOW_SECONDS,
    SIGN_AFTER_SECONDS,
    Announce,
    Board,
    FactHeard,
    LineDown,
    LineUp,
    LookAgain,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from tests.display_board.samples import NINE, call, fact, snapshot
from wire.messages import FactData


class Wall:
    """A board on its wall, with a clock that a test moves."""

    def __init__(self, announced=()):
        self.board = Board(announced=announced)
        self.seconds = 0.0
        self.calls = []
        self.looks = 0

    def take(self, event, after=0.0):
        self.seconds += after
        moment = Moment(self.seconds, NINE + timedelta(seconds=self.seconds))
        self.board, effects = advance(self.board, event, moment)
        self.calls += [effect.call.id for effect in effects if isinstance(effect, Announce)]
        self.looks += sum(isinstance(effect, LookAgain) for effect in effects)

    def wait(self, seconds):
        self.take(Tick(), after=seconds)

    def hear(self, made, number=None, kind="ticket.called"):
        self.take(FactHeard(number or made.id, kind, fact(made)))


def test_the_first_call_is_announced_at_once():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(as_of=10), anew=True))
    wall.hear(call(42), 11)
    assert wall.calls == [42]
    assert wall.board.shown == call(42)
    assert wall.looks == 0


def test_calls_that_come_together_are_shown_one_after_the_other():
    wall = Wall()
    for number in (1, 2, 3):
        wall.hear(call(number))
    assert wall.calls == [1]
    assert [shown.id for shown in wall.board.recent] == [1]
    wall.wait(SHOW_SECONDS - 0.1)
    assert wall.calls == [1]
    wall.wait(0.2)
    assert wall.calls == [1, 2]
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [1, 2, 3]
    assert [shown.id for shown in wall.board.recent] == [3, 2, 1]


def test_a_recall_is_announced_again_and_listed_once():
    wall = Wall()
    wall.hear(call(1))
    again = call(1).model_copy(update={"id": 2, "called_at": NINE + timedelta(seconds=30)})
    wall.seconds = 30
    wall.hear(again, kind="ticket.recalled")
    assert wall.calls == [1, 2]
    assert [shown.number for shown in wall.board.recent] == ["P001"]


def test_a_call_is_announced_once_whether_fact_or_snapshot_tells_it_first():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(call(5), as_of=5), anew=True))
    wall.hear(call(5))
    wall.take(SnapshotTaken(snapshot(call(5), as_of=6)))
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [5]


def test_a_restarted_board_announces_only_what_it_did_not_announce():
    before = Wall()
    before.hear(call(1))
    after = Wall(announced=before.board.announced)
    after.take(SnapshotTaken(snapshot(call(2), call(1), as_of=2), anew=True))
    assert after.calls == [2]
    assert [shown.id for shown in after.board.recent] == [2, 1]


def test_a_new_database_that_counts_from_one_again_is_heard():
    wall = Wall()
    wall.hear(call(1))
    wall.seconds = 60
    wall.take(SnapshotTaken(snapshot(call(1, at=50), as_of=1), anew=True))
    assert wall.calls == [1, 1]


def test_an_old_call_is_shown_but_never_as_new():
    wall = Wall()
    wall.seconds = FRESH_FOR.total_seconds() + 1
    wall.take(SnapshotTaken(snapshot(call(1), as_of=1), anew=True))
    assert (wall.calls, wall.board.shown, wall.board.shown_at) == ([], call(1), None)
    wall.hear(call(2), 2)
    assert wall.calls == []


def test_a_call_that_is_over_is_listed_only():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(call(1, active=False), as_of=1), anew=True))
    assert (wall.calls, wall.board.shown) == ([], None)
    assert [shown.id for shown in wall.board.recent] == [1]


@pytest.mark.parametrize("kind", ["ticket.put_back", "ticket.withdrawn", "ticket.transferred"])
def test_a_call_taken_back_before_its_turn_is_not_announced(kind):
    wall = Wall()
    wall.hear(call(1))
    wall.hear(call(2))
    wall.hear(call(2), 3, kind)
    wall.hear(call(1), 4, kind)
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [1]
    assert (wall.board.shown, wall.board.recent) == (None, ())


def test_a_served_call_keeps_its_turn_and_leaves_the_big_place_later():
    wall = Wall()
    wall.hear(call(1))
    wall.hear(call(2))
    wall.hear(call(2), 3, "ticket.started")
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [1, 2]
    wall.wait(LINGER.total_seconds())
    assert wall.board.shown is None
    assert [shown.id for shown in wall.board.recent] == [2, 1]


def test_a_snapshot_does_not_cut_a_turn_short():
    wall = Wall()
    wall.hear(call(1))
    again = call(1).model_copy(update={"id": 2})
    wall.hear(again, kind="ticket.recalled")
    wall.take(SnapshotTaken(snapshot(again, as_of=2)))
    assert (wall.calls, wall.board.shown) == ([1], call(1))
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [1, 2]


def test_a_snapshot_that_lists_few_calls_takes_no_turn_away():
    wall = Wall()
    for number in range(1, 20):
        wall.hear(call(number))
    wall.take(SnapshotTaken(snapshot(call(19), call(18), as_of=19)))
    for _ in range(20):
        wall.wait(SHOW_SECONDS)
    assert wall.calls == list(range(1, 20))


def test_a_call_that_is_over_in_the_snapshot_loses_its_turn():
    wall = Wall()
    wall.hear(call(1))
    wall.hear(call(2))
    wall.take(SnapshotTaken(snapshot(call(2, active=False), call(1), as_of=2)))
    wall.wait(SHOW_SECONDS)
    assert wall.calls == [1]


def test_who_waits_again_is_not_listed_as_called():
    wall = Wall()
    calls = call(2, active=False), call(1)
    wall.take(SnapshotTaken(snapshot(*calls, as_of=2, waiting=[(["P002", "P003"], 2)]), anew=True))
    assert [shown.number for shown in wall.board.recent] == ["P001"]


def test_a_new_beginning_that_does_not_know_the_shown_call_takes_it_away():
    wall = Wall()
    wall.hear(call(1))
    wall.take(SnapshotTaken(snapshot(as_of=0), anew=True))
    assert wall.board.shown is None


def test_a_snapshot_that_was_overtaken_changes_nothing_and_is_asked_again():
    wall = Wall()
    wall.hear(call(1), 11)
    looks = wall.looks
    wall.take(SnapshotTaken(snapshot(as_of=10)))
    assert [shown.id for shown in wall.board.recent] == [1]
    assert wall.looks == looks + 1


def test_a_fact_that_the_snapshot_already_counts_changes_nothing():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(call(1), as_of=7), anew=True))
    wall.hear(call(1), 6, "ticket.put_back")
    assert wall.board.shown == call(1)


def test_a_called_number_no_longer_waits():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(as_of=1, waiting=[(["P002", "P003"], 5)]), anew=True))
    wall.hear(call(2))
    assert [(line.numbers, line.total) for line in wall.board.waiting] == [(["P003"], 4)]


def test_the_sign_comes_after_five_seconds_and_goes_with_the_line():
    wall = Wall()
    wall.take(LineDown())
    wall.take(LineDown(), after=SIGN_AFTER_SECONDS - 0.1)
    assert not wall.board.has_sign
    wall.wait(0.2)
    assert wall.board.has_sign
    wall.take(LineUp())
    assert not wall.board.has_sign


def test_after_a_silence_as_long_the_sign_comes_at_once():
    wall = Wall()
    wall.take(LineDown(SIGN_AFTER_SECONDS - 0.1))
    assert not wall.board.has_sign
    wall.take(LineUp())
    wall.take(LineDown(SIGN_AFTER_SECONDS))
    assert wall.board.has_sign


def test_a_call_without_its_counter_is_left_to_the_snapshot():
    wall = Wall()
    wall.take(FactHeard(1, "ticket.called", FactData(at=NINE, number="P001")))
    assert (wall.calls, wall.looks) == ([], 1)


@pytest.mark.parametrize("kind", ["ticket.finished", "ticket.no_show", "ticket.parked"])
def test_a_call_that_is_over_before_its_turn_is_listed_without_a_look(kind):
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(as_of=0), anew=True))
    for number in (1, 2, 3):
        wall.hear(call(number))
    wall.hear(call(3), 4, kind)
    wall.wait(SHOW_SECONDS)
    wall.wait(SHOW_SECONDS)
    assert (wall.calls, wall.looks) == ([1, 2], 0)
    assert [(shown.id, shown.active) for shown in wall.board.recent] == [(2, True), (3, False), (1, True)]


def test_an_old_call_heard_late_is_listed_without_a_look():
    wall = Wall()
    wall.seconds = FRESH_FOR.total_seconds() + 1
    wall.take(SnapshotTaken(snapshot(as_of=0, at=wall.seconds), anew=True))
    wall.hear(call(1))
    assert (wall.calls, [shown.id for shown in wall.board.recent], wall.looks) == ([], [1], 0)


def test_a_board_looks_once_in_each_beat_while_the_line_is_up():
    wall = Wall()
    wall.take(SnapshotTaken(snapshot(as_of=1), anew=True))
    wall.wait(BEAT_SECONDS - 0.1)
    assert wall.looks == 0
    wall.wait(0.2)
    wall.wait(0.2)
    assert wall.looks == 1
    wall.take(SnapshotTaken(snapshot(as_of=1)))
    wall.take(LineDown())
    wall.wait(BEAT_SECONDS)
    assert wall.looks == 1
    wall.take(LineUp())
    assert wall.looks == 2


def test_boards_that_were_switched_on_apart_look_together():
    first, second = Wall(), Wall()
    first.take(SnapshotTaken(snapshot(as_of=1), anew=True))
    second.take(SnapshotTaken(snapshot(as_of=1), anew=True), after=7)
    first.seconds = 7
    for wall in (first, second):
        wall.wait(BEAT_SECONDS - 7.1)
        assert wall.looks == 0
        wall.wait(0.1)
        assert wall.looks == 1
