"""A late number is not lost: it is marked, or called off if not given yet, and handed over at the next scan."""

from __future__ import annotations

import time
from typing import Any

import pytest

from server.store.tables import Ticket
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_handling import act


def lost(office: SampleOffice, command: str, key: str) -> int:
    """Report as the kiosk does that nobody saw an answer."""
    body = {"command": command, "key": key}
    return office.kiosk.post("/not-handed-over", body).status_code


def rows(office: SampleOffice, which: str = "waiting") -> list[tuple[str, bool]]:
    """List what counter 7 shows: numbers, and whether each is marked."""
    listed = office.clerk(7).get("/counters/7").get_json()[which]
    return [(row["number"], row["not_handed_over"]) for row in listed]


def on_board(office: SampleOffice) -> list[str]:
    lines = office.board.get("/boards/A").get_json()["waiting"]
    return [number for line in lines for number in line["numbers"]]


def check_in(office: SampleOffice, code: str, key: str | None = None) -> tuple[int, dict[str, Any]]:
    response = office.kiosk.post("/check-ins", {"code": code}, key)
    return response.status_code, response.get_json()


def test_a_number_that_nobody_saw_is_marked_until_the_code_is_shown_again(office: SampleOffice) -> None:
    code, other = office.book("P", "10:30")["code"], office.arrive("P", "10:40")["number"]
    ticket = check_in(office, code, "the-lost-one")[1]["ticket"]
    number = ticket["number"]
    assert sorted(rows(office)) == sorted([(number, False), (other, False)])
    for _ in range(2):
        assert lost(office, "check-ins", "the-lost-one") == 204
    assert sorted(rows(office)) == sorted([(number, True), (other, False)])
    (fact,) = office.facts("ticket.not_handed_over")
    assert (fact.data["number"], fact.data["hall"]) == (number, "A")
    status, body = check_in(office, code)
    assert (status, body["repeat"], body["ticket"]["id"]) == (201, False, ticket["id"])
    assert len(office.facts("ticket.handed_over")) == 1
    assert rows(office).count((number, False)) == 1
    status, body = check_in(office, code)
    assert (status, body["repeat"]) == (200, True)


def test_a_ticket_without_a_reservation_is_marked_too(office: SampleOffice) -> None:
    office.kiosk.post("/tickets", {"service": "P"}, "walk-in")
    assert lost(office, "check-ins", "walk-in") == 204
    assert rows(office) == [("P001", False)]
    assert lost(office, "tickets", "walk-in") == 204
    assert lost(office, "tickets", "another-walk-in") == 204
    assert rows(office) == [("P001", True)]


def test_what_was_not_carried_out_yet_is_called_off(office: SampleOffice) -> None:
    code = office.book("P", "10:30")["code"]
    assert lost(office, "check-ins", "too-slow") == 204
    assert check_in(office, code, "too-slow")[0] == 422
    assert office.rows(Ticket) == []
    assert check_in(office, code)[0] == 201


def test_a_copy_that_nobody_saw_marks_nothing(office: SampleOffice) -> None:
    code = office.book("P", "10:30")["code"]
    check_in(office, code)
    assert check_in(office, code, "the-copy")[1]["repeat"] is True
    assert lost(office, "check-ins", "the-copy") == 204
    assert office.facts("ticket.not_handed_over") == []


def test_a_refusal_that_nobody_saw_marks_nothing(office: SampleOffice) -> None:
    assert check_in(office, office.book("P", "18:30")["code"], "first")[0] == 201
    office.set_policy("N", walk_in=False)
    assert office.kiosk.post("/tickets", {"service": "N"}, "refused").status_code == 409
    assert lost(office, "tickets", "refused") == 204
    assert office.facts("ticket.not_handed_over") == []


@pytest.mark.parametrize("shown", [True, False])
def test_the_office_rules_whether_the_board_lists_it(office: SampleOffice, shown: bool) -> None:
    office.set_policy(board_shows_not_handed_over=shown)
    office.kiosk.post("/tickets", {"service": "P"}, "walk-in")
    assert on_board(office) == ["P001"]
    lost(office, "tickets", "walk-in")
    expected = ["P001"] if shown else []
    # On PostgreSQL a fact is in the feed some milliseconds after its commit: until then boards see the old view.
    assert any(on_board(office) == expected or time.sleep(0.02) for _ in range(500))


def test_who_was_called_without_knowing_the_number_waits_again_with_it(office: SampleOffice) -> None:
    office.set_policy(no_show_after_calls=1)
    code = office.book("P", "10:30")["code"]
    ticket_id = check_in(office, code, "the-lost-one")[1]["ticket"]["id"]
    lost(office, "check-ins", "the-lost-one")
    for step in ("call", "no-show"):
        assert act(office.clerk(7), ticket_id, step)[0] == 200
    assert rows(office, "no_shows") == [("P001", True)]
    status, body = check_in(office, code)
    assert (status, body["reinstated"], body["repeat"]) == (201, True, False)
    assert office.ticket(ticket_id).not_handed_over_at is None


def test_only_its_own_commands_are_a_kiosks_to_report(office: SampleOffice) -> None:
    office.door("kiosk:legnica").post("/tickets", {"service": "P"}, "walk-in")
    assert lost(office, "tickets", "walk-in") == 204
    assert office.facts("ticket.not_handed_over") == []
