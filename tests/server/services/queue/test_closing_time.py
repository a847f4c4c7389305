"""Who still waits when the branch has closed: served, or sent home at the office's hour, each on record ⚙."""

from __future__ import annotations

from typing import Any

from server.workers.sweeper import Sweeper
from tests.server.sample_office import SampleOffice

HOURS = {"mon": ["08:00-15:00"]}


def look(office: SampleOffice) -> None:
    """Let the sweeper look once."""
    Sweeper(office.store, office.runtime.context).look()


def waiting_at_three(office: SampleOffice, **rules: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Let the branch close at three with a walk-in and a booked visitor in line, and one at a counter."""
    office.set_policy(opening_hours=HOURS, **rules)
    office.clock.set("14:30")
    booked = office.book("P", "14:50")
    served = office.walk_in("P")
    assert office.clerk(8).post("/counters/8/call-next").status_code == 200
    walk_in = office.walk_in("P")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    assert office.ticket(served["id"]).status == "called"
    return walk_in, ticket, booked["code"]


def test_at_the_hour_after_closing_who_waits_is_sent_home_on_record(office: SampleOffice) -> None:
    walk_in, booked, code = waiting_at_three(office, left_at_closing="until", left_at_closing_minutes=45)
    office.clock.set("15:44:59")
    look(office)
    assert [office.ticket(each["id"]).status for each in (walk_in, booked)] == ["waiting"] * 2
    office.clock.set("15:45")
    look(office)
    assert [office.ticket(each["id"]).status for each in (walk_in, booked)] == ["withdrawn"] * 2
    facts = [fact.data for fact in office.facts("ticket.withdrawn")]
    assert {fact["ticket"] for fact in facts} == {walk_in["id"], booked["id"]}
    assert {fact["reason"] for fact in facts} == {"day_over"}
    told = office.kiosk.post("/check-ins", {"code": code}).get_json()
    assert (told["reason"], told["facts"]["why"]) == ("ticket_withdrawn", "day_over")


def test_whoever_is_at_a_counter_stays_there(office: SampleOffice) -> None:
    waiting_at_three(office, left_at_closing="until", left_at_closing_minutes=0)
    office.clock.set("15:00")
    look(office)
    in_hand = office.clerk(8).get("/counters/8").get_json()["current"]
    assert in_hand["status"] == "called"


def test_control_by_default_everybody_is_served(office: SampleOffice) -> None:
    walk_in, booked, _ = waiting_at_three(office)
    office.clock.set("18:00")
    look(office)
    assert [office.ticket(each["id"]).status for each in (walk_in, booked)] == ["waiting"] * 2
    assert office.facts("ticket.withdrawn") == []


def test_another_branchs_hour_is_its_own(office: SampleOffice) -> None:
    walk_in, _, _ = waiting_at_three(office)
    office.set_policy(branch="legnica", opening_hours=HOURS, left_at_closing="until")
    office.clock.set("18:00")
    look(office)
    assert office.ticket(walk_in["id"]).status == "waiting"
