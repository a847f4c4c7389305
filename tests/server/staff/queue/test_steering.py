"""What a supervisor does in a hall: each thing has its effect and its fact, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from server.services.queue.steering import keep_time
from server.store.tables import Counter, Steering
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague
from wire.vocabulary import Role

HALL = "/staff/at/wroclaw/hall"
Do = Callable[..., str]


@pytest.fixture
def do(office: SampleOffice, signed_in: Callable[..., Colleague]) -> Do:
    """Send a form of the hall as a supervisor; return the sentence on the next page."""
    browser = signed_in(Role.SUPERVISOR)

    def sent(path: str, **fields: str | list[str]) -> str:
        token = browser.get(HALL).fields["csrf_token"]
        answer = browser.send("POST", f"{HALL}/A/{path}", {"csrf_token": token} | fields)
        assert answer.status == 303, answer.text[:500]
        told = browser.get(answer.headers["Location"])
        return told.text.partition('<div class="staff-told" role="status">')[2].partition("<")[0]

    return sent


def walk_in_refusal(office: SampleOffice, letter: str) -> str | None:
    answer = office.kiosk.post("/tickets", {"service": letter})
    return None if answer.status_code == 201 else answer.get_json()["reason"]


def facts(office: SampleOffice, *types: str) -> list[dict[str, Any]]:
    return [fact.data for fact in office.facts(*types)]


def test_walk_ins_of_one_service_are_stopped_and_go_on(office: SampleOffice, do: Do) -> None:
    assert "P" in do("services/P/walk-ins", on="1")
    assert walk_in_refusal(office, "P") == "limit_reached"
    assert walk_in_refusal(office, "N") is None
    booked = office.book("P", office.clock.now() + timedelta(hours=1))
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201
    do("services/P/walk-ins", on="1")
    do("services/P/walk-ins", on="")
    assert walk_in_refusal(office, "P") is None
    assert len(facts(office, "walk_ins.stopped")) == len(facts(office, "walk_ins.resumed")) == 1


def test_a_closed_service_gives_no_ticket_at_all_until_its_day_is_over(office: SampleOffice, do: Do) -> None:
    booked = office.book("P", office.clock.now() + timedelta(hours=1))
    do("services/P/closed", on="1")
    assert walk_in_refusal(office, "P") == "closed"
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["reason"] == "service_stopped"
    office.clock.set("23:59")
    assert keep_time(office.store, office.runtime.context()) == 0
    office.clock.advance(minutes=1)
    assert keep_time(office.store, office.runtime.context()) == 1
    office.runtime.office.forget()
    assert walk_in_refusal(office, "P") is None
    assert facts(office, "service.opened")[0]["user"] is None


def test_a_counter_is_closed_and_opened_where_somebody_sits(office: SampleOffice, do: Do) -> None:
    clerk = office.clerk(7)
    number = Counter.number == 7
    do("counters/7/state", on="")
    states = {row.state for row in office.rows(Counter, number) if row.clerk_id}
    assert states == {"closed"}
    do("counters/7/state", on="1")
    assert clerk.get("/counters/7").get_json()["state"] == "open"
    office.walk_in("P")
    clerk.post("/counters/7/call-next")
    assert "visitor" in do("counters/7/state", on="") or "interesant" in do("counters/7/state", on="")
    assert clerk.get("/counters/7").get_json()["state"] == "open"
    do("counters/8/state", on="")
    do("counters/8/state", on="1")
    assert office.rows(Counter, Counter.number == 8)[0].state == "closed", "nobody sits there"


def test_what_a_counter_serves_today_has_an_order_that_is_changed_by_a_button(
    office: SampleOffice, do: Do
) -> None:
    told = do("counters/7/services", letter=["P", "N", "L"], up="L")
    assert "P, L, N" in told
    assert facts(office, "counter.assigned")[-1]["services"] == [office.service_id(each) for each in "PLN"]
    shown = office.clerk(7).get("/counters/7").get_json()
    assert [each["code"] for each in shown["services"]] == ["P", "L", "N"]
    assert "P, N, L" in do("counters/7/services", letter=["P", "N", "L"], up="P"), "the first stays the first"
    assert "P, N, L" in do("counters/7/services", letter=["P", "N", "L"], up="X")


def test_a_counter_serves_other_services_today(office: SampleOffice, do: Do) -> None:
    clerk = office.clerk(8)
    ticket = office.walk_in("N")
    assert clerk.post("/counters/8/call-next").status_code == 204
    do("counters/8/services", letter=["N", "P"])
    called = clerk.post("/counters/8/call-next")
    assert called.get_json()["ticket"]["id"] == ticket["id"]
    clerk.post(f"/tickets/{ticket['id']}/start")
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    do("counters/8/services")
    office.walk_in("N")
    do("counters/8/services", usual="1")
    assert clerk.post("/counters/8/call-next").status_code == 204
    assert len(facts(office, "counter.assigned")) == 2
    assert "services" not in facts(office, "counter.assigned")[1]


def test_a_visitor_is_moved_and_the_number_stays(office: SampleOffice, do: Do) -> None:
    ticket = office.walk_in("P")
    office.clock.advance(minutes=5)
    office.walk_in("N")
    assert ticket["number"] in do(f"tickets/{ticket['id']}/move", to="service:N", **{"from": "P"})
    called = office.clerk(1).post("/counters/1/call-next").get_json()["ticket"]
    assert called["number"] == ticket["number"], "who waited longer is first in the new line"
    assert "P001" not in do(f"tickets/{ticket['id']}/move", to="service:P"), "it does not wait any more"
    other = office.walk_in("P")
    do(f"tickets/{other['id']}/move", to="counter:8")
    assert office.ticket(other["id"]).for_counter_id == office.rows(Counter, Counter.number == 8)[0].id
    for nowhere in ("", "service:", "counter:x", "counter:²", "service:P;counter:7"):
        do_or_refuse(office, do, other["id"], nowhere)
    assert len(facts(office, "ticket.transferred")) == 2


def do_or_refuse(office: SampleOffice, do: Do, ticket_id: int, to: str) -> None:
    before = office.ticket(ticket_id)
    with suppress(AssertionError):  # for no service there is a page that refuses
        do(f"tickets/{ticket_id}/move", to=to)
    after = office.ticket(ticket_id)
    assert (after.service_id, after.for_counter_id) == (before.service_id, before.for_counter_id), to


def test_urgent_needs_a_reason_goes_first_and_is_taken_back(office: SampleOffice, do: Do) -> None:
    office.walk_in("P")
    late = office.walk_in("P")
    do(f"tickets/{late['id']}/urgent", reason="?")
    assert office.ticket(late["id"]).urgent_since is None
    do(f"tickets/{late['id']}/urgent", reason="health", **{"from": "P"})
    assert facts(office, "ticket.made_urgent")[0]["reason"] == "health"
    do(f"tickets/{late['id']}/urgent")
    assert (office.ticket(late["id"]).lane, office.ticket(late["id"]).urgent_since) == ("walk_in", None)
    do(f"tickets/{late['id']}/urgent", reason="other")
    called = office.clerk(8).post("/counters/8/call-next").get_json()["ticket"]
    assert called["id"] == late["id"]


def test_a_notice_is_on_the_boards_from_until(office: SampleOffice, do: Do) -> None:
    def shown() -> dict[str, str]:
        office.runtime.office.forget()
        found: dict[str, str] = office.board.get("/boards/A").get_json()["notices"]
        return found

    office.set_policy(notices={"pl": "Zawsze"})
    do(
        "notices",
        **{"text-pl": "Winda <b>nie</b> działa", "from": "2026-11-23T10:20", "until": "2026-11-23T10:40"},
    )
    assert shown() == {"pl": "Zawsze"}
    office.clock.set("10:20")
    keep_time(office.store, office.runtime.context())
    assert shown() == {"pl": "Zawsze • Winda <b>nie</b> działa"}
    office.clock.set("10:40")
    keep_time(office.store, office.runtime.context())
    assert shown() == {"pl": "Zawsze"}
    do("notices", **{"text-pl": "Zaraz wracamy", "text-en": "Back soon"})
    assert shown()["en"] == "Back soon"
    (notice,) = office.rows(Steering, Steering.ended_at.is_(None))
    do(f"notices/{notice.id}/end")
    assert shown() == {"pl": "Zawsze"}
    assert {row.value is None for row in office.rows(Steering)} == {True}, "the texts are gone"
    for wrong in ({}, {"text-pl": "x" * 201}, {"text-pl": "x", "until": "2026-11-23T10:00"}):
        do("notices", **wrong)
    assert office.rows(Steering, Steering.ended_at.is_(None)) == []


def test_who_only_looks_finds_no_buttons(office: SampleOffice, signed_in: Callable[..., Colleague]) -> None:
    office.walk_in("P")
    assert "hall-menu" not in signed_in(Role.AUDITOR).get(HALL).text
    page = signed_in(Role.SUPERVISOR).get(HALL)
    assert "hall-menu" in page.text
    assert page.html.problems == []
    assert page.text.count('name="csrf_token"') > 10
    assert 'value="token-' not in page.text


def test_all_who_look_get_the_same_part_and_the_token_of_their_forms_beside_it(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    one, another = signed_in(Role.SUPERVISOR), signed_in(Role.SUPERVISOR)
    parts = [browser.get(f"{HALL}/A/live", Accept_Encoding="gzip") for browser in (one, another)]
    assert parts[0].response.data == parts[1].response.data
    assert {part.headers["Content-Encoding"] for part in parts} == {"gzip"}
    assert "hall-menu" in one.get(f"{HALL}/A/live").text
    tokens = [part.headers["X-CSRFToken"] for part in parts]
    assert tokens[0] != tokens[1]
    sent = [
        browser.send("POST", f"{HALL}/A/services/P/closed", {"csrf_token": tokens[0], "on": "1"}).status
        for browser in (one, another)
    ]
    assert sent == [303, 400]


def test_the_line_of_a_service_is_in_the_order_of_calls(
    office: SampleOffice, signed_in: Callable[..., Colleague]
) -> None:
    office.walk_in("P")
    office.walk_in("P", priority="pregnancy")
    browser = signed_in(Role.SUPERVISOR)
    page = browser.get(f"{HALL}/A/services/P")
    assert page.html.problems == []
    assert page.words.index("P002") < page.words.index("P001")
    assert browser.get(f"{HALL}/A/services/Ż").status == 404
