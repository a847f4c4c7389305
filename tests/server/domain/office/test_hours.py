"""The branch's wall clock: days, windows and openings, also in the nights when the clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.office.hours import Period, WeekHours, Window, day_of, instant, start_of_day

WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = WeekHours({day: (Window(time(8), time(12)), Window(time(13), time(15, 30))) for day in range(5)})
MONDAY = date(2026, 5, 4)


def wall(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (date(2026, 3, 29), 23),
        (date(2026, 10, 25), 25),
        (date(2027, 3, 28), 23),
        (date(2027, 10, 31), 25),
        (MONDAY, 24),
    ],
)
def test_a_day_has_as_many_hours_as_its_clock_shows(day: date, hours: int):
    length = start_of_day(day + timedelta(days=1), WARSAW) - start_of_day(day, WARSAW)
    assert length == timedelta(hours=hours)


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from(["Europe/Warsaw", "America/Havana", "Asia/Beirut"]))
def test_every_instant_lies_in_its_day(minute: int, name: str):
    zone, at = ZoneInfo(name), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    day = day_of(at, zone)
    assert start_of_day(day, zone) <= at < start_of_day(day + timedelta(days=1), zone)


def test_a_reading_that_the_clock_skips_is_as_long_after_the_jump():
    assert instant(date(2026, 3, 29), time(2, 30), WARSAW) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_reading_that_the_clock_shows_twice_is_the_first():
    assert instant(date(2026, 10, 25), time(2, 30), WARSAW) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [(7, 59, False), (8, 0, True), (11, 59, True), (12, 0, False), (13, 0, True), (15, 30, False)],
)
def test_the_office_is_open_inside_its_windows(hour: int, minute: int, is_open: bool):
    assert OFFICE.is_open(wall(MONDAY, hour, minute), WARSAW) is is_open
    assert not OFFICE.is_open(wall(date(2026, 5, 3), hour, minute), WARSAW)


def test_closing_at_midnight_is_the_end_of_the_day():
    late = WeekHours({0: (Window(time(20), time.min),)})
    assert late.is_open(wall(MONDAY, 23, 59), WARSAW)
    assert not late.is_open(wall(date(2026, 5, 5), 0), WARSAW)
    assert late.last_closing(wall(MONDAY, 9), WARSAW) == wall(date(2026, 5, 5), 0)


def test_the_last_closing_is_that_of_the_branchs_day():
    assert OFFICE.last_closing(wall(MONDAY, 9), WARSAW) == wall(MONDAY, 15, 30)
    assert OFFICE.last_closing(wall(date(2026, 5, 3), 9), WARSAW) is None


NIGHTS = WeekHours({day: (Window(time(0), time(4)), Window(time(20), time(0))) for day in range(7)})
FRIDAY_NIGHT = WeekHours({4: (Window(time(20), time(0)),), 5: (Window(time(0), time(3)),)})


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        (MONDAY, 2),
        # Four by the wall clock, whatever the night's length.
        (date(2026, 3, 28), 2),
        (date(2026, 10, 24), 3),
    ],
)
def test_hours_that_go_on_past_midnight_close_in_the_morning(day: date, closes: int):
    morning = wall(day + timedelta(days=1), 4)
    assert morning.astimezone(UTC).hour == closes
    for hour in (9, 21, 23):
        assert NIGHTS.last_closing(wall(day, hour), WARSAW, time(6)) == morning
    after_midnight = wall(day + timedelta(days=1), 1)
    assert NIGHTS.last_closing(after_midnight, WARSAW, time(6)) == morning
    assert NIGHTS.last_closing(after_midnight, WARSAW) == morning + timedelta(days=1) or day != MONDAY


def test_a_night_before_a_closed_day_closes_in_its_morning():
    friday, saturday = date(2026, 5, 8), date(2026, 5, 9)
    for at in (wall(friday, 21), wall(saturday, 1)):
        assert FRIDAY_NIGHT.last_closing(at, WARSAW, time(6)) == wall(saturday, 3)
    assert FRIDAY_NIGHT.last_closing(wall(saturday, 9), WARSAW, time(6)) is None


def test_hours_around_the_clock_do_not_close():
    always = WeekHours({day: (Window(time(0), time(0)),) for day in range(7)})
    assert always.last_closing(wall(MONDAY, 9), WARSAW) is None


@pytest.mark.parametrize(
    ("after", "opens_at"),
    [
        (wall(MONDAY, 6), wall(MONDAY, 8)),
        (wall(MONDAY, 8), wall(MONDAY, 13)),
        (wall(date(2026, 5, 8), 16), wall(date(2026, 5, 11), 8)),
        (wall(date(2026, 3, 28), 23, 30), wall(date(2026, 3, 30), 8)),
    ],
)
def test_the_next_opening_may_be_after_lunch_or_after_the_weekend(after: datetime, opens_at: datetime):
    assert OFFICE.next_opening(after, WARSAW) == opens_at


def test_no_day_is_skipped_in_the_night_that_loses_an_hour():
    sundays = WeekHours({6: (Window(time(8), time(9)),)})
    assert sundays.next_opening(wall(date(2026, 3, 28), 23, 30), WARSAW) == wall(date(2026, 3, 29), 8)


def test_an_office_of_one_morning_a_week_opens_again_in_a_week():
    mondays = WeekHours({0: (Window(time(8), time(9)),)})
    assert mondays.next_opening(wall(MONDAY, 8, 30), WARSAW) == wall(date(2026, 5, 11), 8)


def test_an_office_without_windows_never_opens():
    assert WeekHours({}).next_opening(wall(MONDAY, 8), WARSAW) is None


@pytest.mark.parametrize(
    ("windows", "day_starts_at", "closes"),
    [
        ({1: (Window(time(0), time(8)),)}, time(0), None),
        ({0: (Window(time(0), time(4)),)}, time(4), None),
        ({0: (Window(time(0), time(4, 1)),)}, time(4), wall(MONDAY, 4, 1)),
        ({0: (Window(time(8), time(16)), Window(time(9), time(12)))}, time(0), wall(MONDAY, 16)),
        ({0: (Window(time(8), time(12)), Window(time(9), time(16)))}, time(0), wall(MONDAY, 16)),
    ],
)
def test_hours_that_only_touch_the_business_day_are_none_of_it(
    windows: dict[int, tuple[Window, ...]], day_starts_at: time, closes: datetime | None
):
    assert WeekHours(windows).last_closing(wall(MONDAY, 12), WARSAW, day_starts_at) == closes


SUMMER = Period(date(2026, 7, 1), date(2026, 8, 31), {0: (Window(time(9), time(12)),)})
YEAR = WeekHours({day: (Window(time(8), time(16)),) for day in range(5)}, (SUMMER,))


@pytest.mark.parametrize(
    ("day", "hour", "is_open"),
    [
        (date(2026, 6, 29), 8, True),
        (date(2026, 7, 6), 8, False),
        (date(2026, 7, 6), 9, True),
        (date(2026, 7, 7), 9, False),
        (date(2026, 8, 31), 8, False),
        (date(2026, 9, 1), 8, True),
    ],
)
def test_a_period_has_hours_of_its_own(day: date, hour: int, is_open: bool):
    assert YEAR.is_open(wall(day, hour), WARSAW) is is_open


def test_a_period_closes_by_its_own_hours_and_opens_by_them_next():
    assert YEAR.last_closing(wall(date(2026, 7, 6), 8), WARSAW) == wall(date(2026, 7, 6), 12)
    assert YEAR.next_opening(wall(date(2026, 6, 30), 17), WARSAW) == wall(date(2026, 7, 6), 9)


def test_after_a_closed_period_of_weeks_the_next_opening_is_found():
    closed = WeekHours(YEAR.windows, (Period(date(2026, 7, 1), date(2026, 8, 31), {}),))
    assert closed.next_opening(wall(date(2026, 6, 30), 17), WARSAW) == wall(date(2026, 9, 1), 8)
