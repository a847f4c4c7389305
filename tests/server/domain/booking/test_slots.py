"""What templates want: right on every night of the year, and a repair that takes nothing from a visitor."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.policy import BookingPolicy, Closure, SlotTemplate
from server.domain.booking.slots import (
    KnownSlot,
    OfficeDays,
    WantedSlot,
    bookable_span,
    clock_runs,
    days_ahead,
    released_at,
    repair,
    wanted_slots,
)
from server.domain.office.hours import Window, day_of, start_of_day
from server.domain.office.policies import branch_policy, service_policy

WARSAW = ZoneInfo("Europe/Warsaw")
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
ALL_WEEK = tuple(range(7))
MONDAY = date(2026, 12, 7)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def template(opens: str, closes: str, every: int = 30, capacity: int = 1, **more: Any) -> SlotTemplate:
    hours = Window(time.fromisoformat(opens), time.fromisoformat(closes))
    return SlotTemplate(more.pop("days", ALL_WEEK), hours, every, capacity, **more)


def walls(found: dict[datetime, int]) -> list[str]:
    return [f"{at.astimezone(WARSAW):%H:%M}" for at in sorted(found)]


def on(day: date, *templates: SlotTemplate, **calendar: Any) -> dict[datetime, int]:
    return wanted_slots(templates, OfficeDays(WARSAW, **calendar), day, day)


def booking(**said: Any) -> BookingPolicy:
    return service_policy({"booking": said}).booking


# --- the nights when clocks change ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (NIGHTS[0], ["01:00", "01:30", "03:00", "03:30"]),
        (NIGHTS[1], ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
        (NIGHTS[2], ["01:00", "01:30", "03:00", "03:30"]),
        (NIGHTS[3], ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
        (MONDAY, ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]),
    ],
)
def test_a_night_of_a_clock_change_neither_misses_nor_doubles_an_hour(day: date, shown: list[str]) -> None:
    found = on(day, template("01:00", "04:00"))
    assert walls(found) == shown
    assert {later - earlier for earlier, later in pairwise(sorted(found))} == {timedelta(minutes=30)}
    assert set(found.values()) == {1}


@pytest.mark.parametrize("day", NIGHTS)
def test_an_hour_that_is_skipped_has_no_slots_and_lends_none_from_its_neighbour(day: date) -> None:
    found = on(day, template("02:00", "02:30"), template("03:00", "04:00"))
    is_spring = day.month == 3
    assert walls(found) == (["03:00", "03:30"] if is_spring else ["02:00", "03:00", "03:30"])
    assert set(found.values()) == {1}


@pytest.mark.parametrize("day", NIGHTS)
def test_windows_that_meet_in_that_hour_leave_no_gap_and_no_overlap(day: date) -> None:
    in_two = on(day, template("01:00", "02:30", 15), template("02:30", "04:00", 15))
    assert in_two == on(day, template("01:00", "04:00", 15))


def test_a_window_that_opens_in_the_hour_that_is_skipped_opens_at_the_jump() -> None:
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)
    for minute in range(60):
        assert min(on(NIGHTS[0], template(f"02:{minute:02}", "04:00", 60))) == jump


_FIVE_MINUTES = st.integers(0, 24 * 12 - 1).map(lambda place: time(place // 12, place % 12 * 5))
_ZONES = st.sampled_from(
    ["Europe/Warsaw", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut"]
)
_DAYS_OF_YEARS = st.one_of(st.sampled_from(NIGHTS), st.dates(date(2026, 1, 1), date(2027, 12, 31)))


@st.composite
def _windows(draw: Any) -> Window:
    opens = draw(_FIVE_MINUTES)
    closes = draw(st.one_of(st.just(time.min), _FIVE_MINUTES.filter(lambda wall: wall > opens)))
    return Window(opens, closes)


@given(_windows(), st.integers(1, 300), _DAYS_OF_YEARS, _ZONES)
def test_slots_are_elapsed_steps_that_lie_in_their_window_on_their_day(
    window: Window, every: int, day: date, name: str
) -> None:
    zone = ZoneInfo(name)
    found = sorted(wanted_slots([SlotTemplate(ALL_WEEK, window, every)], OfficeDays(zone), day, day))
    assert {b - a for a, b in pairwise(found)} <= {timedelta(minutes=every)}
    for at in found:
        assert at.tzinfo is UTC
        wall = at.astimezone(zone)
        assert wall.date() == day
        # Where a reading comes twice the later one may lie behind an edge that means the first.
        assert wall.fold or window.opens <= wall.time()
        assert window.closes == time.min or wall.fold or wall.time() < window.closes


@given(_FIVE_MINUTES.filter(lambda wall: wall != time.min), _DAYS_OF_YEARS, _ZONES)
def test_a_day_cut_in_two_anywhere_is_the_whole_day(cut: time, day: date, name: str) -> None:
    zone = ZoneInfo(name)

    def of(*windows: Window) -> dict[datetime, int]:
        templates = [SlotTemplate(ALL_WEEK, window, 5) for window in windows]
        return wanted_slots(templates, OfficeDays(zone), day, day)

    whole = of(Window(time.min, time.min))
    assert of(Window(time.min, cut), Window(cut, time.min)) == whole
    length = start_of_day(day + timedelta(days=1), zone) - start_of_day(day, zone)
    assert len(whole) == length // timedelta(minutes=5)


# --- which days and hours -------------------------------------------------------------------------------


def test_templates_hold_on_their_weekdays_and_between_their_days() -> None:
    week = template("08:00", "08:30", days=(0, 2), first=date(2026, 12, 9), last=date(2026, 12, 14))
    found = wanted_slots([week], OfficeDays(WARSAW), MONDAY, MONDAY + timedelta(days=20))
    assert [day_of(at, WARSAW).isoformat() for at in sorted(found)] == ["2026-12-09", "2026-12-14"]


def test_where_templates_meet_their_capacities_add_up() -> None:
    found = on(MONDAY, template("08:00", "09:00", 30, 2), template("08:30", "09:30", 30, 3))
    assert dict(zip(walls(found), (found[at] for at in sorted(found)), strict=True)) == {
        "08:00": 2,
        "08:30": 5,
        "09:00": 3,
    }


def test_several_windows_a_day_leave_the_pause_between_them_free() -> None:
    assert walls(on(MONDAY, template("08:00", "09:00"), template("12:00", "13:00"))) == [
        *("08:00", "08:30"),
        *("12:00", "12:30"),
    ]


def test_nothing_is_wanted_on_closed_days_and_outside_the_opening_hours() -> None:
    day = template("08:00", "10:00")
    assert on(MONDAY, day, holidays={MONDAY}) == {}
    assert on(MONDAY, day, closures=(Closure(MONDAY - timedelta(days=3), MONDAY),)) == {}
    assert on(MONDAY, day, closures=(Closure(MONDAY, MONDAY + timedelta(days=3)),)) == {}
    assert on(MONDAY, day, closures=(Closure(MONDAY + timedelta(days=1), MONDAY + timedelta(days=9)),))
    opening = branch_policy({"opening_hours": {"mon": ["08:30-09:00", "09:30-15:00"]}}).opening_hours
    assert walls(on(MONDAY, day, opening=opening)) == ["08:30", "09:30"]
    assert on(MONDAY + timedelta(days=1), day, opening=opening) == {}


# --- release and horizon --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({"horizon_days": 30}, 30),
        ({"horizon_days": 5, "release": "daily", "release_days_ahead": 14}, 14),
        ({"horizon_days": 30, "release": "daily", "release_days_ahead": 14}, 30),
        ({"horizon_days": 5, "release": "draw"}, 3 + 7 + 7),
        ({"horizon_days": 5, "release": "draw", "draw": {"window_hours": 73}}, 4 + 7 + 7),
    ],
)
def test_days_are_looked_ahead_as_far_as_the_release_reaches(said: dict[str, Any], days: int) -> None:
    assert days_ahead(booking(**said)) == days


def test_a_daily_release_is_an_hour_of_the_branches_clock_some_days_before() -> None:
    daily = booking(release="daily", release_at="08:00", release_days_ahead=14)
    assert released_at(daily, date(2026, 11, 1), WARSAW) == datetime(2026, 10, 18, 6, tzinfo=UTC)
    assert released_at(daily, date(2026, 11, 8), WARSAW) == datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert released_at(booking(), MONDAY, WARSAW) is None


def test_what_can_be_booked_begins_after_the_lead_and_ends_with_the_horizon() -> None:
    fifteen = timedelta(minutes=15)
    first, end = bookable_span(booking(lead_minutes=60, horizon_days=1), NOW, WARSAW, fifteen)
    assert (first, end) == (NOW + timedelta(hours=1), start_of_day(date(2026, 11, 25), WARSAW))
    first, _ = bookable_span(booking(lead_minutes=0), NOW, WARSAW, fifteen)
    assert first == NOW + fifteen


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 400), _ZONES)
def test_days_can_be_told_apart_by_arithmetic_between_clock_changes(
    first: date, length: int, name: str
) -> None:
    zone = ZoneInfo(name)
    last = first + timedelta(days=length)
    runs = clock_runs(first, last, zone)
    assert runs[0].begins == start_of_day(first, zone)
    assert runs[-1].ends == start_of_day(last + timedelta(days=1), zone)
    assert all(earlier.ends == later.begins for earlier, later in pairwise(runs))
    for run in runs:
        for at in (
            run.begins,
            run.begins + (run.ends - run.begins) / 3,
            run.ends - timedelta(microseconds=1),
        ):
            number = (at + run.offset - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=1)
            assert min(date(1970, 1, 1) + timedelta(days=number), run.last) == day_of(at, zone)


def test_a_year_is_three_runs_between_two_clock_changes() -> None:
    runs = clock_runs(date(2026, 1, 1), date(2026, 12, 31), WARSAW)
    assert [run.last for run in runs] == [date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 31)]


# --- repair ---------------------------------------------------------------------------------------------


def slot(slot_id: int, hours: int, planned: int | None, taken: int = 0) -> KnownSlot:
    capacity = max(taken, 4 if planned is None else planned)
    return KnownSlot(slot_id, NOW + timedelta(hours=hours), capacity, taken, planned, None)


def wants(*hours: int, capacity: int = 2) -> dict[datetime, WantedSlot]:
    return {NOW + timedelta(hours=each): WantedSlot(capacity) for each in hours}


def test_what_is_there_as_wanted_is_left_alone() -> None:
    todo = repair(wants(1, 2), [slot(1, 1, 2), slot(2, 2, 2, taken=2)], NOW + timedelta(days=9))
    assert (todo.added, todo.changed, todo.unwanted) == ((), (), ())


def test_what_is_missing_is_added_and_what_differs_is_changed() -> None:
    todo = repair(wants(1, 2, 3), [slot(1, 1, 1), slot(2, 4, 2)], NOW + timedelta(hours=3))
    assert todo.added == ((NOW + timedelta(hours=2), WantedSlot(2)),)
    assert todo.changed == ((1, WantedSlot(2)),)
    assert todo.unwanted == (2,)


def test_another_hour_of_release_is_a_change() -> None:
    wanted = {NOW + timedelta(hours=1): WantedSlot(2, NOW)}
    assert repair(wanted, [slot(1, 1, 2)], NOW + timedelta(days=9)).changed == ((1, WantedSlot(2, NOW)),)


def test_a_slot_opened_by_hand_stays_as_it_is() -> None:
    todo = repair(wants(1), [slot(1, 1, None), slot(2, 2, None)], NOW + timedelta(days=9))
    assert (todo.added, todo.changed, todo.unwanted) == ((), (), ())


def test_a_conflict_keeps_its_places_and_is_no_change_a_second_time() -> None:
    assert slot(1, 1, 2, taken=3).fits(WantedSlot(2))
    assert not slot(1, 1, 3, taken=3).fits(WantedSlot(2))
