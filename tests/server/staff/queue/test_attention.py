"""Calls for help from a counter, and messages to one: who sees them, who answers, and that they end."""

from __future__ import annotations

from collections.abc import Callable

from server.store.tables import Steering
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from wire.vocabulary import Role

HALL = "/staff/at/wroclaw/hall"


def test_a_call_for_help_is_seen_accepted_by_one_and_over(office: SampleOffice) -> None:
    seven, eight, one = office.clerk(7), office.clerk(8), office.clerk(1)
    seven.post("/counters/7/help")
    seven.post("/counters/7/help")
    assert [call["counter"] for call in eight.get("/counters/8").get_json()["help"]] == [7]
    assert seven.post("/counters/7/help/accept").get_json()["reason"] == "own_help"
    (call,) = eight.post("/counters/7/help/accept").get_json()["help"]
    assert call["accepted_by"] == "Anna Nowak"
    late = one.post("/counters/7/help/accept")
    assert (late.status_code, late.get_json()["reason"]) == (409, "help_accepted")
    assert eight.post("/counters/7/help/end").status_code == 404, "that is the other counter's to end"
    assert seven.post("/counters/7/help/end").get_json()["help"] == []
    assert seven.post("/counters/7/help/end").status_code == 404
    assert eight.post("/counters/7/help/accept").status_code == 404
    names = [fact.type for fact in office.facts("help.called", "help.accepted", "help.ended")]
    assert names == ["help.called", "help.accepted", "help.ended"]
    assert office.facts("help.called")[0].data["hall"] == "A"


def test_another_branch_and_another_hall_see_no_call(office: SampleOffice) -> None:
    office.clerk(7).post("/counters/7/help")
    assert office.clerk(20).get("/counters/20").get_json()["help"] == []
    there = office.clerk(1, "legnica")
    assert there.get("/counters/1").get_json()["help"] == []
    assert there.post("/counters/7/help/accept").status_code == 404


def test_the_hall_page_shows_the_call_first_and_answers_it(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    office.walk_in("P")
    office.clock.advance(minutes=20)
    seven = office.clerk(7)
    seven.post("/counters/7/help")
    browser = signed_in(Role.SUPERVISOR)
    page = browser.get(HALL)
    assert page.text.index("counters/7/help/accept") < page.text.index("#service-P")
    token = page.fields["csrf_token"]
    browser.send("POST", f"{HALL}/A/counters/7/help/accept", {"csrf_token": token})
    (call,) = seven.get("/counters/7").get_json()["help"]
    assert call["accepted_by"] == "Anna supervisor"
    office.clock.advance(seconds=1)
    page = browser.get(HALL)
    assert "Anna supervisor" in page.words
    assert "help/accept" not in page.text
    browser.send("POST", f"{HALL}/A/counters/7/help/end", {"csrf_token": token})
    assert seven.get("/counters/7").get_json()["help"] == []
    assert "help/accept" not in signed_in(Role.AUDITOR).get(HALL).text


def test_a_message_stands_at_its_counter_until_it_is_read(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    browser, text = signed_in(Role.SUPERVISOR), "Proszę <b>otworzyć</b> L"
    token = browser.get(HALL).fields["csrf_token"]
    browser.send("POST", f"{HALL}/A/counters/7/message", {"csrf_token": token, "text": text})
    seven, eight = office.clerk(7), office.clerk(8)
    (message,) = seven.get("/counters/7").get_json()["messages"]
    assert message["text"] == text
    assert eight.get("/counters/8").get_json()["messages"] == []
    assert office.door("counter:wroclaw:7").get("/counters/7").get_json()["messages"] == [], (
        "nobody signed in"
    )
    assert eight.post(f"/counters/8/messages/{message['id']}/read").status_code == 404
    assert "✉" in browser.get(HALL).text
    assert seven.post(f"/counters/7/messages/{message['id']}/read").get_json()["messages"] == []
    assert seven.post(f"/counters/7/messages/{message['id']}/read").status_code == 404
    (row,) = office.rows(Steering)
    assert (row.value, row.answered_at is not None) == (None, True)
    assert text not in str([fact.data for fact in office.facts()])
