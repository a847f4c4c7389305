"""The clerk's checklist: what is ticked stays with the ticket, whoever serves it next."""

from __future__ import annotations

from typing import Any

from tests.server.sample_office import Door, SampleOffice


def called(office: SampleOffice, clerk: Door, *words: str) -> dict[str, Any]:
    """Call a walk-in ticket of a service with a checklist."""
    office.set_policy("P", checklist=list(words))
    office.walk_in("P")
    found: dict[str, Any] = clerk.post("/counters/7/call-next").get_json()["ticket"]
    return found


def test_a_tick_outlives_a_transfer_and_another_clerk_sees_it(office: SampleOffice) -> None:
    seven, eight = office.clerk(7), office.clerk(8)
    ticket = called(office, seven, "identity", "payment", "photograph")
    assert (ticket["checklist"], ticket["checked"]) == (["identity", "payment", "photograph"], [])
    path = f"/tickets/{ticket['id']}"
    answer = seven.post(f"{path}/check", {"checked": ["photograph", "identity"]})
    assert answer.get_json()["ticket"]["checked"] == ["identity", "photograph"]
    assert seven.get("/counters/7").get_json()["current"]["checked"] == ["identity", "photograph"]
    seven.post(f"{path}/transfer", {"counter": 8})
    assert eight.post("/counters/8/call-next").get_json()["ticket"]["checked"] == ["identity", "photograph"]
    eight.post(f"{path}/check", {"checked": []})
    assert eight.get("/counters/8").get_json()["current"]["checked"] == []
    facts = [fact.data for fact in office.facts("ticket.checked")]
    assert [(each["counter"], each["checked"]) for each in facts] == [
        (7, ["identity", "photograph"]),
        (8, []),
    ]


def test_the_same_ticks_again_are_no_fact(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    ticket = called(office, clerk, "identity")
    for _ in range(2):
        clerk.post(f"/tickets/{ticket['id']}/check", {"checked": ["identity"]})
    assert len(office.facts("ticket.checked")) == 1


def test_only_words_of_the_list_and_only_who_has_the_ticket_in_hand(office: SampleOffice) -> None:
    seven, eight = office.clerk(7), office.clerk(8)
    ticket = called(office, seven, "identity")
    path = f"/tickets/{ticket['id']}/check"
    wrong = seven.post(path, {"checked": ["identity", "payment"]})
    assert (wrong.status_code, wrong.get_json()["reason"]) == (422, "unknown_document")
    assert eight.post(path, {"checked": ["identity"]}).get_json()["reason"] == "at_other_counter"
    seven.post(f"/tickets/{ticket['id']}/put-back")
    late = seven.post(path, {"checked": ["identity"]})
    assert (late.status_code, late.get_json()["reason"]) == (409, "not_allowed")
    assert office.ticket(ticket["id"]).checked is None
    assert office.facts("ticket.checked") == []


def test_what_the_office_takes_off_the_list_is_ticked_no_more(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    ticket = called(office, clerk, "identity", "payment")
    clerk.post(f"/tickets/{ticket['id']}/check", {"checked": ["identity", "payment"]})
    office.set_policy("P", checklist=["payment"])
    current = clerk.get("/counters/7").get_json()["current"]
    assert (current["checklist"], current["checked"]) == (["payment"], ["payment"])


def test_a_confirmation_that_fits_ticks_its_line_by_itself(office: SampleOffice) -> None:
    office.set_policy("P", checklist=["identity", "confirmation"])
    booked = office.book("P", "10:10")
    office.clock.set("9:50")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    assert (ticket["checklist"], ticket["checked"]) == ([], []), "no kiosk is told"
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{ticket['id']}/check", {"checked": ["identity"]})
    clerk.post(f"/tickets/{ticket['id']}/verify-confirmation", {"code": booked["code"]})
    assert office.ticket(ticket["id"]).checked == ["identity", "confirmation"]
