"""The rest of the day is forecast from past days, for branches that somebody looks at, at most once a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.services.queue.day_forecasts import DayForecast, DayForecasts
from server.workers.forecaster import Forecaster
from tests.server.sample_office import SampleOffice
from tests.server.summed_days import past_days

HOURS = {day: ["08:00-15:30"] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def lived(office: SampleOffice) -> SampleOffice:
    """Give an office with opening hours and two weeks of past days, 12 an hour for N."""
    office.set_policy(opening_hours=HOURS)
    past_days(office, 10, {("N", hour): 12 for hour in range(8, 15)})
    return office


def days_of(office: SampleOffice) -> DayForecasts:
    return DayForecasts(office.runtime.context().forecasts.experience)


def look(office: SampleOffice, days: DayForecasts, *, beside: bool = False) -> DayForecast | None:
    """Look at the branch's day."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    return office.store.read(
        lambda session: days.look(session, context.office, branch.id, context.now, beside=beside)
    )


def renew(office: SampleOffice, days: DayForecasts) -> bool:
    context = office.runtime.context()
    return office.store.read(lambda session: days.renew(session, context.office, context.now))


def middle(office: SampleOffice, hall: str = "A", minutes: int = 60) -> int:
    """Tell how many will be waiting in a hall in some minutes."""
    found = look(office, days_of(office))
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert found is not None
    assert branch is not None
    at = office.clock.now() + timedelta(minutes=minutes)
    (told,) = [each for each in found.halls[branch.halls[hall].id] if each.at == at]
    assert told.fewest <= told.middle <= told.most
    return told.middle


def test_it_tells_every_ten_minutes_until_closing(lived: SampleOffice) -> None:
    lived.clock.set("10:04")
    found = look(lived, days_of(lived))
    assert found is not None
    branch = lived.runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    at = [
        each.at.astimezone(branch.policy.zone).strftime("%H:%M") for each in found.halls[branch.halls["A"].id]
    ]
    assert (at[0], at[1], at[-2], at[-1], len(at)) == ("10:10", "10:20", "15:20", "15:30", 33)
    assert set(found.halls) == {each.id for each in branch.halls.values()}


def close(office: SampleOffice, numbers: tuple[int, ...]) -> None:
    for number in numbers:
        office.clerk(number).post(f"/counters/{number}/state", {"state": "closed"})


def test_who_may_come_is_learned_and_stays_away_where_tickets_are_stopped(lived: SampleOffice) -> None:
    # One counter of four minutes for twelve an hour keeps up; nobody for them lets all of them wait.
    close(lived, (1, 2, 7))
    assert 8 <= middle(lived) <= 16
    assert middle(lived, "B") == 0
    lived.set_policy("N", walk_in=False)
    assert middle(lived) == 0


def test_a_branch_without_enough_past_days_tells_how_many_it_has(office: SampleOffice) -> None:
    office.set_policy(opening_hours=HOURS)
    past_days(office, 4, {("N", 10): 12})
    found = look(office, days_of(office))
    assert found is not None
    assert (found.days, found.fewest_days, found.is_over, found.halls) == (4, 5, False, {})


def test_a_day_that_is_over_and_a_hall_where_nobody_works_have_no_curve(lived: SampleOffice) -> None:
    close(lived, (1, 2, 7, 8, 10, 20))
    found = look(lived, days_of(lived))
    assert found is not None
    assert (found.is_over, found.halls) == (False, {})
    lived.clock.set("15:30")
    found = look(lived, days_of(lived))
    assert found is not None
    assert (found.is_over, found.halls) == (True, {})


def test_it_is_made_beside_only_for_who_looks_and_at_most_once_a_minute(
    lived: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = days_of(lived)
    made: list[int] = []
    make = days._make

    def counted(*given: Any) -> DayForecast:
        made.append(given[2])
        return make(*given)

    monkeypatch.setattr(days, "_make", counted)
    assert renew(lived, days) is False, "nobody looks"
    assert look(lived, days, beside=True) is None, "no request works it out"
    assert made == []
    assert renew(lived, days) is True
    first = look(lived, days, beside=True)
    assert first is not None
    lived.walk_in("N")
    lived.clock.advance(seconds=59)
    assert renew(lived, days) is False
    lived.clock.advance(seconds=1)
    assert renew(lived, days) is True
    assert len(made) == 2
    lived.clock.advance(minutes=6)
    assert renew(lived, days) is False, "nobody has looked for five minutes"
    assert look(lived, days, beside=True) is not None
    assert renew(lived, days) is True
    lived.clock.advance(minutes=11)
    assert look(lived, days, beside=True) is None, "it is too old to be shown"


def test_a_branch_that_never_closes_is_told_as_long_as_people_come(office: SampleOffice) -> None:
    past_days(office, 6, {("N", hour): 12 for hour in range(8, 15)} | {("N", 15): 0, ("N", 23): 0})
    found = look(office, days_of(office))
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert found is not None
    assert branch is not None
    last = found.halls[branch.halls["A"].id][-1].at
    assert last.astimezone(branch.policy.zone).hour == 15


def test_the_forecaster_makes_what_somebody_looks_at(lived: SampleOffice) -> None:
    days = lived.runtime.context().forecasts.days
    forecaster = Forecaster(lived.store, lived.runtime.context)
    forecaster.look()
    assert look(lived, days, beside=True) is None
    Forecaster(lived.store, lived.runtime.context).look()
    assert look(lived, days, beside=True) is not None


def test_from_some_hour_of_a_rush_on_it_is_too_late(office: SampleOffice) -> None:
    # One counter of four minutes calls 15 an hour: of 25 it leaves two of five.
    office.clock.set("8:00")
    office.set_policy(opening_hours=HOURS)
    past_days(office, 10, {("N", hour): 25 for hour in range(8, 15)})
    found = look(office, days_of(office))
    assert found is not None
    assert found.too_late_from == {}
    close(office, (1, 2))
    found = look(office, days_of(office))
    branch = office.runtime.context().office.branch_named("wroclaw")
    assert found is not None
    assert branch is not None
    ((service, at),) = found.too_late_from.items()
    assert service == branch.services["N"].id
    assert timedelta(hours=2) < at - office.clock.now() < timedelta(hours=6, minutes=30)
