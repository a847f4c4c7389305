"""Checking in over the API: in time or not, once, at the right branch, and never a word about other codes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.store.tables import Ticket
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from wire.codes import check_digit


def test_a_code_becomes_a_ticket_with_a_number_and_a_place_in_line(office: SampleOffice) -> None:
    booked = office.book("P", "10:30")
    office.arrive("P", "10:20")
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.status_code == 201
    answer = response.get_json()
    assert answer["repeat"] is False
    ticket = answer["ticket"]
    assert ticket["number"] == "P002"
    assert ticket["status"] == "waiting"
    assert ticket["service"]["code"] == "P"
    assert ticket["people_ahead"] == 1
    assert ticket["expected_from"] <= ticket["expected_until"]
    assert ticket["track_url"].startswith("https://numerek.test/t/")
    assert "reservation" not in ticket
    assert office.reservation(booked["id"]).status == "checked_in"


@pytest.mark.parametrize("shape", ["code", "qr"])
def test_typed_and_scanned_codes_lead_to_the_same_ticket(office: SampleOffice, shape: str) -> None:
    booked = office.book("P", "10:30")
    first = office.kiosk.post("/check-ins", {"code": booked[shape]})
    again = office.kiosk.post("/check-ins", {"code": booked["qr"]})
    spoken = " - ".join(booked["code"])
    third = office.kiosk.post("/check-ins", {"code": spoken})
    assert (first.status_code, again.status_code, third.status_code) == (201, 200, 200)
    assert again.get_json()["repeat"] is True
    assert again.get_json()["ticket"]["number"] == first.get_json()["ticket"]["number"]
    assert len(office.rows(Ticket)) == 1
    assert len(office.facts("check_in.repeated")) == 2


def test_exactly_fifteen_minutes_before_is_in_time(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    office.clock.set("10:45:00")
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201


def test_a_second_later_is_too_late_and_the_facts_tell_why(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    office.clock.set("10:45:01")
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.status_code == 409
    problem = response.get_json()
    assert problem["reason"] == "too_late"
    assert problem["facts"]["check_in_until"] == at("10:45").isoformat()
    assert problem["facts"]["appointment_at"] == at("11:00").isoformat()
    assert problem["facts"]["now"] == at("10:45:01").isoformat()
    assert problem["facts"]["service"] == "P"
    assert office.rows(Ticket) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("cancelled", "cancelled"),
        ("rejected", "rejected"),
        ("pending", "not_verified"),
        ("held", "not_verified"),
        ("lapsed", "lapsed"),
    ],
)
def test_a_reservation_that_does_not_stand_is_refused(office: SampleOffice, status: str, reason: str) -> None:
    booked = office.book("P", "11:00")
    office.set_reservation(booked["id"], status=status)
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert (response.status_code, response.get_json()["reason"]) == (409, reason)


def test_a_service_that_asks_for_verification_books_as_pending(office: SampleOffice) -> None:
    booked = office.book("K", "11:00")
    assert booked["status"] == "pending"
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.get_json()["reason"] == "not_verified"


def test_another_branch_tells_only_where_and_on_which_day(office: SampleOffice) -> None:
    booked = office.book("P", "11:00", branch="legnica")
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.status_code == 409
    assert response.get_json()["reason"] == "other_branch"
    assert response.get_json()["facts"] == {
        "branch": "legnica",
        "branch_name": "Urząd legnica",
        "date": "2026-11-23",
    }


def test_another_day_too_early_and_an_earlier_day(office: SampleOffice) -> None:
    tomorrow = office.book("P", at("11:00") + timedelta(days=1))
    assert _reason(office, tomorrow) == "other_day"
    office.set_policy(check_in_earliest_minutes=60)
    today = office.book("P", "12:00")
    assert _reason(office, today) == "too_early"
    office.clock.set("11:00")
    assert office.kiosk.post("/check-ins", {"code": today["code"]}).status_code == 201
    office.clock.advance(days=2)
    assert _reason(office, tomorrow) == "lapsed"


def test_the_service_button_of_another_service_is_told_which_one_it_is(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    response = office.kiosk.post("/check-ins", {"code": booked["code"], "service": "N"})
    assert response.get_json()["reason"] == "other_service"
    assert response.get_json()["facts"]["service"] == "P"
    assert office.kiosk.post("/check-ins", {"code": booked["code"], "service": "P"}).status_code == 201


def test_nobody_is_let_in_when_nobody_is_served_any_more(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    office.set_policy(opening_hours={"mon": ["07:00-09:30"]})
    assert _reason(office, booked) == "closed"


def test_of_several_reasons_the_first_of_the_list_is_told(office: SampleOffice) -> None:
    booked = office.book("P", "11:00", branch="legnica")
    office.set_reservation(booked["id"], status="cancelled")
    assert _reason(office, booked) == "cancelled"
    office.set_reservation(booked["id"], status="booked")
    office.clock.set("10:59")
    assert _reason(office, booked) == "other_branch"


def test_an_unknown_code_looks_the_same_whatever_else_exists(office: SampleOffice) -> None:
    office.book("P", "11:00")
    answers = []
    for code in ("482 910 378", "000000000"):
        response = office.kiosk.post("/check-ins", {"code": _checked(code)})
        problem = response.get_json()
        assert problem["reason"] == "unknown_code"
        answers.append({key: value for key, value in problem.items() if key != "request_id"})
    assert answers[0] == answers[1]
    assert answers[0]["facts"] == {}


@pytest.mark.parametrize("code", ["123456789", "12345", "x", "NQ1:short", "NQ1:" + "a" * 32, "9" * 300])
def test_a_malformed_code_is_told_as_such_and_is_no_wrong_try(office: SampleOffice, code: str) -> None:
    for _ in range(7):
        response = office.kiosk.post("/check-ins", {"code": code})
        assert (response.status_code, response.get_json()["reason"]) == (422, "malformed_code")
    booked = office.book("P", "11:00")
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201


def test_the_chosen_language_is_the_tickets(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    response = office.kiosk.post("/check-ins", {"code": booked["code"], "language": "en"})
    ticket = response.get_json()["ticket"]
    assert (ticket["language"], ticket["service"]["name"]) == ("en", "Service P")


def test_the_fifteen_minutes_are_elapsed_ones_in_the_night_when_the_clock_changes(
    office: SampleOffice,
) -> None:
    # 25 October 2026: 03:00 becomes 02:00. The visit is at 02:10 after the change; 02:55 before it is in time.
    after_change = at("10:00").replace(month=10, day=25, hour=1, minute=10)
    office.clock.set(after_change - timedelta(days=1))
    booked = office.book("P", after_change)
    office.clock.set(after_change - timedelta(minutes=15, microseconds=-1))
    assert _reason(office, booked) == "too_late"
    office.clock.set(after_change - timedelta(minutes=15))
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201


def _reason(office: SampleOffice, booked: dict[str, str]) -> str:
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert response.status_code == 409, response.text
    return str(response.get_json()["reason"])


def _checked(code: str) -> str:
    body = "".join(char for char in code if char.isdigit())[:8]
    return body + check_digit(body)
