"""What clerks do with a ticket: every step of the table over the API, and refusals that tell what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.queue.tickets import TRANSITIONS
from server.store.tables import Hall
from tests.server.sample_office import Door, SampleOffice
from wire.vocabulary import TicketAction, TicketStatus

BODIES: dict[str, dict[str, object]] = {
    "finish": {"outcome": "served"},
    "transfer": {"service": "N"},
    "call": {"reason": "supervisor_decision"},
}


def act(clerk: Door, ticket_id: int, action: str) -> tuple[int, dict[str, Any]]:
    """Take a step with its usual body; return the status and the ticket or the problem."""
    response = clerk.post(f"/tickets/{ticket_id}/{action}", BODIES.get(action))
    body = response.get_json()
    return response.status_code, body.get("ticket", body)


PATHS: dict[TicketStatus, tuple[str, ...]] = {
    TicketStatus.WAITING: (),
    TicketStatus.CALLED: ("call",),
    TicketStatus.SERVING: ("call", "start"),
    TicketStatus.PARKED: ("call", "park"),
    TicketStatus.FINISHED: ("call", "start", "finish"),
    TicketStatus.NO_SHOW: ("call", "recall", "recall", "no-show"),
    TicketStatus.WITHDRAWN: ("withdraw",),
}


@pytest.mark.parametrize("status", list(TicketStatus))
def test_every_action_in_every_state_does_what_the_table_says(
    office: SampleOffice, status: TicketStatus
) -> None:
    office.set_policy(no_show_after_calls=3)
    clerk = office.clerk(7)
    for action in TicketAction:
        ticket_id = office.walk_in("P")["id"]
        for step in PATHS[status]:
            assert act(clerk, ticket_id, step)[0] == 200
        before = office.ticket(ticket_id)
        assert before.status == status
        answered, body = act(clerk, ticket_id, action)
        becomes = TRANSITIONS.get((status, action))
        if action is TicketAction.NO_SHOW and status is TicketStatus.CALLED:
            becomes = None  # called once, and the branch waits for three calls
        after = office.ticket(ticket_id)
        if becomes is None:
            assert answered == 409, (status, action, body)
            if (action, body["reason"]) != ("call", "counter_busy"):
                assert (body["reason"], body["facts"]["state"]) == ("not_allowed", status)
                assert action not in body["facts"]["actions"]
            assert (after.status, after.call_count) == (before.status, before.call_count)
        else:
            assert (answered, body["status"], after.status) == (200, becomes, becomes)
        _clear(clerk)


def _clear(clerk: Door) -> None:
    current = clerk.get("/counters/7").get_json().get("current")
    if current is not None:
        assert act(clerk, current["id"], "park")[0] == 200


def test_the_actions_in_an_answer_are_the_permitted_ones(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    office.walk_in("P")
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert set(ticket["actions"]) == {"recall", "start", "put-back", "park", "transfer", "withdraw"}
    for _ in range(2):
        ticket = clerk.post(f"/tickets/{ticket['id']}/recall").get_json()["ticket"]
    assert "no-show" in ticket["actions"]
    assert ticket["call_count"] == 3
    serving = clerk.post(f"/tickets/{ticket['id']}/start").get_json()["ticket"]
    assert set(serving["actions"]) == {"finish", "park", "transfer"}


def test_a_second_call_while_one_is_in_hand_is_refused(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == first["id"]
    response = clerk.post("/counters/7/call-next")
    assert (response.status_code, response.get_json()["reason"]) == (409, "counter_busy")
    assert response.get_json()["facts"]["number"] == first["number"]
    response = clerk.post(f"/tickets/{second['id']}/call", {"reason": "other"})
    assert response.get_json()["reason"] == "counter_busy"


def test_finish_and_next_in_one_step(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{first['id']}/start")
    response = clerk.post("/counters/7/call-next", {"finish_current": "without_documents"})
    assert response.get_json()["ticket"]["id"] == second["id"]
    assert office.ticket(first["id"]).outcome == "without_documents"
    (fact,) = office.facts("ticket.finished")
    assert (fact.data["ticket"], fact.data["outcome"]) == (first["id"], "without_documents")


def test_finish_and_next_is_all_or_nothing(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    response = clerk.post("/counters/7/call-next", {"finish_current": "served"})
    assert (response.status_code, response.get_json()["reason"]) == (409, "counter_busy")
    clerk.post(f"/tickets/{first['id']}/start")
    response = clerk.post("/counters/7/call-next", {"finish_current": "no_such_outcome"})
    assert (response.status_code, response.get_json()["reason"]) == (422, "unknown_outcome")
    assert office.ticket(first["id"]).status == "serving"
    assert office.ticket(second["id"]).status == "waiting"


def test_a_call_out_of_order_needs_a_reason_and_keeps_it(office: SampleOffice) -> None:
    office.walk_in("P")
    second = office.walk_in("P")
    clerk = office.clerk(7)
    response = clerk.post(f"/tickets/{second['id']}/call")
    assert (response.status_code, response.get_json()["reason"]) == (422, "reason_missing")
    assert clerk.post(f"/tickets/{second['id']}/call", {"reason": "other"}).status_code == 200
    (fact,) = office.facts("ticket.called")
    assert fact.data["out_of_order"] is True
    assert "train leaves" not in str(fact.data)


def test_a_transfer_keeps_the_number_and_enters_the_new_line_by_its_time(office: SampleOffice) -> None:
    office.clock.set("9:00")
    ticket = office.walk_in("P")
    office.clock.set("9:05")
    ahead = office.walk_in("T")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    office.clock.set("9:10")
    moved = clerk.post(f"/tickets/{ticket['id']}/transfer", {"service": "T", "note": "needs a form"})
    answer = moved.get_json()["ticket"]
    assert (answer["number"], answer["service"]["code"], answer["status"]) == (
        ticket["number"],
        "T",
        "waiting",
    )
    information = office.clerk(1)
    listed = information.get("/counters/1").get_json()["waiting"]
    assert [line["number"] for line in listed] == [ahead["number"], ticket["number"]]
    assert listed[1]["note"] == "needs a form"


def test_a_branch_may_let_a_transfer_keep_its_place(office: SampleOffice) -> None:
    office.set_policy(transfer_keeps_place=True)
    office.clock.set("9:00")
    ticket = office.walk_in("P")
    office.clock.set("9:05")
    office.walk_in("T")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    clerk.post(f"/tickets/{ticket['id']}/transfer", {"service": "T"})
    next_one = office.clerk(1).post("/counters/1/call-next").get_json()["ticket"]
    assert next_one["number"] == ticket["number"]


def test_a_transfer_to_a_counter_waits_for_that_counter_alone(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    seven, eight, ten = office.clerk(7), office.clerk(8), office.clerk(10)
    seven.post("/counters/7/call-next")
    assert seven.post(f"/tickets/{ticket['id']}/transfer", {"counter": 10}).status_code == 200
    assert eight.post("/counters/8/call-next").status_code == 204
    assert ten.post("/counters/10/call-next").get_json()["ticket"]["number"] == ticket["number"]


@pytest.mark.parametrize("body", [{}, {"service": "N", "counter": 8}, {"service": "X"}, {"counter": 7}])
def test_a_transfer_needs_exactly_one_target_that_is_not_here(
    office: SampleOffice, body: dict[str, object]
) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    response = clerk.post(f"/tickets/{ticket['id']}/transfer", body)
    assert (response.status_code, response.get_json()["reason"]) == (422, "transfer_target")
    assert office.ticket(ticket["id"]).status == "called"


def test_a_call_undone_goes_back_to_its_old_place(office: SampleOffice) -> None:
    first, second = office.walk_in("P"), office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    answer = clerk.post(f"/tickets/{first['id']}/put-back").get_json()["ticket"]
    assert (answer["status"], answer["call_count"]) == ("waiting", 0)
    assert "called_at" not in answer
    assert "counter" not in answer
    listed = clerk.get("/counters/7").get_json()["waiting"]
    assert [line["number"] for line in listed] == [first["number"], second["number"]]


def test_who_did_not_come_after_three_calls_may_be_reinstated(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    clerk.post("/counters/7/call-next")
    assert act(clerk, ticket["id"], "no-show")[0] == 409
    for _ in range(2):
        assert act(clerk, ticket["id"], "recall")[0] == 200
    assert act(clerk, ticket["id"], "no-show")[0] == 200
    snapshot = clerk.get("/counters/7").get_json()
    assert [line["number"] for line in snapshot["no_shows"]] == [ticket["number"]]
    assert snapshot["figures"]["no_show"] == 1
    status, back = act(clerk, ticket["id"], "reinstate")
    assert (status, back["status"], back["number"]) == (200, "waiting", ticket["number"])
    assert clerk.post("/counters/7/call-next").get_json()["ticket"]["id"] == ticket["id"]


def test_a_paused_counter_calls_nobody(office: SampleOffice) -> None:
    office.walk_in("P")
    clerk = office.clerk(7)
    assert clerk.post("/counters/7/state", {"state": "paused"}).get_json()["state"] == "paused"
    response = clerk.post("/counters/7/call-next")
    assert (response.status_code, response.get_json()["reason"]) == (409, "counter_not_open")
    clerk.post("/counters/7/state", {"state": "open"})
    assert clerk.post("/counters/7/call-next").status_code == 200
    assert len(office.facts("counter.paused")) == len(office.facts("counter.opened")) == 1


def test_the_confirmation_is_compared_with_the_reservation(office: SampleOffice) -> None:
    booked, other = office.book("P", "10:10"), office.book("P", "10:20")
    office.clock.set("9:50")
    ticket = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]
    clerk = office.clerk(7)
    called = clerk.post("/counters/7/call-next").get_json()["ticket"]
    assert called["reservation"]["confirmation_verified"] is False
    assert (called["checklist"], called["checked"]) == (["identity"], [])
    path = f"/tickets/{ticket['id']}/verify-confirmation"
    wrong = clerk.post(path, {"code": other["code"]})
    assert (wrong.status_code, wrong.get_json()["reason"]) == (409, "mismatch")
    assert clerk.post(path, {"code": "12"}).get_json()["reason"] == "malformed_code"
    assert clerk.post(path, {"code": booked["qr"]}).get_json() == {"verified": True}
    current = clerk.get("/counters/7").get_json()["current"]
    assert current["reservation"]["confirmation_verified"] is True


def test_a_walk_in_has_no_confirmation_to_compare(office: SampleOffice) -> None:
    ticket = office.walk_in("P")
    booked = office.book("P", "10:30")
    response = office.clerk(7).post(f"/tickets/{ticket['id']}/verify-confirmation", {"code": booked["code"]})
    assert (response.status_code, response.get_json()["reason"]) == (409, "no_reservation")


def test_the_days_figures_count_what_was_served(office: SampleOffice) -> None:
    office.clock.set("9:00")
    ticket = office.walk_in("P")
    clerk = office.clerk(7)
    office.clock.set("9:10")
    clerk.post("/counters/7/call-next")
    office.clock.set("9:11")
    clerk.post(f"/tickets/{ticket['id']}/start")
    office.clock.set("9:16")
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    figures = clerk.get("/counters/7").get_json()["figures"]
    assert figures == {
        "served": 1,
        "no_show": 0,
        "mean_service_seconds": 300,
        "within_target_share": 1.0,
        "target_wait_minutes": 15,
    }


def test_calls_out_of_order_count_in_the_halls_share_too(office: SampleOffice) -> None:
    ticket = office.walk_in("P", priority="elderly")
    clerk = office.clerk(7)
    clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "health"})
    halls = office.rows(Hall, Hall.code == "A")
    assert halls[0].calls_since_priority == 0
