"""While the office is late itself nobody is late within its delay (⚙ delay_grace_minutes)."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.booking import visits
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice


@pytest.fixture
def late(office: SampleOffice) -> SampleOffice:
    """Let the office grant grace, and be late: its visitor of 10:00 is called at 10:20."""
    office.set_policy(delay_grace_minutes=60)
    return office


def call_at(office: SampleOffice, booked: str, called: str) -> None:
    """Let a visitor arrive in time and be called at an instant."""
    office.clock.set("9:30")
    arrived = office.arrive("P", booked)
    office.clock.set(called)
    answer = office.clerk(8).post(f"/tickets/{arrived['id']}/call", {"reason": "other"})
    assert answer.status_code == 200, answer.text


def sweep(office: SampleOffice) -> int:
    return Sweeper(office.store, office.runtime.context).look()


def check_in(office: SampleOffice, booked: dict[str, Any]) -> Any:
    return office.kiosk.post("/check-ins", {"code": booked["code"]})


@pytest.mark.parametrize("is_swept", [True, False])
def test_who_comes_within_the_offices_delay_is_in_time(late: SampleOffice, is_swept: bool) -> None:
    mine = late.book("P", "10:30")
    call_at(late, "10:00", "10:20")
    late.clock.set("10:35")
    if is_swept:
        assert sweep(late) == 0
    answer = check_in(late, mine)
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["ticket"]["appointment_at"].startswith(at("10:30").isoformat()[:16])


@pytest.mark.parametrize("is_swept", [True, False])
def test_a_moment_later_is_too_late_and_the_kiosk_says_until_when(late: SampleOffice, is_swept: bool) -> None:
    mine = late.book("P", "10:30")
    call_at(late, "10:00", "10:20")
    late.clock.set("10:35")
    late.clock.advance(microseconds=1)
    if is_swept:
        sweep(late)
    problem = check_in(late, mine).get_json()
    assert problem["reason"] == "too_late"
    assert problem["facts"]["check_in_until"].startswith(at("10:35").isoformat()[:16])


def test_control_without_the_setting_the_usual_minutes_count(office: SampleOffice) -> None:
    mine = office.book("P", "10:30")
    call_at(office, "10:00", "10:20")
    problem = check_in(office, mine).get_json()
    assert problem["reason"] == "too_late"
    assert problem["facts"]["check_in_until"].startswith(at("10:15").isoformat()[:16])


def test_another_services_delay_helps_nobody(late: SampleOffice) -> None:
    mine = late.book("L", "10:30")
    call_at(late, "10:00", "10:20")
    assert check_in(late, mine).get_json()["reason"] == "too_late"


def test_the_grace_has_its_most(office: SampleOffice) -> None:
    office.set_policy(delay_grace_minutes=10)
    mine, other = office.book("P", "10:30"), office.book("P", "10:30")
    call_at(office, "10:00", "10:20")
    office.clock.set("10:25")
    assert check_in(office, mine).status_code == 201
    office.clock.advance(microseconds=1)
    assert check_in(office, other).get_json()["reason"] == "too_late"


def test_what_was_promised_is_kept_when_the_office_catches_up(late: SampleOffice) -> None:
    mine = late.book("P", "10:30")
    call_at(late, "10:00", "10:20")
    sweep(late)
    row = late.reservation(mine["id"])
    assert (row.status, row.lapses_at) == ("booked", at("10:35"))
    shown = late.store.read(lambda s: visits.visit_of(s, late.runtime.context(), row.id, "pl"))
    assert shown.check_in_until == at("10:35"), "the page of the reservation says so, too"
    late.set_policy(delay_grace_minutes=0)
    late.set_reservation(mine["id"], lapses_at=at("10:35"))
    late.clock.set("10:34")
    assert check_in(late, mine).status_code == 201


def test_who_lapsed_before_the_office_became_late_is_taken_in_on_record(late: SampleOffice) -> None:
    mine = late.book("P", "10:30")
    late.clock.set("9:30")
    first = late.arrive("P", "10:00")
    late.clock.set("10:16")
    late.store.write(lambda session: None)
    assert late.clerk(8).post(f"/tickets/{first['id']}/call", {"reason": "other"}).status_code == 200
    late.set_reservation(mine["id"], status="lapsed", lapses_at=at("10:15"))
    late.clock.set("10:20")
    assert check_in(late, mine).status_code == 201
    assert [fact.data["reason"] for fact in late.facts("reservation.reinstated")] == ["office_late"]


def test_what_lapsed_for_another_reason_stays_lapsed(late: SampleOffice) -> None:
    mine = late.book("P", "10:30")
    call_at(late, "10:00", "10:20")
    late.set_reservation(mine["id"], status="lapsed", reason="not_activated", lapses_at=at("9:00"))
    assert check_in(late, mine).get_json()["reason"] == "lapsed"


def test_a_missed_call_is_forgiven_for_as_much_longer(late: SampleOffice) -> None:
    late.set_policy(delay_grace_minutes=60, no_show_grace_minutes=10, no_show_after_calls=1)
    late.clock.set("9:30")
    mine = late.book("P", "10:00")
    ticket = check_in(late, mine).get_json()["ticket"]["id"]
    late.clock.set("10:20")
    clerk = late.clerk(8)
    assert clerk.post(f"/tickets/{ticket}/call", {"reason": "other"}).status_code == 200
    assert clerk.post(f"/tickets/{ticket}/no-show").status_code == 200
    late.clock.set("10:50")
    answer = check_in(late, mine)
    assert (answer.status_code, answer.get_json().get("reinstated")) == (200, True)


def test_control_of_the_missed_call(office: SampleOffice) -> None:
    office.set_policy(no_show_grace_minutes=10, no_show_after_calls=1)
    office.clock.set("9:30")
    mine = office.book("P", "10:00")
    ticket = check_in(office, mine).get_json()["ticket"]["id"]
    office.clock.set("10:20")
    clerk = office.clerk(8)
    clerk.post(f"/tickets/{ticket}/call", {"reason": "other"})
    clerk.post(f"/tickets/{ticket}/no-show")
    office.clock.set("10:50")
    assert check_in(office, mine).get_json()["reason"] == "ticket_no_show"
