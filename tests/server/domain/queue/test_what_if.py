"""A day played again: unchanged it comes out as it was, by a broken rule it does not; what each change does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.queue.order import CallPolicy
from server.domain.queue.what_if import play_both
from server.domain.queue.what_if_answer import read_answer
from server.domain.queue.what_if_day import AtDesk, Changes, Day, Desk, DeskChange, Shift, Visitor, changed
from server.domain.queue.what_if_figures import answer

HOUR = 3600.0
OPENS, CLOSES = 8 * HOUR, 16 * HOUR
RUNS = 20


def desk(number: int, *services: int) -> Desk:
    """Make a counter that is open all day."""
    shift = Shift(OPENS, CLOSES, frozenset(services))
    return Desk(number, (shift,), replace(shift, begins=0.0, ends=0.0))


def day(visitors: tuple[Visitor, ...], *desks: Desk, **more: object) -> Day:
    """Make a day of two services."""
    found = Day("day", visitors, desks, (CallPolicy(),) * 2, (480.0,) * 2, (900.0,) * 2, (OPENS,) * 2, CLOSES)
    return replace(found, **more)  # type: ignore[arg-type]


def crowd(count: int = 90, seed: int = 3) -> tuple[Visitor, ...]:
    """Make people of two services, every third with an hour."""
    dice = np.random.default_rng(seed)
    came = np.sort(dice.uniform(OPENS, 13 * HOUR, count)).tolist()
    return tuple(
        Visitor(n % 2, at, at + 900 if n % 3 == 0 else None, lasts=float(dice.gamma(2, 300)))
        for n, at in enumerate(came)
    )


def lived(of: Day, policy: CallPolicy | None = None) -> Day:
    """Return a day with the waits that its visitors have when it is called by these rules: its truth."""
    rules = (policy or of.rules[0],) * 2
    was, _ = play_both([(replace(of, rules=rules), Changes())], 1)[0]
    waits = (was.ended - was.came)[0].tolist()
    return replace(
        of, visitors=tuple(replace(each, waited=wait) for each, wait in zip(of.visitors, waits, strict=True))
    )


def error(of: Day) -> float:
    """Return the largest error of the model in a service, in seconds."""
    return max(abs(each.error) for each in answer([(of, Changes())], RUNS).believed)


def test_an_unchanged_day_comes_out_as_it_was_and_nothing_differs() -> None:
    found = answer([(lived(day(crowd(), desk(1, 0, 1), desk(2, 0))), Changes())], RUNS)
    assert [each.error for each in found.believed] == [0, 0]
    assert not any(each.is_too_large for each in found.believed)
    assert all(each.median.difference == each.median.low == each.median.high == 0 for each in found.services)


def test_a_day_that_was_called_by_other_rules_has_a_visible_error() -> None:
    ruled_otherwise = CallPolicy(overdue=timedelta(hours=9), maximum_wait=timedelta(minutes=1))
    people = tuple(replace(each, hour=each.came + 900 if each.service else None) for each in crowd())
    whole = day(people, desk(1, 0, 1))
    assert error(lived(whole)) == 0
    assert error(lived(whole, ruled_otherwise)) > 300


def test_what_nobody_knows_is_drawn_and_the_same_in_both_plays() -> None:
    people = tuple(replace(each, lasts=None) if n % 4 == 0 else each for n, each in enumerate(crowd()))
    was, would = play_both([(day(people, desk(1, 0, 1), gaps=(5.0, 90.0)), Changes())], RUNS)[0]
    assert (was.ended == would.ended).all()
    assert len({tuple(row) for row in was.ended.tolist()}) > RUNS // 2


def test_a_closed_counter_lets_people_wait_longer_and_a_further_one_shorter() -> None:
    whole = day(crowd(), desk(1, 0, 1), desk(2, 0, 1), replace(desk(3, 0, 1), shifts=()))
    closed = answer([(whole, Changes((AtDesk(2, DeskChange.CLOSED, begins=10 * HOUR),)))], RUNS)
    opened = answer([(whole, Changes((AtDesk(3, DeskChange.OPEN, begins=9 * HOUR, ends=12 * HOUR),)))], RUNS)
    assert all(each.median.low > 0 for each in closed.services)
    assert all(each.median.high < 0 for each in opened.services)
    assert closed.overtime.would > opened.overtime.would


def test_a_counter_that_serves_another_service_for_some_hours_is_one_counter() -> None:
    whole = day(crowd(), desk(1, 0))
    also = Changes((AtDesk(1, DeskChange.ALSO, frozenset({1}), 10 * HOUR, 12 * HOUR),))
    _, would = play_both([(whole, also)], 1)[0]
    called, ended = would.ended[0], would.left_counter[0]
    served = would.served[0]
    order = np.argsort(called[served])
    assert (called[served][order][1:] >= ended[served][order][:-1] - 1e-6).all()
    hours = [called[n] / HOUR for n, each in enumerate(whole.visitors) if each.service == 1 and served[n]]
    assert hours
    assert all(10 <= hour < 12 for hour in hours)


def test_only_and_open_replace_and_add_hours() -> None:
    whole = day((), desk(1, 0))
    only = changed(whole, Changes((AtDesk(1, DeskChange.ONLY, frozenset({1}), 9 * HOUR, 10 * HOUR),)))
    shifts = [(each.begins / HOUR, each.ends / HOUR, set(each.services)) for each in only.desks[0].shifts]
    assert shifts == [(8, 9, {0}), (9, 10, {1}), (10, 16, {0})]
    longer = changed(whole, Changes((AtDesk(1, DeskChange.OPEN, begins=7 * HOUR),)))
    assert [(each.begins / HOUR, each.ends / HOUR) for each in longer.desks[0].shifts] == [(7, 8), (8, 16)]


def test_tickets_given_out_later_gather_people_and_earlier_lets_the_door_come_earlier() -> None:
    people = (
        Visitor(0, OPENS + 60),
        Visitor(0, OPENS + 1200, leaves=OPENS + 1800),
        Visitor(0, OPENS + 90, hour=OPENS + 900),
    )
    later = changed(day(people, desk(1, 0)), Changes(opens={0: OPENS + 1800})).visitors
    assert [round(each.came - OPENS) for each in later] == [1800, 1800, 90]
    assert later[0].came < later[1].came
    assert round((later[1].leaves or 0) - later[1].came) == 600
    earlier = changed(day(people, desk(1, 0)), Changes(opens={0: OPENS - 1800})).visitors
    assert [each.came - OPENS for each in earlier] == [60 - 1800, 1200, 90]


@pytest.mark.parametrize(("percent", "people"), [(20, 54), (-20, 36), (0, 45), (-100, 0)])
def test_more_or_fewer_come(percent: float, people: int) -> None:
    found = answer([(day(crowd(), desk(1, 0, 1)), Changes(arrivals={0: percent}))], RUNS)
    assert found.services[1].people == 45
    _, would = play_both([(day(crowd(), desk(1, 0, 1)), Changes(arrivals={0: percent}))], RUNS)[0]
    own = [n for n, each in enumerate(would.visitors) if each.service == 0]
    assert set((~np.isnan(would.came[:, own])).sum(axis=1).tolist()) == {people}


def test_who_left_waits_until_then_and_keeps_no_counter() -> None:
    people = (Visitor(0, OPENS, lasts=3000.0), Visitor(0, OPENS + 1, leaves=OPENS + 600, lasts=900.0))
    third = Visitor(0, OPENS + 2, lasts=60.0, waited=2998.0)
    was, _ = play_both([(day((*people, third), desk(1, 0)), Changes())], 1)[0]
    assert was.served.tolist() == [[True, False, True]]
    assert (was.ended - was.came)[0].tolist() == [0, 599, 2998]


def test_a_day_with_one_visitor_and_without_any_counter_is_answered() -> None:
    one = day((Visitor(0, OPENS, waited=0.0, lasts=300.0),), desk(1, 0))
    assert answer([(one, Changes())], RUNS).services[0].median.was == 0
    closed = answer([(one, Changes((AtDesk(1, DeskChange.CLOSED),)))], RUNS).services[0]
    assert (closed.not_served.was, closed.not_served.would) == (0, 1)
    assert closed.left.would == 1


def test_runs_are_shared_out_among_several_days() -> None:
    days = [(day(crowd(60, seed), desk(1, 0, 1)), Changes()) for seed in (1, 2, 3)]
    plays = play_both(days, 30)
    assert sum(len(was.came) for was, _ in plays) == 30
    assert len(plays) == 3


def test_an_answer_is_kept_as_plain_values() -> None:
    from dataclasses import asdict

    found = answer([(lived(day(crowd(), desk(1, 0, 1))), Changes(arrivals={0: 10}))], RUNS)
    assert read_answer(asdict(found)) == found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-30, 0, 40]))
def test_nobody_is_called_before_they_come_nor_after_they_left(seed: int, percent: int) -> None:
    people = tuple(
        replace(each, leaves=each.came + 700) if n % 5 == 0 else each
        for n, each in enumerate(crowd(40, seed))
    )
    whole = day(people, desk(1, 0), desk(2, 1))
    for both in play_both([(whole, Changes(arrivals={0: percent}))], 4):
        for play in both:
            came = np.nan_to_num(play.came, nan=-1.0)
            assert (play.ended >= came - 1e-6).all()
            leaves = np.array([each.leaves or np.inf for each in play.visitors])
            assert (play.ended <= leaves + 1e-6).all()
