"""Each call is announced exactly once and in order, for any weave of calls, cuts, repeats and restarts."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from display_board.board import (
    FRESH_FOR,
    SHOW_SECONDS,
    Announce,
    Board,
    FactHeard,
    LineDown,
    LineUp,
    Moment,
    SnapshotTaken,
    Tick,
    advance,
)
from tests.display_board.samples import NINE, call, fact, snapshot
from tests.examples import examples

STEPS = st.lists(
    st.sampled_from(
        ["call", "call", "recall", "deliver", "deliver_all", "again", "look", "late_look", "cut", "back",
         "anew", "restart", "tick", "wait"]
    ),
    max_size=60,
)  # fmt: skip
A_SECOND = 0.5


class Hall:
    """A server's feed, a line that breaks, and one board that may be switched off and on."""

    def __init__(self, remembers=True):
        self.calls, self.board = [], Board()
        self.seen = 0
        self.is_up = False
        self.seconds = 0.0
        self.announced = []
        self.remembers = remembers
        self.late = None

    def take(self, event):
        moment = Moment(self.seconds, NINE + timedelta(seconds=self.seconds))
        self.board, effects = advance(self.board, event, moment)
        self.announced += [effect.call.id for effect in effects if isinstance(effect, Announce)]

    def picture(self):
        return snapshot(*reversed(self.calls), as_of=len(self.calls), at=self.seconds)

    def call(self):
        self.calls.append(call(len(self.calls) + 1, at=self.seconds))

    def recall(self):
        if self.calls:
            ticket = self.calls[-1].number
            self.call()
            self.calls[-1] = self.calls[-1].model_copy(update={"number": ticket})

    def deliver(self):
        if self.is_up and self.seen < len(self.calls):
            self.seen += 1
            self.hear(self.seen)

    def hear(self, number):
        self.take(FactHeard(number, "ticket.called", fact(self.calls[number - 1])))

    def deliver_all(self):
        while self.is_up and self.seen < len(self.calls):
            self.deliver()

    def again(self):
        for number in range(max(1, self.seen - 2), self.seen + 1):
            self.hear(number)

    def look(self):
        if self.late is not None:
            self.take(SnapshotTaken(self.late))
        self.take(SnapshotTaken(self.picture()))
        self.late = None

    def late_look(self):
        self.late = self.picture()

    def cut(self):
        self.is_up = False
        self.take(LineDown())

    def back(self):
        self.is_up = True
        self.take(LineUp())

    def anew(self):
        self.take(SnapshotTaken(self.picture(), anew=True))
        self.seen = len(self.calls)
        self.late = None
        self.back()

    def restart(self):
        self.board = Board(announced=self.board.announced if self.remembers else ())
        self.is_up, self.late = False, None
        self.anew()

    def tick(self):
        self.take(Tick())

    def wait(self):
        self.seconds += A_SECOND
        self.tick()

    def end(self):
        """Bring the line back, and let every call have its turn."""
        self.anew()
        for _ in range(len(self.calls) + 1):
            self.seconds += SHOW_SECONDS
            self.tick()


def run(steps, remembers=True):
    hall = Hall(remembers)
    for step in steps:
        getattr(hall, step)()
    hall.end()
    return hall


@settings(max_examples=examples(300))
@given(STEPS)
def test_each_call_is_announced_exactly_once_and_in_order(steps):
    hall = run(steps)
    assert hall.announced == [made.id for made in hall.calls]


@settings(max_examples=examples(100))
@given(STEPS, st.integers(0, 59))
def test_no_call_is_announced_twice_even_when_it_grew_old(steps, moment):
    hall = Hall()
    for i, step in enumerate(steps):
        if i == moment:
            hall.seconds += FRESH_FOR.total_seconds()
        getattr(hall, step)()
    hall.end()
    assert len(hall.announced) == len(set(hall.announced))


def test_control_a_board_without_memory_would_announce_twice():
    assert run(["anew", "call", "deliver", "restart"], remembers=False).announced == [1, 1]
