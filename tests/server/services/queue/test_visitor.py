"""From the phone: leaving, one pause that holds nobody up, and *I am here*; each by the visitor's own address."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.portal.queue.phone_page import sentences
from server.services.queue.visitor import end_pauses
from server.workers.sweeper import Sweeper
from tests.server.at_once import at_once
from tests.server.sample_office import KEYS, SampleOffice


def step(office: SampleOffice, ticket: int, name: str) -> TestResponse:
    """Send a form of the phone page."""
    door = office.door()
    return door.raw("POST", f"//t/{KEYS.track_token(ticket)}/{name}", b"", Content_Type="text/plain")


def page(office: SampleOffice, ticket: int, more: str = "") -> str:
    """Read the phone page."""
    return office.door().get(f"//t/{KEYS.track_token(ticket)}{more}").text


def look(office: SampleOffice) -> None:
    """Let the sweeper look once."""
    Sweeper(office.store, office.runtime.context).look()


def called(clerk: Any, number: int = 7) -> str | None:
    """Call the next, finish with them, and return the number."""
    answer = clerk.post(f"/counters/{number}/call-next")
    if answer.status_code != 200:
        return None
    ticket = answer.get_json()["ticket"]
    clerk.post(f"/tickets/{ticket['id']}/start")
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    return str(ticket["number"])


def said(key: str, **facts: Any) -> str:
    """Return a sentence of the page."""
    return sentences().say("en", key, **facts)


@pytest.fixture
def three(office: SampleOffice) -> list[int]:
    """Let three people wait."""
    return [office.walk_in("P", language="en")["id"] for _ in range(3)]


def test_who_leaves_is_asked_once_more_and_is_not_called(office: SampleOffice, three: list[int]) -> None:
    asked = page(office, three[0], "/leave")
    assert said("leave_body", number="P001") in asked
    assert office.ticket(three[0]).status == "waiting"  # asking changes nothing
    assert step(office, three[0], "leave").status_code == 303
    assert step(office, three[0], "leave").status_code == 303  # a second touch
    row = office.ticket(three[0])
    assert (row.status, row.outcome) == ("withdrawn", "visitor_left")
    facts = office.facts("ticket.withdrawn")
    assert [fact.data["reason"] for fact in facts] == ["visitor_left"]
    assert "clerk" not in facts[0].data
    assert called(office.clerk(7)) == "P002"
    assert said("leave") not in page(office, three[0])
    assert step(office, three[0], "pause").status_code == 409


def test_a_pause_holds_nobody_up_and_keeps_the_place(office: SampleOffice, three: list[int]) -> None:
    assert said("pause", minutes=10) in page(office, three[0])
    assert step(office, three[0], "pause").status_code == 303
    until = office.runtime.context().branch(office.ticket(three[0]).branch_id)
    assert said("paused", until="10:10") in page(office, three[0]), until
    clerk = office.clerk(7)
    assert called(clerk) == "P002"
    office.clock.advance(minutes=9, seconds=59)
    look(office)
    assert office.ticket(three[0]).status == "parked"
    late = office.walk_in("P", language="en")["id"]
    office.clock.advance(seconds=1)
    look(office)
    # Back before those who came later, and before the one who came just behind.
    assert [called(clerk) for _ in range(4)] == ["P001", "P003", "P004", None]
    assert [fact.type for fact in office.facts("ticket.paused", "ticket.resumed")] == [
        "ticket.paused",
        "ticket.resumed",
    ]
    assert said("why_paused") in page(office, three[0], "/why")
    assert said("why_paused") not in page(office, late, "/why")


def test_control_without_the_sweeper_nobody_comes_back(office: SampleOffice, three: list[int]) -> None:
    step(office, three[0], "pause")
    office.clock.advance(minutes=11)
    assert called(office.clerk(7)) == "P002"
    context = office.runtime.context()
    assert office.store.write(lambda session: end_pauses(session, context)) == 1
    assert office.store.write(lambda session: end_pauses(session, context)) == 0


def test_a_pause_is_taken_once_and_may_end_early(office: SampleOffice, three: list[int]) -> None:
    step(office, three[0], "pause")
    step(office, three[0], "pause")
    assert len(office.facts("ticket.paused")) == 1
    office.clock.advance(minutes=2)
    assert step(office, three[0], "back").status_code == 303
    assert office.ticket(three[0]).status == "waiting"
    assert said("pause", minutes=10) not in page(office, three[0])
    refused = step(office, three[0], "pause")
    assert refused.status_code == 409
    assert said("not_possible") in refused.text
    assert called(office.clerk(7)) == "P001"


def test_a_pause_is_only_for_who_waits(office: SampleOffice, three: list[int]) -> None:
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    for name in ("pause", "back", "leave"):
        assert step(office, three[0], name).status_code == 409, name
    clerk.post(f"/tickets/{three[0]}/park")
    assert step(office, three[0], "back").status_code == 409  # a clerk set it aside
    office.clock.advance(minutes=30)
    look(office)
    assert office.ticket(three[0]).status == "parked"


def test_who_is_called_by_number_in_a_pause_is_not_sent_back_by_its_end(
    office: SampleOffice, three: list[int]
) -> None:
    step(office, three[0], "pause")
    clerk = office.clerk(7)
    shown = clerk.get("/counters/7").get_json()["parked"]
    assert [(row["number"], row["paused_until"][11:16]) for row in shown] == [("P001", "09:10")]
    assert clerk.post(f"/tickets/{three[0]}/call").status_code == 200
    clerk.post(f"/tickets/{three[0]}/park")
    office.clock.advance(minutes=11)
    look(office)
    assert office.ticket(three[0]).status == "parked"


def test_an_office_may_offer_neither(office: SampleOffice, three: list[int]) -> None:
    office.set_policy(phone_pause_minutes=0, phone_announces=False)
    assert said("pause_hint") not in page(office, three[0])
    assert step(office, three[0], "pause").status_code == 409
    office.clerk(7).post("/counters/7/call-next")
    assert said("here") not in page(office, three[0])
    assert step(office, three[0], "here").status_code == 409


def test_the_counter_sees_that_the_visitor_is_here(office: SampleOffice, three: list[int]) -> None:
    assert step(office, three[0], "here").status_code == 409  # nobody has called yet
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    assert clerk.get("/counters/7").get_json()["current"]["announced"] is False
    assert said("here") in page(office, three[0])
    step(office, three[0], "here")
    step(office, three[0], "here")
    assert clerk.get("/counters/7").get_json()["current"]["announced"] is True
    assert said("here_said") in page(office, three[0])
    facts = office.facts("ticket.announced")
    assert [(fact.data["counter"], fact.data["number"]) for fact in facts] == [(7, "P001")]


def test_another_address_changes_nothing(office: SampleOffice, three: list[int]) -> None:
    token = KEYS.track_token(three[0])
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "1-nothing", KEYS.track_token(999)):
        for name in ("leave", "pause", "back", "here"):
            assert office.door().raw("POST", f"//t/{wrong}/{name}", b"").status_code == 404
    assert office.ticket(three[0]).status == "waiting"


def test_a_pause_and_a_call_at_the_same_moment_leave_one_of_both(office: SampleOffice) -> None:
    for _ in range(5):
        ticket = office.walk_in("P", language="en")["id"]
        clerk = office.clerk(7)
        at_once(
            2, lambda n, t=ticket, c=clerk: step(office, t, "pause") if n else c.post("/counters/7/call-next")
        )
        row = office.ticket(ticket)
        assert (row.status, row.counter_id is None) in {("called", False), ("parked", True)}
        if row.status == "called":
            clerk.post(f"/tickets/{ticket}/start")
            clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})
