"""Whose thing it is: another branch's, counter's or integrator's looks exactly as if there were none."""

from __future__ import annotations

import pytest

from server.store.tables import Ticket
from tests.server.sample_office import SampleOffice

NOTHING = 999_999


def test_another_branchs_ticket_looks_like_none(office: SampleOffice) -> None:
    there = office.door("kiosk:legnica").post("/tickets", {"service": "P"}).get_json()["ticket"]
    clerk = office.clerk(7)
    bodies = {"finish": {"outcome": "served"}, "transfer": {"service": "N"}, "call": {"reason": "other"}}
    actions = ("call", "recall", "start", "finish", "no-show", "park", "put-back", "transfer", "reinstate")
    for action in (*actions, "withdraw", "undo"):
        answers = [
            clerk.post(f"/tickets/{ticket_id}/{action}", bodies.get(action))
            for ticket_id in (there["id"], NOTHING)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], action
        assert answers[0].data == answers[1].data
    booked = office.book("P", "11:00")
    answers = [
        clerk.post(f"/tickets/{ticket_id}/verify-confirmation", {"code": booked["code"]})
        for ticket_id in (there["id"], NOTHING)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert office.one(Ticket, Ticket.id == there["id"]).status == "waiting"


@pytest.mark.parametrize("number", [8, 20, 999, 0])
def test_another_counter_looks_like_none(office: SampleOffice, number: int) -> None:
    clerk = office.clerk(7)
    assert clerk.get(f"/counters/{number}").status_code == 404
    assert clerk.post(f"/counters/{number}/call-next").status_code == 404
    assert clerk.post(f"/counters/{number}/state", {"state": "closed"}).status_code == 404
    assert office.door("counter:wroclaw:7").get(f"/counters/{number}").status_code == 404


def test_another_integrators_reservation_looks_like_none(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    other = office.door("other integrator")
    for method in (other.get, other.delete):
        answers = [method(f"/reservations/{number}") for number in (booked["id"], NOTHING)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].data == answers[1].data
    assert office.reservation(booked["id"]).status == "booked"


def test_a_board_sees_the_halls_of_its_branch_only(office: SampleOffice) -> None:
    assert office.board.get("/boards/A").get_json()["branch"]["code"] == "wroclaw"
    assert office.door("board:legnica").get("/boards/A").get_json()["branch"]["code"] == "legnica"
    assert office.door("board:legnica").get("/boards/B").status_code == 404
    assert office.board.get("/boards/X").status_code == 404


def test_a_ticket_in_another_counters_hands_is_left_there(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    seven, eight = office.clerk(7), office.clerk(8)
    seven.post("/counters/7/call-next")
    for action in ("recall", "start", "park", "put-back", "withdraw"):
        response = eight.post(f"/tickets/{ticket['id']}/{action}")
        assert (response.status_code, response.get_json()["reason"]) == (409, "at_other_counter")
    assert office.ticket(ticket["id"]).status == "called"


def test_kiosks_and_snapshots_of_one_branch_do_not_show_the_others_people(office: SampleOffice) -> None:
    office.door("kiosk:legnica").post("/tickets", {"service": "P"})
    assert office.clerk(7).get("/counters/7").get_json()["waiting_total"] == 0
    assert all(line["total"] == 0 for line in office.board.get("/boards/A").get_json()["waiting"])
    menu = office.kiosk.get("/services").get_json()["services"]
    assert {service["waiting"] for service in menu} == {0}


def test_a_device_without_a_clerk_sees_no_visitors_name(office: SampleOffice) -> None:
    office.arrive("P", "10:30")
    clerk = office.clerk(7)
    called = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert called["reservation"]["applicant"].startswith("Visitor")
    assert "Visitor" not in office.door("counter:wroclaw:7").get("/counters/7").text
    assert "Visitor" in clerk.get("/counters/7").text
