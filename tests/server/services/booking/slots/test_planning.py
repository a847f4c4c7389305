"""Slots are planned ahead, and repaired when the office changes, without a visitor losing their place."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import update

from server.services.booking.slots import planning
from server.store.tables import Slot
from tests.server.at_once import at_once
from tests.server.movable_clock import WARSAW
from tests.server.services.booking.slots.bookable import WEEK, Booking, at, template
from wire.vocabulary import FactType


def conflicts(booking: Booking) -> list[tuple[str, int, int]]:
    context, branch = booking.context, booking.branch()
    found = booking.office.store.read(lambda session: planning.conflicts(session, context, branch))
    return [(f"{each.starts_at.astimezone(WARSAW):%m-%d %H:%M}", each.taken, each.planned) for each in found]


# --- ahead of time --------------------------------------------------------------------------------------


def test_slots_are_there_up_to_the_horizon_and_one_day_more(booking: Booking) -> None:
    booking.open(horizon_days=3)
    # Today from 10:00 on there are 11:00 to 14:00, then four whole days of seven.
    assert booking.plan() == (4 + 4 * 7, 0, 0)
    assert booking.slots()[0].starts_at == at("11-23", "11:00")
    assert booking.slots()[-1].starts_at == at("11-27", "14:00")
    assert {(row.capacity, row.planned, row.taken) for row in booking.slots()} == {(2, 2, 0)}


def test_planned_twice_is_planned_once(booking: Booking) -> None:
    booking.open()
    booking.plan()
    before = [(row.id, row.starts_at) for row in booking.slots()]
    assert booking.plan() == (0, 0, 0)
    assert [(row.id, row.starts_at) for row in booking.slots()] == before


def test_planners_at_once_add_each_slot_once(booking: Booking) -> None:
    booking.open(daily_limit=5)
    added = at_once(4, lambda _: booking.plan()[0])
    assert sum(added) == len(booking.slots()) == len({row.starts_at for row in booking.slots()})
    assert len(booking.limits()) == 9


def test_a_daily_release_and_a_draw_are_planned_as_far_as_they_reach(booking: Booking) -> None:
    booking.open(horizon_days=1, release="daily", release_days_ahead=4)
    booking.plan()
    assert booking.slots()[-1].starts_at == at("11-27", "14:00")
    assert booking.slot(at("11-27", "14:00")).bookable_from == at("11-23", "08:00")
    booking.open(horizon_days=1, release="draw", draw={"window_hours": 24, "ahead_days": 2, "covers_days": 5})
    booking.plan()
    assert booking.slots()[-1].starts_at == at("12-02", "14:00")
    assert {row.bookable_from for row in booking.slots()} == {None}


def test_days_off_and_closed_days_have_no_slots(booking: Booking) -> None:
    every_day = template(days=[*WEEK, "sat", "sun"])
    booking.office.set_policy(closures=[{"first": "2026-12-28", "last": "2026-12-30"}])
    booking.office.clock.set(at("12-22", "20:00"))
    booking.open(slots=[every_day], horizon_days=9)
    booking.plan()
    planned = {f"{row.starts_at.astimezone(WARSAW):%m-%d}" for row in booking.slots()}
    assert planned == {"12-23", "12-27", "12-31"}
    booking.office.set_policy(public_holidays="none", closures=[])
    booking.plan()
    assert len({row.starts_at.astimezone(WARSAW).date() for row in booking.slots()}) == 10


def test_a_period_with_shorter_hours_has_the_slots_that_lie_inside_them(booking: Booking) -> None:
    booking.office.set_policy(
        opening_periods=[{"first": "2026-11-24", "last": "2026-11-24", "hours": {"tue": ["08:00-09:00"]}}]
    )
    booking.open("P", slots=[template("08:00-10:00", 30)], horizon_days=2)
    booking.plan()
    hours = {f"{row.starts_at.astimezone(WARSAW):%m-%d %H:%M}" for row in booking.slots()}
    assert {each for each in hours if each.startswith("11-24")} == {"11-24 08:00", "11-24 08:30"}
    assert {each for each in hours if each.startswith("11-25")} == {
        f"11-25 {each}" for each in ("08:00", "08:30", "09:00", "09:30")
    }


def test_each_service_of_each_branch_has_its_own_slots(booking: Booking) -> None:
    booking.open("P")
    booking.open("P", "legnica", slots=[template("12:00-14:00", capacity=7)])
    booking.open("N", slots=[template("09:00-10:00", 30)])
    booking.office.set_policy(branch="legnica", closures=[{"first": "2026-11-24", "last": "2026-11-24"}])
    planning.plan_slots(booking.office.store, booking.context)
    assert {row.capacity for row in booking.slots("P", "legnica")} == {7}
    assert booking.slots("P", "legnica")[2].starts_at == at("11-25", "12:00")
    assert booking.slots("N")[0].starts_at == at("11-24", "09:00")
    assert booking.slots("P")[0].starts_at == at("11-23", "11:00")
    assert booking.slots("L") == []


# --- when it is time ------------------------------------------------------------------------------------


def test_the_planner_works_when_the_office_changed_and_once_an_hour(booking: Booking) -> None:
    def look() -> int:
        before = len(booking.office.facts(FactType.SLOTS_PLANNED))
        planning.plan_slots(booking.office.store, booking.context)
        return len(booking.office.facts(FactType.SLOTS_PLANNED)) - before

    booking.open(horizon_days=2)
    assert look() == 1
    drop_one = update(Slot).where(Slot.starts_at == at("11-24", "08:00")).values(planned=1)
    booking.office.store.write(lambda session: session.execute(drop_one) and None)
    assert look() == 0
    booking.advance(minutes=59)
    assert look() == 0
    booking.advance(minutes=1)
    assert look() == 1
    booking.open(horizon_days=2, slots=[template(capacity=3)])
    assert look() == 1
    booking.office.clock.set(at("11-24", "00:30"))
    assert look() == 1
    assert [fact.data for fact in booking.office.facts(FactType.SLOTS_PLANNED)][-1] == {
        "service": "P",
        "added": 7,
    }


def test_a_planner_that_broke_off_is_taken_up_by_the_next(booking: Booking, monkeypatch: Any) -> None:
    booking.open()
    booking.open("N")
    monkeypatch.setattr(planning, "plan_service", _dies_at(2, planning.plan_service))
    with pytest.raises(RuntimeError, match="power cut"):
        planning.plan_slots(booking.office.store, booking.context)
    monkeypatch.undo()
    planning.plan_slots(booking.office.store, booking.context)
    assert len(booking.slots("P")) == len(booking.slots("N")) > 0


def _dies_at(turn: int, work: Any) -> Any:
    turns = iter(range(1, 99))

    def once(*arguments: Any) -> Any:
        if next(turns) == turn:
            raise RuntimeError("power cut")
        return work(*arguments)

    return once


# --- repair ---------------------------------------------------------------------------------------------


def test_a_template_with_more_or_fewer_places_changes_its_slots(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    for _ in range(2):
        assert booking.take(at("11-24", "09:00")) == "taken"
    booking.open(horizon_days=1, slots=[template(capacity=1)])
    assert booking.plan() == (0, 4 + 2 * 7, 0)
    row = booking.slot(at("11-24", "09:00"))
    assert (row.planned, row.capacity, row.taken) == (1, 2, 2)
    assert booking.take(at("11-24", "09:00")) == "slot_full"
    assert conflicts(booking) == [("11-24 09:00", 2, 1)]
    booking.open(horizon_days=1, slots=[template(capacity=5)])
    booking.plan()
    row = booking.slot(at("11-24", "09:00"))
    assert (row.planned, row.capacity, row.taken) == (5, 5, 2)
    assert conflicts(booking) == []


def test_slots_that_nobody_wants_go_and_used_ones_stay_without_a_free_place(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    booking.reserve(at("11-24", "09:00"))
    booking.open(horizon_days=1, slots=[template("12:00-15:00")])
    # Of eighteen hours 11:00 today and 8 to 11 of two days are not wanted any more.
    assert booking.plan() == (0, 0, 1 + 2 * 4)
    row = booking.slot(at("11-24", "09:00"))
    assert (row.planned, row.capacity, row.taken) == (0, 1, 1)
    assert conflicts(booking) == [("11-24 09:00", 1, 0)]
    assert booking.take(at("11-24", "09:00")) == "slot_full"
    assert booking.free() == {"11-23": 6, "11-24": 6}
    assert booking.plan() == (0, 0, 0)
    booking.open(horizon_days=1)
    assert booking.plan() == (1 + 2 * 4 - 1, 1, 0)
    assert booking.slot(at("11-24", "09:00")).capacity == 2


def test_a_closure_takes_its_day_and_leaves_the_visits_as_conflicts(booking: Booking) -> None:
    booking.open(horizon_days=2)
    booking.plan()
    booking.reserve(at("11-25", "10:00"))
    booking.office.set_policy(closures=[{"first": "2026-11-25", "last": "2026-11-25"}])
    booking.plan()
    assert "11-25" not in booking.free()
    assert conflicts(booking) == [("11-25 10:00", 1, 0)]


def test_a_shorter_horizon_leaves_what_is_behind_it_and_still_repairs_it(booking: Booking) -> None:
    booking.open(horizon_days=9)
    booking.plan()
    far = at("12-02", "09:00")
    booking.reserve(far)
    booking.open(horizon_days=2)
    assert booking.plan() == (0, 0, 0)
    booking.open(horizon_days=2, slots=[template("12:00-15:00")])
    booking.plan()
    assert conflicts(booking) == [("12-02 09:00", 1, 0)]


def test_a_service_that_leaves_the_web_has_no_slots_any_more(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    booking.open(horizon_days=1, slots=[])
    assert booking.plan() == (0, 0, 18)
    assert booking.slots() == []


def test_slots_opened_by_hand_are_left_alone(booking: Booking) -> None:
    booking.office.open_slot("P", at("11-24", "09:00"), capacity=9)
    booking.office.open_slot("P", at("11-24", "23:00"), capacity=9)
    booking.open(horizon_days=1)
    assert booking.plan() == (17, 0, 0)
    booking.open(horizon_days=1, slots=[])
    assert booking.plan() == (0, 0, 17)
    assert [(row.starts_at, row.capacity, row.planned) for row in booking.slots()] == [
        (at("11-24", "09:00"), 9, None),
        (at("11-24", "23:00"), 9, None),
    ]


def test_hours_that_are_over_are_history(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    booking.office.clock.set(at("11-24", "12:00"))
    booking.open(horizon_days=1, slots=[])
    booking.plan()
    assert len(booking.slots()) == 4 + 5
    assert {row.planned for row in booking.slots()} == {2}


# --- limits of days -------------------------------------------------------------------------------------


def test_limits_of_days_follow_the_setting_and_count_what_is_taken(booking: Booking) -> None:
    booking.open(horizon_days=1)
    booking.plan()
    for hour in ("09:00", "10:00", "11:00"):
        assert booking.take(at("11-24", hour)) == "taken"
    booking.open(horizon_days=1, daily_limit=2)
    booking.plan()
    assert booking.limits() == {"11-23": (0, 2), "11-24": (3, 3), "11-25": (0, 2)}
    booking.open(horizon_days=1, daily_limit=8)
    booking.plan()
    assert booking.limits() == {"11-23": (0, 8), "11-24": (3, 8), "11-25": (0, 8)}
    booking.open(horizon_days=1, daily_limit=1)
    booking.plan()
    assert booking.limits() == {"11-23": (0, 1), "11-24": (3, 3), "11-25": (0, 1)}
    booking.open(horizon_days=1)
    booking.plan()
    assert booking.limits() == {}


def test_no_place_slips_past_a_limit_that_comes_while_places_are_taken(booking: Booking) -> None:
    booking.open(horizon_days=1, slots=[template(capacity=10)])
    booking.plan()
    booking.open(horizon_days=1, slots=[template(capacity=10)], daily_limit=1000)

    def work(turn: int) -> str:
        return str(booking.plan()) if turn == 0 else booking.take(at("11-24", f"{8 + turn % 7:02}:00"))

    answers = at_once(24, work)
    taken = answers.count("taken")
    assert taken == 23
    assert booking.limits()["11-24"] == (taken, 1000)


# --- how long it takes ----------------------------------------------------------------------------------


def test_sixty_days_of_five_services_are_planned_in_a_few_seconds(booking: Booking) -> None:
    for letter in "PLNTK":
        booking.open(letter, horizon_days=60, slots=[template("08:00-18:00", 10)])
    began = time.perf_counter()
    planning.plan_slots(booking.office.store, booking.context)
    took = time.perf_counter() - began
    count = len(booking.office.rows(Slot))
    began = time.perf_counter()
    booking.advance(hours=1)
    planning.plan_slots(booking.office.store, booking.context)
    again = time.perf_counter() - began
    print(f"{count} slots planned in {took:.2f} s, looked through in {again:.2f} s")
    assert count > 12_000
    assert took < 20
