"""How many come without a reservation: learned from past days, and drawn as often as they are expected."""

from __future__ import annotations

import numpy as np
import pytest

from server.domain.queue.arrivals import Coming, PastDay, Span, draw, learned, limited

RUNS = 2_000
MONDAY, TUESDAY = 0, 1


def days(mondays: list[int], tuesdays: list[int]) -> list[PastDay]:
    """Make past days with so many tickets of a service at ten."""
    made = [(MONDAY, count) for count in mondays] + [(TUESDAY, count) for count in tuesdays]
    return [PastDay(weekday, {(1, 10): count}) for weekday, count in made]


def test_a_weekday_is_pulled_towards_all_days_until_it_has_enough_of_its_own() -> None:
    few = learned(days([30], [10, 10, 10]), MONDAY)
    assert few.expected[1, 10] == pytest.approx((15 * 4 + 30) / 5)
    many = learned(days([30] * 40, [10] * 40), MONDAY)
    assert many.expected[1, 10] == pytest.approx((20 * 4 + 30 * 40) / 44)
    assert (few.days, many.days) == (4, 80)


def test_a_service_that_is_new_is_not_averaged_over_days_before_it() -> None:
    old = [PastDay(MONDAY, {(1, 10): 4})] * 8
    with_new = [*old, PastDay(MONDAY, {(1, 10): 4, (2, 10): 6}), PastDay(MONDAY, {(1, 10): 4, (2, 10): 8})]
    assert learned(with_new, MONDAY).expected[2, 10] == pytest.approx(7)


def test_days_that_differ_more_than_by_chance_are_drawn_further_apart() -> None:
    even = learned(days([100, 95, 105, 98] * 10, []), MONDAY)
    uneven = learned(days([50, 150, 70, 130] * 10, []), MONDAY)
    assert even.spread < 0.15 < uneven.spread
    assert learned([], MONDAY).spread == pytest.approx(0.15)


def test_as_many_are_drawn_as_are_expected_within_their_hours_and_in_order() -> None:
    spans = [Span(3, 0, 600, 4.0), Span(3, 600, 1200, 0.0), Span(3, 1200, 1800, 8.0), Span(5, 0, 600, 1.0)]
    services, times = draw(Coming(spans), np.random.default_rng(1), RUNS)
    assert sorted(set(services)) == [3, 5]
    threes = times[:, np.array(services) == 3]
    assert (threes <= 600).sum() / RUNS == pytest.approx(4, rel=0.1)
    assert ((threes > 600) & (threes < 1200)).sum() == 0
    assert np.isfinite(threes).sum() / RUNS == pytest.approx(12, rel=0.1)
    assert np.isfinite(times).sum() / RUNS == pytest.approx(13, rel=0.1)
    assert (np.diff(np.where(np.isfinite(threes), threes, 1e9), axis=1) >= 0).all()


def test_a_day_that_was_busy_so_far_stays_so_and_a_quiet_one_too() -> None:
    spans = [Span(0, 0, 3600, 20.0)]

    def drawn(came: int) -> float:
        _, times = draw(Coming(spans, 40.0, came), np.random.default_rng(1), RUNS)
        return float(np.isfinite(times).sum() / RUNS)

    assert drawn(20) < drawn(40) < drawn(60)
    assert drawn(40) == pytest.approx(20, rel=0.05)
    certain = 1 / 0.15**2
    assert drawn(60) == pytest.approx(20 * (certain + 60) / (certain + 40), rel=0.05)


def test_nobody_is_drawn_where_nobody_is_expected() -> None:
    services, times = draw(Coming([]), np.random.default_rng(1), 10)
    assert (services, times.shape) == ([], (10, 0))
    assert not np.isfinite(draw(Coming([Span(0, 0, 60, 0.0)]), np.random.default_rng(1), 10)[1]).any()


def test_a_daily_limit_ends_the_tickets_in_the_hour_in_which_it_is_reached() -> None:
    spans = [Span(0, 0.0, 3600.0, 10.0), Span(0, 3600.0, 7200.0, 20.0), Span(0, 7200.0, 9000.0, 5.0)]
    assert limited(spans, 100) == spans
    assert limited(spans, 20) == [spans[0], Span(0, 3600.0, 5400.0, 10.0)]
    assert limited(spans, 0) == limited(spans, -3) == []
