"""What can be booked now: dark days, white days, days whose limit is used up, and the hours near a lost one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from server.services.booking.slots import availability
from tests.server.movable_clock import WARSAW
from tests.server.services.booking.slots.bookable import WEEK, Booking, at, template

ALL_WEEK = [*WEEK, "sat", "sun"]


def test_the_calendar_runs_from_today_to_the_horizon(booking: Booking) -> None:
    booking.open(horizon_days=7)
    booking.plan()
    found = booking.days()
    assert list(found) == [date(2026, 11, 23) + timedelta(days=ahead) for ahead in range(8)]
    assert booking.free() == {
        **{"11-23": 4 * 2, "11-24": 14, "11-25": 14, "11-26": 14, "11-27": 14},
        **{"11-30": 14},
    }
    assert not found[date(2026, 11, 28)].is_open
    assert booking.hours("11-24") == dict.fromkeys(
        ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00"], 2
    )
    assert booking.hours("11-28") == {}


def test_a_day_that_is_full_is_told_from_a_day_without_hours(booking: Booking) -> None:
    booking.open(horizon_days=3, slots=[template(capacity=1)])
    booking.plan()
    for hour in booking.hours("11-24"):
        assert booking.take(at("11-24", hour)) == "taken"
    day = booking.days()[date(2026, 11, 24)]
    assert (day.free, day.is_open) == (0, True)
    assert booking.hours("11-24") == {}


def test_a_limit_of_a_day_bounds_what_is_shown(booking: Booking) -> None:
    booking.open(horizon_days=1, daily_limit=3)
    booking.plan()
    assert booking.free() == {"11-23": 3, "11-24": 3}
    for hour in ("08:00", "09:00"):
        assert booking.take(at("11-24", hour)) == "taken"
    assert booking.free()["11-24"] == 1
    assert set(booking.hours("11-24").values()) == {1}
    assert booking.take(at("11-24", "09:00")) == "taken"
    assert booking.free()["11-24"] == 0
    assert booking.hours("11-24") == {}
    assert booking.nearest(at("11-24", "10:00")) == [
        "11-23 11:00",
        "11-23 12:00",
        "11-23 13:00",
        "11-23 14:00",
    ]


@pytest.mark.parametrize(("lead", "first"), [(60, "11:00"), (61, "12:00"), (0, "11:00"), (24 * 60, None)])
def test_an_hour_is_offered_up_to_its_lead(booking: Booking, lead: int, first: str | None) -> None:
    booking.open(lead_minutes=lead)
    booking.plan()
    assert next(iter(booking.hours("11-23")), None) == first
    assert booking.days()[date(2026, 11, 23)].is_open == (first is not None)
    assert booking.take(at("11-23", "11:00")) == ("taken" if first == "11:00" else "no_such_slot")


def test_no_hour_is_offered_for_which_nobody_could_check_in_in_time(booking: Booking) -> None:
    booking.open(lead_minutes=0)
    booking.plan()
    booking.office.clock.set("10:45")
    assert next(iter(booking.hours("11-23"))) == "11:00"
    booking.advance(seconds=1)
    assert next(iter(booking.hours("11-23"))) == "12:00"
    assert booking.take(at("11-23", "11:00")) == "no_such_slot"


def test_the_day_behind_the_horizon_opens_at_midnight(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    assert booking.take(at("11-25", "08:00")) == "no_such_slot"
    assert booking.hours("11-25") == {}
    booking.office.clock.set(at("11-24", "00:00"))
    assert booking.hours("11-25")["08:00"] == 2
    assert booking.take(at("11-25", "08:00")) == "taken"


def test_a_daily_release_opens_its_day_at_its_hour(booking: Booking) -> None:
    booking.open(horizon_days=1, release="daily", release_at="12:00", release_days_ahead=2)
    booking.plan()
    day = booking.days()[date(2026, 11, 25)]
    assert (day.free, day.is_open, day.opens_at) == (0, False, at("11-23", "12:00"))
    assert booking.free() == {"11-23": 8, "11-24": 14}
    assert booking.take(at("11-25", "08:00")) == "not_released"
    booking.office.clock.set("12:00")
    assert booking.free()["11-25"] == 14
    assert booking.days()[date(2026, 11, 25)].opens_at is None
    assert booking.take(at("11-25", "08:00")) == "taken"


def test_places_of_a_draw_are_for_nobody_before_it_is_done(booking: Booking) -> None:
    booking.open(horizon_days=1, release="draw")
    booking.plan()
    hour = at("11-24", "08:00")
    assert booking.free() == {}
    assert booking.take(hour) == "not_released"
    assert booking.take(hour, trusted=True) == "taken"
    booking.draw(drawn_at=None)
    assert booking.take(hour) == "not_released"
    booking.draw(drawn_at=booking.context.now + timedelta(minutes=1))
    assert booking.free() == {}
    booking.advance(minutes=1)
    assert booking.free()["11-24"] == 13
    assert booking.take(hour) == "taken"


def test_a_service_that_draws_no_more_still_keeps_the_places_of_an_open_draw(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    booking.draw(at("11-24", "08:00"), drawn_at=None)
    assert booking.take(at("11-24", "08:00")) == "not_released"
    assert "08:00" not in booking.hours("11-24")
    assert booking.take(at("11-24", "09:00")) == "taken"


# --- near a lost hour -----------------------------------------------------------------------------------


def test_the_nearest_hours_lie_on_both_sides_of_the_lost_one(booking: Booking) -> None:
    booking.open(slots=[template("08:00-15:00", 30, 1)])
    booking.plan()
    lost = at("11-25", "10:00")
    assert booking.take(lost) == "taken"
    assert booking.nearest(lost, 4) == ["11-25 09:00", "11-25 09:30", "11-25 10:30", "11-25 11:00"]


def test_the_nearest_hours_cross_midnight_where_that_is_nearer(booking: Booking) -> None:
    booking.open(slots=[template("00:00-01:00", 30, 1, days=ALL_WEEK), template("12:00-13:00", 60)])
    booking.plan()
    assert booking.nearest(at("11-25", "23:30"), 3) == ["11-25 12:00", "11-26 00:00", "11-26 00:30"]
    assert booking.nearest(at("11-25", "23:30"), 2) == ["11-26 00:00", "11-26 00:30"]


def test_where_nothing_is_free_nothing_is_near(booking: Booking) -> None:
    assert booking.nearest(at("11-25", "23:30")) == []
    booking.open(horizon_days=1)
    assert booking.nearest(at("11-25", "23:30")) == []


def test_all_free_places_are_counted_together(booking: Booking) -> None:
    booking.open(horizon_days=1, daily_limit=10)
    booking.plan()
    context, service = booking.context, booking.service()
    found = booking.office.store.read(lambda session: availability.free_total(session, context, service))
    assert found == 4 * 2 + 10


# --- the first free day of many services -----------------------------------------------------------------


def test_each_service_has_a_first_free_day_of_its_own(booking: Booking) -> None:
    booking.open("P")
    booking.open("L", lead_minutes=24 * 60)
    booking.open("N", horizon_days=1)
    for letter in "PLN":
        booking.plan(letter)
    assert booking.first_free("PLNT") == {"P": "11-23", "L": "11-24", "N": "11-23"}
    booking.office.clock.set("14:01")
    assert booking.first_free("PLN") == {"P": "11-24", "L": "11-25", "N": "11-24"}
    assert booking.first_free("") == {}


def test_a_day_that_is_taken_used_up_or_not_released_is_no_first_free_day(booking: Booking) -> None:
    booking.open("P", daily_limit=1)
    booking.open("L", slots=[template("08:00-09:00", capacity=1)])
    booking.open("N", horizon_days=1, release="daily", release_at="12:00", release_days_ahead=2)
    booking.open("T", release="draw")
    for letter in "PLNT":
        booking.plan(letter)
    booking.office.clock.set(at("11-24", "07:00"))
    assert booking.first_free("PLNT") == {"P": "11-24", "L": "11-24", "N": "11-24"}
    for day in ("11-24", "11-25"):
        assert booking.take(at(day, "09:00")) == "taken"
        assert booking.take(at(day, "08:00"), "L") == "taken"
    assert booking.first_free("PL") == {"P": "11-26", "L": "11-26"}
    booking.office.clock.set(at("11-25", "11:59"))
    assert booking.first_free("N") == {"N": "11-25"}
    booking.office.clock.set(at("11-26", "11:59"))
    assert booking.first_free("N") == {"N": "11-26"}


def test_the_first_free_day_is_that_of_the_calendar_on_nights_when_clocks_change(booking: Booking) -> None:
    booking.office.set_policy(public_holidays="none")
    night = date(2026, 10, 25)
    booking.office.clock.set(datetime(2026, 10, 24, 12, tzinfo=UTC))
    booking.open(slots=[template("00:00-24:00", 30, 1, days=ALL_WEEK)], daily_limit=1, horizon_days=5)
    booking.plan()
    for full in (None, datetime(2026, 10, 24, 21, tzinfo=UTC), datetime(2026, 10, 25, 22, 30, tzinfo=UTC)):
        assert full is None or booking.take(full) == "taken"
        free = [day for day, each in booking.days().items() if each.free]
        assert booking.first_free("P") == {"P": f"{free[0]:%m-%d}"}
    assert free[0] == night + timedelta(days=1)


def test_the_first_free_days_take_two_statements_however_many_services_there_are(booking: Booking) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    for letter in "PLN":
        booking.open(letter)
        booking.plan(letter)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        counts = []
        for letters in ("P", "P", "PLN"):
            asked.clear()
            assert len(booking.first_free(letters)) == len(letters)
            # What a connection asks when it is opened (pg_catalog, versions) is none of the question.
            counts.append(len([each for each in asked if re.search(r"FROM (slot|day_limit)\b", each)]))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert counts[1:] == [2, 2]  # the first opens the connection


# --- the nights when clocks change ----------------------------------------------------------------------


@pytest.mark.parametrize(("night", "slots"), [("2026-10-25", 25 * 2), ("2027-03-28", 23 * 2)])
def test_days_and_hours_are_right_on_nights_when_clocks_change(
    booking: Booking, night: str, slots: int
) -> None:
    day = date.fromisoformat(night)
    booking.office.clock.set(datetime.combine(day, datetime.min.time(), UTC) - timedelta(days=2, hours=3))
    booking.office.set_policy(public_holidays="none")
    booking.open(slots=[template("00:00-24:00", 30, 1, days=ALL_WEEK)], horizon_days=5)
    booking.plan()
    found = booking.days()
    assert found[day].free == slots
    assert [found[day + timedelta(days=ahead)].free for ahead in (-1, 1, 2)] == [48, 48, 48]
    context, service = booking.context, booking.service()
    hours = booking.office.store.read(lambda session: availability.hours(session, context, service, day))
    assert len(hours) == slots
    assert {hour.starts_at.astimezone(WARSAW).date() for hour in hours} == {day}


def test_reading_takes_few_statements_however_many_slots_there_are(
    booking: Booking, monkeypatch: Any
) -> None:
    booking.open(slots=[template("00:00-24:00", 10, 4, days=ALL_WEEK)], horizon_days=30)
    booking.plan()
    asked: list[str] = []
    counted = availability.rows.count_days
    monkeypatch.setattr(
        availability.rows, "count_days", lambda *given: asked.append("days") or counted(*given)
    )
    assert len(booking.days()) == 31
    assert asked == ["days"]
