"""What an integrator found who had only the pages of the API: each finding stays mended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice

TOMORROW = at("8:00") + timedelta(days=1)


def look(office: SampleOffice) -> None:
    """Let the sweeper look once."""
    Sweeper(office.store, office.runtime.context).look()


def reason(response: Any) -> tuple[int, str]:
    """Return the status and the reason of a refusal."""
    return response.status_code, response.get_json()["reason"]


def test_nobody_of_yesterday_stands_in_the_line_of_today(office: SampleOffice) -> None:
    left = [office.walk_in("P"), office.walk_in("P", priority="disability"), office.arrive("P", at("12:00"))]
    sent = office.walk_in("P")
    clerk = office.clerk(8)
    clerk.post(f"/tickets/{sent['id']}/call", {"reason": "other"})
    clerk.post(f"/tickets/{sent['id']}/transfer", {"counter": 7})
    office.clock.set(TOMORROW)
    look(office)
    assert [office.ticket(each["id"]).status for each in (*left, sent)] == ["withdrawn"] * 4
    facts = office.facts("ticket.withdrawn")
    assert {fact.data["reason"] for fact in facts} == {"day_over"}
    assert {fact.data["hall"] for fact in facts} == {"A"}
    first = office.walk_in("P")
    assert (first["number"], first["people_ahead"]) == ("P001", 0)
    clerk = office.clerk(8)
    clerk.post("/counters/8/state", {"state": "open"})
    called = clerk.post("/counters/8/call-next").get_json()["ticket"]
    assert called["id"] == first["id"]


def test_who_came_before_midnight_waits_on_in_a_hall_that_is_open_then(office: SampleOffice) -> None:
    office.clock.set("21:00")
    waits = office.walk_in("P")
    parked, served = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    for ticket, step in ((parked, "park"), (served, "start")):
        clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "other"})
        clerk.post(f"/tickets/{ticket['id']}/{step}")
    office.clock.advance(hours=11)
    look(office)
    assert office.ticket(waits["id"]).status == "waiting"
    office.clock.advance(hours=2)
    look(office)
    states = [office.ticket(each["id"]).status for each in (waits, parked, served)]
    assert states == ["withdrawn", "withdrawn", "finished"]


def test_a_long_day_is_not_over_before_midnight(office: SampleOffice) -> None:
    office.clock.set("6:00")
    waits = office.walk_in("P")
    office.clock.set("23:59")
    look(office)
    assert office.ticket(waits["id"]).status == "waiting"


@pytest.mark.parametrize("steps", [["withdraw"], ["call", "start", "finish"]])
def test_a_ticket_that_cannot_be_called_is_told_so_at_a_busy_counter_too(
    office: SampleOffice, steps: list[str]
) -> None:
    clerk, other = office.clerk(7), office.clerk(8)
    gone, current = office.walk_in("P"), office.walk_in("P")
    for step in steps:
        body = {"call": {"reason": "other"}, "finish": {"outcome": "served"}}.get(step)
        assert other.post(f"/tickets/{gone['id']}/{step}", body).status_code == 200
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == current["id"]
    refused = clerk.post(f"/tickets/{gone['id']}/call", {"reason": "other"})
    assert reason(refused) == (409, "not_allowed")
    assert refused.get_json()["facts"] == {"state": office.ticket(gone["id"]).status, "actions": []}


def test_a_busy_counter_names_the_ticket_in_hand_to_who_calls_another(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    current, other = office.walk_in("P"), office.walk_in("P")
    clerk.post("/counters/7/call-next")
    facts = clerk.post(f"/tickets/{other['id']}/call", {"reason": "other"}).get_json()["facts"]
    assert facts == {"ticket": current["id"], "number": current["number"]}


@pytest.mark.parametrize("blank", ["", "   ", "\t\n", "\u2003"])
def test_a_blank_reason_is_no_reason(office: SampleOffice, blank: str) -> None:
    waits = office.walk_in("P")
    response = office.clerk(7).post(f"/tickets/{waits['id']}/call", {"reason": blank})
    assert reason(response) == (422, "invalid_body")


@pytest.mark.parametrize("code", ["", " ", "1" * 513, "\u0661" * 5_000])
def test_text_of_any_length_that_is_no_code_is_a_malformed_code(office: SampleOffice, code: str) -> None:
    assert reason(office.kiosk.post("/check-ins", {"code": code})) == (422, "malformed_code")
    waits = office.walk_in("P")
    response = office.clerk(7).post(f"/tickets/{waits['id']}/verify-confirmation", {"code": code})
    assert reason(response) == (422, "malformed_code")


def book(office: SampleOffice, **applicant: object) -> Any:
    """Ask for a place that is there."""
    office.open_slot("P", at("12:00"))
    return office.integrator.post("/reservations", office.wish("P", at("12:00"), **applicant))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Jan\r\nBcc: x@example.org"),
        ("name", "Jan\x00"),
        ("name", "Jan\x1b[2J"),
        ("name", "Ja\x85n"),
        ("document", "AB\n1"),
        ("email", "nobody"),
        ("email", "a@b\r\nBcc: c@d"),
        ("email", "a@b@c"),
        ("phone", "abc"),
        ("phone", "600\n700"),
    ],
)
def test_no_control_character_and_no_nonsense_is_kept_of_an_applicant(
    office: SampleOffice, field: str, value: str
) -> None:
    response = book(office, **{field: value})
    assert reason(response) == (422, "invalid_body")
    assert response.get_json()["facts"]["field"] == f"applicant.{field}"


@pytest.mark.parametrize(
    "applicant",
    [
        {"name": "Łucja Ćwik-O’Hara", "email": "łucja@przykład.pl", "phone": "+48 (71) 340-60-00"},
        {"name": "Олена Шевченко", "document": "FE 123456", "phone": "600100200"},
    ],
)
def test_people_of_all_scripts_are_welcome(office: SampleOffice, applicant: dict[str, str]) -> None:
    assert book(office, **applicant).status_code == 201


def test_a_child_has_a_name_on_one_line(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"))
    wish = office.wish("P", at("12:00")) | {"children": [{"name": "Ola\n", "birth_year": 2020}]}
    assert reason(office.integrator.post("/reservations", wish)) == (422, "invalid_body")
