"""Idempotency: the same key gives the same answer, whatever happens in between, and nothing happens twice."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from server.store.errors import StoreUnavailable
from server.store.tables import Answer, Reservation, Ticket
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from wire.codes import check_digit

UNKNOWN = "12345678" + check_digit("12345678")


def test_the_same_key_gives_the_same_answer_byte_for_byte(office: SampleOffice) -> None:
    first = office.kiosk.post("/tickets", {"service": "P"}, key="one")
    office.clock.advance(minutes=5)
    office.walk_in("P")
    again = office.kiosk.post("/tickets", {"service": "P"}, key="one")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert len(office.rows(Ticket)) == 2


def test_a_refusal_is_an_answer_too_and_is_kept(office: SampleOffice) -> None:
    booked = office.book("P", "10:10")
    first = office.kiosk.post("/check-ins", {"code": booked["code"]}, key="late")
    assert first.status_code == 409
    office.clock.set("9:50")
    again = office.kiosk.post("/check-ins", {"code": booked["code"]}, key="late")
    assert (again.status_code, again.data) == (409, first.data)
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}, key="fresh").status_code == 201


def test_a_broken_rule_is_kept_like_any_answer(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    first = clerk.post(f"/tickets/{ticket['id']}/start", key="early")
    assert (first.status_code, first.get_json()["reason"]) == (409, "not_allowed")
    clerk.post("/counters/7/call-next")
    assert clerk.post(f"/tickets/{ticket['id']}/start", key="early").data == first.data
    assert clerk.post(f"/tickets/{ticket['id']}/start", key="now").status_code == 200


def test_another_body_under_the_same_key_is_refused_and_changes_nothing(office: SampleOffice) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, key="one")
    again = office.kiosk.post("/tickets", {"service": "N"}, key="one")
    assert (again.status_code, again.get_json()["reason"]) == (422, "key_reused")
    assert [row.number for row in office.rows(Ticket)] == ["P001"]


def test_a_command_without_a_key_is_refused_before_anything_happens(office: SampleOffice) -> None:
    response = office.kiosk.raw("POST", "/tickets", b'{"service": "P"}')
    assert (response.status_code, response.get_json()["reason"]) == (400, "key_missing")
    assert office.rows(Ticket) == []


@pytest.mark.parametrize("key", ["with space", "x" * 201, "ż"])
def test_a_key_is_printable_ascii_of_bounded_length(office: SampleOffice, key: str) -> None:
    header = key.encode().decode("latin-1")
    response = office.kiosk.raw("POST", "/tickets", b'{"service": "P"}', Idempotency_Key=header)
    assert (response.status_code, response.get_json()["reason"]) == (400, "malformed_key")


def test_the_same_key_of_somebody_else_is_another_key(office: SampleOffice) -> None:
    here = office.kiosk.post("/tickets", {"service": "P"}, key="shared").get_json()
    there = office.door("kiosk:legnica").post("/tickets", {"service": "P"}, key="shared").get_json()
    assert here["ticket"]["id"] != there["ticket"]["id"]


def test_the_same_key_on_another_route_is_another_key(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}, key="k").status_code == 201
    assert office.kiosk.post("/tickets", {"service": "P"}, key="k").status_code == 201


def test_the_same_key_eight_times_at_once_gives_one_ticket(office: SampleOffice) -> None:
    kiosk = office.kiosk
    answers = at_once(8, lambda _: kiosk.post("/tickets", {"service": "P"}, key="at once"[:2]))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert len(office.rows(Ticket)) == 1


def test_the_same_code_at_once_under_different_keys_gives_one_ticket(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    kiosk = office.kiosk
    answers = at_once(8, lambda _: kiosk.post("/check-ins", {"code": booked["code"]}))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert {answer.get_json()["ticket"]["number"] for answer in answers} == {"P001"}


def test_the_same_booking_retried_has_the_same_code(office: SampleOffice) -> None:
    office.open_slot("P", at("12:00"))
    wish = office.wish("P", at("12:00"))
    first, again = (office.integrator.post("/reservations", wish, key="b") for _ in range(2))
    assert first.get_json() == again.get_json()
    assert len(office.rows(Reservation)) == 1


def test_control_without_the_kept_answer_a_retry_is_a_second_ticket(office: SampleOffice) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, key="one")
    office.store.write(lambda session: session.execute(Answer.__table__.delete()))
    office.kiosk.post("/tickets", {"service": "P"}, key="one")
    assert len(office.rows(Ticket)) == 2


def test_a_pause_is_not_kept(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    for _ in range(5):
        office.kiosk.post("/check-ins", {"code": UNKNOWN})
    kept = len(office.rows(Answer))
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}, key="again").status_code == 429
    assert len(office.rows(Answer)) == kept
    office.clock.advance(seconds=31)
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}, key="again").status_code == 201


def test_a_failure_of_the_database_is_not_kept_and_the_retry_succeeds(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise StoreUnavailable("disk_full", 7)

    with monkeypatch.context() as patch:
        patch.setattr(office.store._writer, "write", fails)
        response = office.kiosk.post("/tickets", {"service": "P"}, key="one")
    assert (response.status_code, response.get_json()["reason"]) == (503, "disk_full")
    assert response.headers["Retry-After"] == "7"
    assert office.rows(Answer) == []
    assert office.kiosk.post("/tickets", {"service": "P"}, key="one").status_code == 201


def test_a_bug_is_not_kept_and_tells_only_the_requests_id(
    office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("server.services.queue.issue.ticket_number", lambda *_: 1 / 0)
        response = office.kiosk.post("/tickets", {"service": "P"}, key="one")
    problem = response.get_json()
    assert (response.status_code, problem["reason"]) == (500, "internal_error")
    assert problem["facts"] == {"request_id": response.headers["X-Request-Id"]}
    assert "division" not in response.text
    assert office.rows(Answer) == office.rows(Ticket) == []
    assert office.kiosk.post("/tickets", {"service": "P"}, key="one").get_json()["ticket"]["number"] == "P001"


def test_kept_answers_are_sealed(office: SampleOffice) -> None:
    booked = office.book("P", "11:00")
    row = office.one(Answer)
    assert booked["code"].encode() not in row.sealed_answer
    assert b"reservation" not in row.sealed_answer


def test_a_driver_error_that_is_no_refusal_of_ours_rolls_everything_back(office: SampleOffice) -> None:
    def work(session: object) -> None:
        session.add(Ticket(branch_id=1))  # type: ignore[attr-defined]
        raise OperationalError("statement", {}, Exception("database is locked"))

    with pytest.raises(Exception, match="database"):
        office.store.write(work)
    assert office.rows(Ticket) == []
