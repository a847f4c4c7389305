"""The demo's office has a place at any hour of any day, and its sample visits live beside the planned hours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from deploy.demo import sample
from server.api.door import House
from server.app import build_house
from server.services.slots import availability, planning
from server.store.store import Store
from server.store.tables import Slot
from tests.server.movable_clock import WARSAW, MovableClock
from tests.server.sample_office import KEYS


@pytest.fixture
def house(database_url: str, clock: MovableClock) -> Iterator[House]:
    """Give an empty house."""
    store = Store(database_url)
    yield build_house(store, clock, KEYS, "https://numerek.test")
    store.close()


def free_today(house: House, letter: str) -> list[datetime]:
    moment = house.moment()
    branch = moment.office.branch_named("wroclaw")
    assert branch is not None
    today = moment.now.astimezone(WARSAW).date()
    found = house.store.read(
        lambda session: [
            *availability.hours(session, moment, branch.services[letter], today),
            *availability.hours(session, moment, branch.services[letter], today + timedelta(days=1)),
        ]
    )
    return [hour.starts_at for hour in found]


@pytest.mark.parametrize("now", ["2026-11-23T10:00", "2026-12-25T23:59", "2026-12-31T04:00"])
def test_at_any_hour_a_place_is_free_for_which_a_ticket_can_be_taken_soon(
    house: House, clock: MovableClock, now: str
) -> None:
    clock.set(datetime.fromisoformat(now).replace(tzinfo=WARSAW))
    sample.fill(house, "http://127.0.0.1:1")
    planning.plan_slots(house.store, house.moment())
    for letter in "PLOK":
        assert free_today(house, letter)[0] <= clock.now() + timedelta(minutes=50)
    for letter in "PLOKZ":
        assert len(free_today(house, letter)) > 20
    assert free_today(house, "D") == []


def test_sample_visits_and_planned_hours_live_beside_each_other(house: House, clock: MovableClock) -> None:
    told = sample.fill(house, "http://127.0.0.1:1")
    by_hand = {row.id for row in _slots(house)}
    began = time.perf_counter()
    planning.plan_slots(house.store, house.moment())
    print(f"{len(_slots(house))} slots of the demo planned in {time.perf_counter() - began:.2f} s")
    assert {row.id for row in _slots(house) if row.planned is None} == by_hand
    clock.advance(days=1, minutes=7)
    planning.plan_slots(house.store, house.moment())
    assert sample.renew(house, told)
    assert sum(each["expect"] == "admitted" for each in told["reservations"]) > 40
    planning.plan_slots(house.store, house.moment())
    branch = house.moment().office.branch_named("wroclaw")
    assert branch is not None
    assert house.store.read(lambda session: planning.conflicts(session, house.moment(), branch)) == ()


def _slots(house: House) -> list[Slot]:
    return house.store.read(lambda session: list(session.query(Slot).all()))
