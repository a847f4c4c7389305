"""Guessing booking codes is slow: each device pauses for typed codes, twice as long each time; QR codes go on."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.server.at_once import at_once
from tests.server.sample_office import SampleOffice
from wire.codes import check_digit


def guess(office: SampleOffice, turn: int = 0, kiosk: str = "kiosk:wroclaw") -> TestResponse:
    """Type a code with a right check digit that nobody has."""
    body = f"{99_000_000 + turn}"
    return office.door(kiosk).post("/check-ins", {"code": body + check_digit(body)})


def test_after_five_wrong_codes_typed_ones_wait_half_a_minute(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    for turn in range(5):
        assert guess(office, turn).get_json()["reason"] == "unknown_code"
    office.clock.advance(seconds=10)
    response = office.kiosk.post("/check-ins", {"code": booked["code"]})
    assert (response.status_code, response.get_json()["reason"]) == (429, "paused")
    assert response.headers["Retry-After"] == "20"
    office.clock.advance(seconds=20)
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201


def test_each_further_wrong_code_doubles_the_pause_up_to_five_minutes(office: SampleOffice) -> None:
    for turn in range(5):
        guess(office, turn)
    pauses = []
    for turn in range(6):
        paused = guess(office, 100 + turn)
        assert paused.status_code == 429
        pauses.append(int(paused.headers["Retry-After"]))
        office.clock.advance(seconds=pauses[-1])
        assert guess(office, 200 + turn).get_json()["reason"] == "unknown_code"
    assert pauses == [30, 60, 120, 240, 300, 300]
    assert len(office.facts("check_in.paused")) == 7


def test_qr_codes_and_walk_ins_go_on_in_a_pause(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    for turn in range(5):
        guess(office, turn)
    assert guess(office).status_code == 429
    assert office.kiosk.post("/check-ins", {"code": booked["qr"]}).status_code == 201
    assert office.kiosk.post("/tickets", {"service": "P"}).status_code == 201


def test_another_device_does_not_pause(office: SampleOffice) -> None:
    for turn in range(6):
        guess(office, turn)
    assert guess(office, 9, "kiosk:legnica").get_json()["reason"] == "unknown_code"


def test_a_right_code_forgets_the_wrong_ones(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    for turn in range(4):
        guess(office, turn)
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201
    for turn in range(4):
        assert guess(office, turn).status_code == 409
    assert guess(office).status_code == 409
    assert guess(office).status_code == 429


def test_unknown_qr_codes_are_refused_without_a_pause(office: SampleOffice) -> None:
    for _ in range(8):
        response = office.kiosk.post("/check-ins", {"code": "NQ1:" + "A" * 32})
        assert response.get_json()["reason"] == "unknown_code"


def test_many_guesses_at_once_are_counted_one_by_one(office: SampleOffice) -> None:
    answers = at_once(12, lambda place: guess(office, place))
    assert sorted(answer.status_code for answer in answers) == [409] * 5 + [429] * 7


@pytest.mark.parametrize("tries", [2])
def test_how_many_tries_there_are_is_the_branchs_setting(office: SampleOffice, tries: int) -> None:
    office.set_policy(wrong_code_tries=tries, wrong_code_pause_seconds=7)
    for turn in range(tries):
        assert guess(office, turn).status_code == 409
    assert guess(office).headers["Retry-After"] == "7"
