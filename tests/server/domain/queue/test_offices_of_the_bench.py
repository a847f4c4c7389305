"""The offices of the bench show what the tables of a real one would show at that moment, and no more."""

from __future__ import annotations

import math

import numpy as np

from bench.offices import Day, Office, Service, moment
from server.domain.queue.hall_model import Person

OFFICE = Office("one counter", [Service(1, 2)], [frozenset({0})])
# A walk-in who is called as they come, one who waits for the first to go, and a booked visitor to come.
DAY = Day(
    [Person(0, 1_000.0), Person(0, 1_100.0), Person(0, 0.0, 5_000.0)],
    np.array([1_000.0, 1_100.0, 3_000.0]),
    np.array([300.0, 300.0, 300.0]),
    np.array([1_000.0, 1_300.0, 3_000.0]),
    np.array([0, 0, 0]),
)


def test_who_is_called_as_they_join_is_not_at_a_counter_yet() -> None:
    (joins,) = moment(OFFICE, DAY, 1_000.0, 0).hall.counters
    assert joins.service is None
    (later,) = moment(OFFICE, DAY, 1_000.0).hall.counters
    assert (later.service, later.busy_for) == (0, 0.0)


def test_who_waits_is_served_and_is_to_come_is_seen() -> None:
    seen = moment(OFFICE, DAY, 1_100.0, 1)
    assert (seen.hall.waiting, len(seen.hall.joining), len(seen.hall.to_come)) == ([], 1, 1)
    assert [(each.service, each.busy_for) for each in seen.hall.counters] == [(0, 100.0)]
    assert [each.queued_at for each in moment(OFFICE, DAY, 1_200.0).hall.waiting] == [-100.0]
    assert moment(OFFICE, DAY, 1_700.0).ended == [(0, 300.0), (0, 300.0)]
    assert math.isfinite(seen.hall.to_come[0].habits.show_rate)
