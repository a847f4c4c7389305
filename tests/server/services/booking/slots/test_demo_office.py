"""The demo's office has a place at any hour of any day, and its sample visits live beside the planned hours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from deploy.demo import sample
from server.api.authentication import Runtime
from server.app import build_runtime
from server.services.booking.slots import availability, planning
from server.store.store import Store
from server.store.tables import Slot
from tests.server.movable_clock import WARSAW, MovableClock
from tests.server.sample_office import KEYS


@pytest.fixture
def runtime(database_url: str, clock: MovableClock) -> Iterator[Runtime]:
    """Give an empty house."""
    store = Store(database_url, answer_seconds=60.0)
    yield build_runtime(store, clock, KEYS, "https://numerek.test")
    store.close()


def free_today(runtime: Runtime, letter: str) -> list[datetime]:
    context = runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    today = context.now.astimezone(WARSAW).date()
    found = runtime.store.read(
        lambda session: [
            *availability.hours(session, context, branch.services[letter], today),
            *availability.hours(session, context, branch.services[letter], today + timedelta(days=1)),
        ]
    )
    return [hour.starts_at for hour in found]


@pytest.mark.parametrize("now", ["2026-11-23T10:00", "2026-12-25T23:59", "2026-12-31T04:00"])
def test_at_any_hour_a_place_is_free_for_which_a_ticket_can_be_taken_soon(
    runtime: Runtime, clock: MovableClock, now: str
) -> None:
    clock.set(datetime.fromisoformat(now).replace(tzinfo=WARSAW))
    sample.fill(runtime, "http://127.0.0.1:1")
    planning.plan_slots(runtime.store, runtime.context())
    for letter in "PLNK":
        assert free_today(runtime, letter)[0] <= clock.now() + timedelta(minutes=50)
    for letter in "PLNKZ":
        assert len(free_today(runtime, letter)) > 20
    # What is free of the drawn service belongs to a draw, which alone gives it.
    drawn = {row.starts_at for row in _slots(runtime) if row.draw_id is not None}
    assert set(free_today(runtime, "D")) <= drawn


def test_sample_visits_and_planned_hours_live_beside_each_other(
    runtime: Runtime, clock: MovableClock
) -> None:
    told = sample.fill(runtime, "http://127.0.0.1:1")
    by_hand = {row.id for row in _slots(runtime) if row.planned is None}
    assert by_hand
    began = time.perf_counter()
    planning.plan_slots(runtime.store, runtime.context())
    print(f"{len(_slots(runtime))} slots of the demo planned in {time.perf_counter() - began:.2f} s")
    assert {row.id for row in _slots(runtime) if row.planned is None} == by_hand
    clock.advance(days=1, minutes=7)
    planning.plan_slots(runtime.store, runtime.context())
    assert sample.renew(runtime, told)
    assert sum(each["expect"] == "admitted" for each in told["reservations"]) > 40
    planning.plan_slots(runtime.store, runtime.context())
    branch = runtime.context().office.branch_named("wroclaw")
    assert branch is not None
    assert runtime.store.read(lambda session: planning.conflicts(session, runtime.context(), branch)) == ()


def _slots(runtime: Runtime) -> list[Slot]:
    return runtime.store.read(lambda session: list(session.query(Slot).all()))
