"""The server's clock: told by stamps, carried by the monotonic counter, deaf to the local clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from terminal.clock import ServerClock

NINE = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)


class Counter:
    seconds = 100.0

    def __call__(self):
        return self.seconds


def test_it_runs_on_between_two_stamps():
    counter = Counter()
    clock = ServerClock(counter)
    assert not clock.is_known
    clock.heard(NINE.astimezone(timezone(timedelta(hours=2))))
    counter.seconds += 61.5
    assert clock.now() == NINE + timedelta(seconds=61.5)
    assert clock.now().tzinfo is UTC


def test_a_stamp_that_came_late_does_not_set_it_back():
    counter = Counter()
    clock = ServerClock(counter)
    clock.heard(NINE)
    counter.seconds += 1.0
    clock.heard(NINE + timedelta(seconds=0.9))
    assert clock.now() == NINE + timedelta(seconds=1)


def test_a_later_or_a_really_other_stamp_sets_it():
    counter = Counter()
    clock = ServerClock(counter)
    clock.heard(NINE)
    clock.heard(NINE + timedelta(milliseconds=5))
    assert clock.now() == NINE + timedelta(milliseconds=5)
    clock.heard(NINE - timedelta(hours=1))
    assert clock.now() == NINE - timedelta(hours=1)
