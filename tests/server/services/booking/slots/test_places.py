"""Places are taken under all conditions at once, and come back late, at random, and never too late."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, delete, insert, select, update

from server.services.booking.slots.places import DuePlace
from server.store.queries.booking import slots as rows
from server.store.tables import DayLimit, PlaceReturn
from tests.server.at_once import at_once
from tests.server.services.booking.slots.bookable import Booking, at, template
from wire.vocabulary import FactType

HOUR = at("11-24", "09:00")


def test_of_many_at_once_exactly_as_many_as_there_are_places_get_one(booking: Booking) -> None:
    booking.open(slots=[template(capacity=7)])
    booking.plan()
    answers = at_once(40, lambda _: booking.take(HOUR))
    assert sorted(answers) == ["slot_full"] * 33 + ["taken"] * 7
    assert booking.slot(HOUR).taken == 7


def test_control_reading_first_and_writing_then_sells_too_many(booking: Booking) -> None:
    # A table of its own: the constraint of the real one would forbid even this.
    scratch = Table(
        "scratch_slot", MetaData(), Column("capacity", Integer, nullable=False), Column("taken", Integer)
    )
    store = booking.office.store
    store.write(lambda session: scratch.create(session.connection()))
    try:
        store.write(lambda session: session.execute(insert(scratch).values(capacity=1, taken=0)) and None)
        gate, sold = threading.Barrier(6), []

        def buy(_: int) -> None:
            free = store.read(lambda session: session.execute(select(scratch.c.capacity - scratch.c.taken)))
            is_free = free.scalar_one() > 0
            gate.wait(10)
            if is_free:
                more = update(scratch).values(taken=scratch.c.taken + 1)
                store.write(lambda session: session.execute(more) and None)
                sold.append(1)

        at_once(6, buy)
        assert len(sold) == 6
    finally:
        store.write(lambda session: scratch.drop(session.connection()))


def test_a_limit_of_a_day_holds_however_many_come_at_once_to_different_hours(booking: Booking) -> None:
    booking.open(slots=[template(capacity=10)], daily_limit=5)
    booking.plan()
    hours = [at("11-24", f"{8 + turn % 7:02}:00") for turn in range(35)]
    answers = at_once(35, lambda turn: booking.take(hours[turn]))
    assert sorted(answers) == ["day_full"] * 30 + ["taken"] * 5
    assert booking.limits()["11-24"] == (5, 5)
    assert sum(row.taken for row in booking.slots()) == 5
    assert booking.take(at("11-25", "09:00")) == "taken"


def test_a_limit_that_is_dropped_while_a_place_is_taken_refuses_nobody(
    booking: Booking, monkeypatch: Any
) -> None:
    real, dropped = rows._COUNT_DAY, delete(DayLimit)

    class Dropped:
        """The office drops the limit after somebody saw that there is one."""

        def run(self, session: Any, values: Any) -> int:
            session.execute(dropped)
            return real.run(session, values)

    booking.open(daily_limit=1)
    booking.plan()
    monkeypatch.setattr(rows, "_COUNT_DAY", Dropped())
    assert booking.take(at("11-24", "08:00")) == "taken"
    assert booking.limits() == {}
    assert booking.slot(at("11-24", "08:00")).taken == 1


def test_control_a_limit_that_is_read_first_is_overrun(booking: Booking) -> None:
    booking.open(slots=[template(capacity=10)])
    booking.plan()
    gate = threading.Barrier(6)

    def buy(turn: int) -> str:
        left = 1 - sum(row.taken for row in booking.slots())
        gate.wait(10)
        return booking.take(at("11-24", f"{8 + turn:02}:00")) if left > 0 else "day_full"

    assert at_once(6, buy) == ["taken"] * 6


def test_programs_that_the_office_trusts_wait_for_no_release_but_keep_the_limits(booking: Booking) -> None:
    booking.open(release="daily", release_days_ahead=1, daily_limit=1, horizon_days=2)
    booking.plan()
    late = at("11-25", "09:00")
    assert booking.take(late) == "not_released"
    answer = booking.office.integrator.post("/reservations", booking.office.wish("P", late))
    assert answer.status_code == 201
    answer = booking.office.integrator.post(
        "/reservations", booking.office.wish("P", late + timedelta(hours=1))
    )
    assert (answer.status_code, answer.get_json()["reason"]) == (409, "slot_full")
    assert booking.take(late + timedelta(hours=1), trusted=True) == "day_full"


def test_what_is_not_there_cannot_be_taken(booking: Booking) -> None:
    booking.open()
    booking.plan()
    assert booking.take(at("11-24", "09:01")) == "no_such_slot"
    assert booking.take(at("11-24", "09:00"), "N") == "no_such_slot"
    assert booking.take(at("11-22", "09:00")) == "no_such_slot"


# --- places that come back ------------------------------------------------------------------------------


def full(booking: Booking, **settings: Any) -> int:
    """Book the one place of an hour and cancel it."""
    booking.open(slots=[template(capacity=1)], **settings)
    booking.plan()
    visit = booking.reserve(HOUR)
    booking.cancel(visit)
    return visit


def test_the_place_of_a_cancelled_visit_comes_back_within_its_time_and_never_at_once(
    booking: Booking,
) -> None:
    full(booking, return_minutes=[10, 180], daily_limit=5)
    due = booking.office.one(PlaceReturn).due_at - booking.context.now
    assert timedelta(minutes=10) <= due <= timedelta(minutes=180)
    assert booking.return_places() == 0
    assert booking.take(HOUR) == "slot_full"
    booking.advance(seconds=due.total_seconds() - 1)
    assert booking.return_places() == 0
    booking.advance(seconds=1)
    assert booking.return_places() == 1
    assert booking.limits()["11-24"] == (0, 5)
    assert booking.office.rows(PlaceReturn) == []
    assert booking.return_places() == 0
    assert booking.take(HOUR) == "taken"


def test_nobody_can_foresee_when_a_place_comes_back(booking: Booking) -> None:
    booking.open(slots=[template(capacity=30)], return_minutes=[10, 180])
    booking.plan()
    for _ in range(30):
        booking.cancel(booking.reserve(HOUR))
    due = [row.due_at - booking.context.now for row in booking.office.rows(PlaceReturn)]
    assert len(set(due)) > 20
    assert min(due) < timedelta(minutes=70)
    assert max(due) > timedelta(minutes=110)


def test_a_return_is_a_fact_without_a_person(booking: Booking) -> None:
    full(booking, return_minutes=[0, 0])
    booking.return_places()
    (fact,) = booking.office.facts(FactType.PLACE_RETURNED)
    assert fact.data == {"service": "P", "slot": booking.slot(HOUR).id}


@pytest.mark.parametrize(("late", "returned"), [(0, 1), (1, 0)])
def test_a_place_whose_visit_could_not_check_in_any_more_never_comes_back(
    booking: Booking, late: int, returned: int
) -> None:
    full(booking, return_minutes=[0, 0])
    booking.office.clock.set(HOUR - timedelta(minutes=15) + timedelta(seconds=late))
    assert booking.return_places() == returned
    assert booking.slot(HOUR).taken == 1 - returned
    assert booking.office.rows(PlaceReturn) == []


def test_a_visit_gives_its_place_back_once(booking: Booking) -> None:
    booking.open(slots=[template(capacity=2)], return_minutes=[0, 0])
    booking.plan()
    visit, _ = booking.reserve(HOUR), booking.reserve(HOUR)
    booking.give_back(visit)
    booking.give_back(visit)
    at_once(4, lambda _: booking.return_places())
    assert booking.slot(HOUR).taken == 1


def test_a_returned_place_that_the_templates_no_longer_have_is_gone(booking: Booking) -> None:
    booking.open(slots=[template(capacity=2)], return_minutes=[0, 0])
    booking.plan()
    visits = [booking.reserve(HOUR), booking.reserve(HOUR)]
    booking.open(slots=[template(capacity=1)], return_minutes=[0, 0], daily_limit=1)
    booking.plan()
    assert booking.limits()["11-24"] == (2, 2)
    booking.cancel(visits[0])
    booking.return_places()
    row = booking.slot(HOUR)
    assert (row.taken, row.capacity, row.planned) == (1, 1, 1)
    assert booking.limits()["11-24"] == (1, 1)


def test_a_hand_made_hour_gets_its_place_back_too(booking: Booking) -> None:
    booking.open(return_minutes=[0, 0])
    booking.office.open_slot("P", HOUR, capacity=1)
    booking.cancel(booking.reserve(HOUR))
    assert booking.return_places() == 1
    assert (booking.slot(HOUR).taken, booking.slot(HOUR).capacity) == (0, 1)


def test_the_next_in_the_order_of_a_draw_gets_the_place_before_anybody_else(booking: Booking) -> None:
    booking.open(slots=[template(capacity=1)], return_minutes=[0, 0], horizon_days=2)
    booking.plan()
    visits = [booking.reserve(HOUR), booking.reserve(HOUR + timedelta(hours=1))]
    draw_id = booking.draw(HOUR, drawn_at=booking.context.now)
    for visit in visits:
        booking.cancel(visit)
    asked: list[DuePlace] = []

    def next_in_order(_session: Any, _context: Any, place: DuePlace) -> bool:
        asked.append(place)
        return True

    assert booking.return_places(next_in_order=next_in_order) == 1
    assert [(place.starts_at, place.draw_id) for place in asked] == [(HOUR, draw_id)]
    assert booking.slot(HOUR).taken == 1
    assert booking.slot(HOUR + timedelta(hours=1)).taken == 0
