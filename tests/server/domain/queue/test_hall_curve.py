"""How many will be waiting: by examples that can be counted by hand, and with those who may yet come."""

from __future__ import annotations

from dataclasses import replace

from server.domain.queue.arrivals import Coming, Span
from server.domain.queue.forecast import Booked, Habits, Hall, ServiceTimes, Working
from server.domain.queue.hall_curve import Band, curves
from server.domain.queue.hall_model import Counter, Person, Rules

MINUTE = 60.0
STEADY = ServiceTimes(10 * MINUTE, 0.001, 1e6)
"""Ten minutes, almost for certain."""
ANY = Working(Counter(frozenset({0, 1})))
THREE = [Person(0, -3.0), Person(1, -2.0), Person(0, -1.0)]


def hall(waiting: list[Person], counters: list[Working], to_come: list[Booked] | None = None) -> Hall:
    """Make a hall in which nobody asks."""
    return Hall(waiting, [], to_come or [], counters, [Rules(), Rules()])


def bands(seen: Hall, at: list[float], coming: Coming | None = None) -> list[Band]:
    """Tell how many wait of both services."""
    (found,) = curves(seen, [STEADY, STEADY], coming or Coming([]), at, [[0, 1]]).bands
    return list(found)


def test_who_waits_now_is_called_one_after_the_other() -> None:
    at = [1.0, 9 * MINUTE, 11 * MINUTE, 21 * MINUTE]
    assert bands(hall(THREE, [ANY]), at) == [Band(2, 2, 2), Band(2, 2, 2), Band(1, 1, 1), Band(0, 0, 0)]
    assert bands(hall(THREE, [ANY, ANY]), at)[0] == Band(1, 1, 1)


def test_each_hall_counts_its_own_services() -> None:
    first, second = curves(hall(THREE, []), [STEADY, STEADY], Coming([]), [60.0], [[0], [1]]).bands
    assert (first, second) == ((Band(2, 2, 2),), (Band(1, 1, 1),))


def test_a_counter_on_a_break_calls_when_it_is_back() -> None:
    away = replace(ANY, away_for=15 * MINUTE)
    found = bands(hall(THREE[:1], [away]), [1.0, 15 * MINUTE, 90 * MINUTE])
    assert found[0] == Band(1, 1, 1)
    assert (found[1].low, found[1].high) == (0, 1)
    assert found[2] == Band(0, 0, 0)


def test_booked_visitors_wait_from_when_they_come_as_often_as_they_do() -> None:
    busy = replace(ANY, service=0)
    comes = Booked(Person(0, 0.0, 60 * MINUTE), Habits(0.95, (20 * MINUTE,)))
    stays_away = Booked(Person(0, 0.0, 60 * MINUTE), Habits(0.05, (20 * MINUTE,)))
    nobody_calls = [replace(busy, counter=Counter(frozenset({1})))]
    at = [39 * MINUTE, 41 * MINUTE]
    assert bands(hall([], nobody_calls, [comes]), at) == [Band(0, 0, 0), Band(1, 1, 1)]
    assert bands(hall([], nobody_calls, [stays_away]), at) == [Band(0, 0, 0), Band(0, 0, 0)]


def test_who_may_come_without_a_reservation_waits_too() -> None:
    coming = Coming([Span(0, 0.0, 60 * MINUTE, 30.0)], spread=0.05)
    at = [1.0, 60 * MINUTE]
    without, with_them = bands(hall(THREE, [ANY]), at), bands(hall(THREE, [ANY]), at, coming)
    assert without == [Band(2, 2, 2), Band(0, 0, 0)]
    # One counter calls six in the hour: of 33 people 27 are left, 1.3 times the root of 30 more or fewer.
    assert 25 <= with_them[1].middle <= 29
    assert with_them[1].low + 8 <= with_them[1].high <= with_them[1].low + 20


def test_an_empty_hall_stays_empty() -> None:
    assert bands(hall([], [ANY]), [1.0, 60.0]) == [Band(0, 0, 0)] * 2


def test_from_when_on_newcomers_come_too_late() -> None:
    # A counter that is free after three visits of ten minutes, and one more person every five: who comes after
    # about (closing - 30 min - 10 min) ÷ 2 has more before them than the counter calls until it closes.
    coming = Coming([Span(0, 0.0, 120 * MINUTE, 24.0)], spread=0.01)
    at = [60 * MINUTE, 120 * MINUTE]
    found = curves(hall(THREE, [ANY]), [STEADY, STEADY], coming, at, [[0, 1]], closes_at=120 * MINUTE)
    assert 35 * MINUTE <= found.too_late_from[0] <= 60 * MINUTE
    # They get no ticket, so they do not wait; without a closing they do.
    for_ever = curves(hall(THREE, [ANY]), [STEADY, STEADY], coming, at, [[0, 1]])
    assert for_ever.too_late_from == {}
    assert for_ever.bands[0][1].middle >= found.bands[0][1].middle + 8


def test_a_service_that_nobody_serves_or_that_has_time_enough_is_not_too_late() -> None:
    coming = Coming([Span(0, 0.0, 120 * MINUTE, 6.0), Span(1, 0.0, 120 * MINUTE, 24.0)], spread=0.05)
    first_only = [Working(Counter(frozenset({0})))]
    found = curves(hall([], first_only), [STEADY, STEADY], coming, [60.0], [[0, 1]], closes_at=150 * MINUTE)
    assert found.too_late_from == {}
