"""Walk-in tickets: where they are offered, while it is open, up to the limit, and as long as it is likely."""

from __future__ import annotations

import pytest

from server.store.tables import Counter, Ticket
from server.workers.sweeper import Sweeper
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice


def _only_counter_8_is_open(office: SampleOffice) -> None:
    table = Counter.__table__
    closed = table.update().where(table.c.number != 8).values(state="closed")
    office.store.write(lambda session: session.execute(closed))


def refusal(office: SampleOffice, service: str) -> dict[str, object]:
    """Ask for a ticket that is not given and return the problem."""
    response = office.kiosk.post("/tickets", {"service": service})
    assert response.status_code == 409, response.text
    problem: dict[str, object] = response.get_json()
    return problem


def test_a_walk_in_gets_a_ticket_in_their_language(office: SampleOffice) -> None:
    response = office.kiosk.post("/tickets", {"service": "N", "language": "en"})
    assert response.status_code == 201
    ticket = response.get_json()["ticket"]
    assert (ticket["number"], ticket["service"]["name"], ticket["people_ahead"]) == ("N001", "Service N", 0)
    assert response.get_json()["repeat"] is False


def test_a_service_without_walk_ins_or_no_service_at_all(office: SampleOffice) -> None:
    assert refusal(office, "L")["reason"] == "not_offered"
    assert refusal(office, "Z")["reason"] == "not_offered"
    assert [fact.data["reason"] for fact in office.facts("walk_in.refused")] == ["not_offered"] * 2


def test_a_clerk_may_give_a_ticket_where_the_kiosk_does_not(office: SampleOffice) -> None:
    response = office.clerk(10).post("/tickets", {"service": "L", "priority": "disability"})
    assert response.status_code == 201
    assert response.get_json()["ticket"]["priority"] == "disability"


def test_outside_the_hours_the_answer_tells_when_it_opens(office: SampleOffice) -> None:
    office.set_policy("N", walk_in_hours={"mon": ["11:00-12:00"]})
    problem = refusal(office, "N")
    assert (problem["reason"], problem["facts"]) == ("closed", {"opens_at": at("11:00").isoformat()})
    office.clock.set("11:00")
    assert office.walk_in("N")["number"] == "N001"
    office.clock.set("12:00")
    assert refusal(office, "N")["reason"] == "closed"


def test_the_branchs_hours_hold_for_walk_ins_too(office: SampleOffice) -> None:
    office.set_policy(opening_hours={"mon": ["08:00-09:00"]})
    assert refusal(office, "N")["reason"] == "closed"


def test_the_daily_limit_holds_for_many_at_once_and_begins_anew_each_day(office: SampleOffice) -> None:
    office.set_policy("N", walk_in_daily_limit=3)
    kiosk = office.kiosk
    answers = at_once(10, lambda _: kiosk.post("/tickets", {"service": "N"}))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 7
    assert refusal(office, "N")["reason"] == "limit_reached"
    office.clock.advance(days=1)
    Sweeper(office.store, office.runtime.context).look()
    assert office.walk_in("N")["number"] == "N001"


def test_nobody_is_sent_to_wait_for_a_call_that_is_unlikely_today(office: SampleOffice) -> None:
    office.set_policy(opening_hours={"mon": ["08:00-10:20"]})
    _only_counter_8_is_open(office)
    given = 0
    while office.kiosk.post("/tickets", {"service": "P"}).status_code == 201:
        given += 1
        assert given < 20
    # One counter, some eight minutes each, and 20 minutes are left.
    assert given in (2, 3)
    assert refusal(office, "P")["reason"] == "unlikely_today"
    assert refusal(office, "P")["facts"] == {"closes_at": at("10:20").isoformat()}
    menu = {each["code"]: each for each in office.kiosk.get("/services").get_json()["services"]}
    assert (menu["P"]["walk_in"], menu["P"]["refusal"]) == (True, "unlikely_today")


def test_priority_is_one_of_the_branchs_classes(office: SampleOffice) -> None:
    office.set_policy(priority_classes=["disability"])
    response = office.kiosk.post("/tickets", {"service": "N", "priority": "elderly"})
    assert (response.status_code, response.get_json()["reason"]) == (422, "unknown_priority")
    assert office.rows(Ticket) == []


def test_the_menu_tells_for_each_service_whether_tickets_are_given_and_the_wait(office: SampleOffice) -> None:
    office.set_policy("N", walk_in_hours={"mon": ["11:00-12:00"]})
    office.set_policy("T", walk_in_daily_limit=1)
    office.walk_in("T")
    for _ in range(3):
        office.walk_in("P")
    _only_counter_8_is_open(office)
    answer = office.kiosk.get("/services").get_json()
    menu = {service["code"]: service for service in answer["services"]}
    assert list(menu) == ["P", "L", "N", "T", "K"]
    assert menu["P"]["names"] == {"pl": "Usługa P", "en": "Service P"}
    assert (menu["P"]["walk_in"], menu["P"].get("refusal"), menu["P"]["waiting"]) == (True, None, 3)
    assert 20 <= menu["P"]["wait_minutes"] <= 30
    assert (menu["L"]["walk_in"], menu["L"]["refusal"]) == (False, "not_offered")
    assert (menu["N"]["refusal"], menu["N"]["opens_at"]) == ("closed", "2026-11-23T10:00:00Z")
    assert menu["T"]["refusal"] == "limit_reached"


@pytest.mark.parametrize("path", ["/tickets", "/check-ins"])
def test_a_language_that_the_branch_does_not_speak_is_refused(office: SampleOffice, path: str) -> None:
    booked = office.book("P", "10:30")
    body = {"service": "N"} if path == "/tickets" else {"code": booked["code"]}
    refused = office.kiosk.post(path, body | {"language": "xx"})
    assert (refused.status_code, refused.get_json()["reason"]) == (422, "unknown_language")
    assert refused.get_json()["facts"]["languages"] == ["pl", "en"]
    assert office.rows(Ticket) == []
    assert office.kiosk.post(path, body | {"language": "en"}).status_code == 201
