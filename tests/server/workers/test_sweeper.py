"""Reservations lapse at their instant without a kiosk, also after downtime, and their places stay taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from server.services.access import devices
from server.services.booking import integrators
from server.services.context import RuleBroken
from server.store.tables import Answer, Counter, Device, Reservation, Slot, User
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice


def look(office: SampleOffice) -> int:
    """Let the sweeper look once."""
    return Sweeper(office.store, office.runtime.context).look()


def test_a_reservation_stands_at_its_last_instant_and_lapses_right_after(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    office.clock.set("11:45:00")
    assert look(office) == 0
    office.clock.advance(microseconds=1)
    assert look(office) == 1
    row = office.reservation(booked["id"])
    assert row.status == "lapsed"
    assert row.sealed_codes is None
    (fact,) = office.facts("reservation.lapsed")
    assert fact.data["reservation"] == booked["id"]


def test_what_lapsed_while_the_server_was_down_lapses_at_its_start_with_its_own_instant(
    office: SampleOffice,
) -> None:
    hours = [at("12:00"), at("13:00"), at("12:30") + timedelta(days=1)]
    for hour in hours:
        office.book("P", hour)
    office.clock.advance(days=3)
    assert look(office) == 3
    assert [fact.data["lapsed_at"] for fact in office.facts("reservation.lapsed")] == [
        (hour - timedelta(minutes=15)).isoformat() for hour in hours
    ]


def test_the_place_of_a_lapsed_reservation_stays_taken(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"), capacity=1)
    office.integrator.post("/reservations", office.wish("P", at("12:00")))
    office.clock.set("11:50")
    look(office)
    assert office.one(Slot).taken == 1
    again = office.integrator.post("/reservations", office.wish("P", at("12:00")))
    assert again.get_json()["reason"] == "slot_full"


def test_the_answer_at_the_kiosk_is_the_same_whether_or_not_the_sweeper_was_there(
    office: SampleOffice,
) -> None:
    swept, unswept = office.book("P", "12:00"), office.book("P", "12:00")
    office.clock.set("11:46")
    office.set_reservation(unswept["id"], lapses_at=at("11:45"))
    before = office.kiosk.post("/check-ins", {"code": unswept["code"]}).get_json()
    look(office)
    after = office.kiosk.post("/check-ins", {"code": swept["code"]}).get_json()
    assert before["reason"] == after["reason"] == "too_late"
    assert before["facts"] == after["facts"]


def test_who_has_a_ticket_or_was_cancelled_never_lapses(office: SampleOffice) -> None:
    here, gone = office.book("P", "12:00"), office.book("P", "12:00")
    office.kiosk.post("/check-ins", {"code": here["code"]})
    office.integrator.delete(f"/reservations/{gone['id']}")
    office.clock.set("15:00")
    assert look(office) == 0
    assert office.reservation(here["id"]).status == "checked_in"
    assert office.reservation(gone["id"]).status == "cancelled"


def test_a_pending_reservation_lapses_too(office: SampleOffice) -> None:
    booked = office.book("K", "12:00")
    office.clock.set("11:46")
    assert look(office) == 1
    assert office.reservation(booked["id"]).status == "lapsed"


def reinstate(office: SampleOffice, booked: dict[str, Any]) -> None:
    """Let a manager reinstate a lapsed reservation."""
    context = office.runtime.context()
    office.store.write(lambda session: integrators.reinstate(session, context, booked["id"], "train_late"))


def test_what_a_manager_reinstated_stands_until_its_day_is_over(office: SampleOffice) -> None:
    booked, never_comes = office.book("P", "12:00"), office.book("P", "12:00")
    office.clock.set("12:30")
    assert look(office) == 2
    for each in (booked, never_comes):
        reinstate(office, each)
    assert look(office) == 0
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    assert ticket["appointment_at"] == "2026-11-23T11:00:00Z"
    assert [fact.data["reason"] for fact in office.facts("reservation.reinstated")] == ["train_late"] * 2
    office.clock.set(at("00:00") + timedelta(days=1, microseconds=1))
    assert look(office) == 1
    with pytest.raises(RuleBroken, match="day_over"):
        reinstate(office, never_comes)


def test_only_what_lapsed_can_be_reinstated(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    with pytest.raises(RuleBroken, match="not_allowed"):
        reinstate(office, booked)


def test_nobody_is_reinstated_beside_a_reservation_of_their_own(office: SampleOffice) -> None:
    lapsed = office.book("P", "12:00", document="AB123456")
    office.clock.set("11:46")
    look(office)
    office.book("P", "15:00", document="AB123456")
    with pytest.raises(RuleBroken, match="already_booked"):
        reinstate(office, lapsed)


def test_more_than_a_page_lapses_in_one_look(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    row = office.reservation(booked["id"])
    columns = ("branch_id", "service_id", "status", "appointment_at", "lapses_at", "language", "booked_at")
    same = {name: getattr(row, name) for name in columns}
    office.store.write(lambda session: session.execute(insert(Reservation), [same] * 450))
    office.clock.set("11:46")
    assert look(office) == 451
    assert office.rows(Reservation, Reservation.status != "lapsed") == []


def test_kept_answers_are_forgotten_after_two_days(office: SampleOffice) -> None:
    office.walk_in("P")
    assert len(office.rows(Answer)) == 1
    office.clock.advance(hours=47)
    look(office)
    assert len(office.rows(Answer)) == 1
    office.clock.advance(hours=2)
    look(office)
    assert office.rows(Answer) == []


def _session_too_old(office: SampleOffice) -> None:
    office.clock.advance(hours=12, seconds=1)


def _device_revoked(office: SampleOffice) -> None:
    device = office.one(Device, Device.name == "counter:wroclaw:7")
    office.store.write(lambda session: devices.revoke(session, office.runtime.context(), device.id))


def _clerk_removed(office: SampleOffice) -> None:
    gone = update(User).where(User.login == "wroclaw7").values(disabled_at=office.clock.now())
    office.store.write(lambda session: session.execute(gone))


@pytest.mark.parametrize("ends", [_session_too_old, _device_revoked, _clerk_removed])
@pytest.mark.parametrize("is_serving", [False, True])
def test_a_counter_whose_clerk_is_gone_is_closed_and_its_ticket_is_taken_over_elsewhere(
    office: SampleOffice, ends: Callable[[SampleOffice], None], is_serving: bool
) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post("/counters/7/call-next").status_code == 200
    if is_serving:
        clerk.post(f"/tickets/{ticket['id']}/start")
    look(office)
    assert office.ticket(ticket["id"]).status == ("serving" if is_serving else "called")
    ends(office)
    look(office)
    counter = office.one(Counter, Counter.number == 7)
    assert (counter.state, counter.clerk_id) == ("closed", None)
    assert [fact.data["reason"] for fact in office.facts("clerk.signed_out", "ticket.parked")] == [
        "clerk_gone"
    ] * 2
    other = office.clerk(8)
    (left,) = other.get("/counters/8").get_json()["parked"]
    assert left["number"] == "P001"
    taken = other.post(f"/tickets/{ticket['id']}/call", {"reason": "parked"})
    assert (taken.status_code, taken.get_json()["ticket"]["counter"]) == (200, 8)
    look(office)
    assert len(office.facts("clerk.signed_out")) == 1


def test_a_counter_whose_clerk_is_there_or_whose_next_clerk_came_stays_open(office: SampleOffice) -> None:
    office.clerk(7)
    office.clerk(7)
    office.clock.advance(hours=11, minutes=59)
    look(office)
    assert office.facts("clerk.signed_out") == []
    assert office.one(Counter, Counter.number == 7).state == "open"
