"""A slip of the finger is taken back: the ticket is what it was, for ten seconds, by the clerk who did it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.sample_office import Door, SampleOffice
from tests.server.services.queue.test_handling import act

STEPS = {
    "start": ("call",),
    "finish": ("call", "start"),
    "no-show": ("call", "recall", "recall"),
    "park": ("call",),
    "withdraw": ("call",),
    "transfer": ("call", "start"),
}
KEPT = (
    *("status", "service_id", "counter_id", "for_counter_id", "call_count", "outcome", "lane", "lane_at"),
    *("appointment_at", "queued_at", "called_at", "started_at", "finished_at"),
)


def row_of(office: SampleOffice, ticket_id: int) -> dict[str, Any]:
    row = office.ticket(ticket_id)
    return {name: getattr(row, name) for name in KEPT}


def after(office: SampleOffice, action: str) -> tuple[Door, int, dict[str, Any]]:
    """Take a ticket up to an action and take that too; return the clerk, the ticket, and its row before."""
    clerk = office.clerk(7)
    ticket_id = office.arrive("P", "10:20")["id"]
    for step in STEPS[action]:
        assert act(clerk, ticket_id, step)[0] == 200
    before = row_of(office, ticket_id)
    office.clock.advance(minutes=3)
    assert act(clerk, ticket_id, action)[0] == 200
    return clerk, ticket_id, before


@pytest.mark.parametrize("action", list(STEPS))
def test_a_step_that_is_taken_back_leaves_the_ticket_as_it_was(office: SampleOffice, action: str) -> None:
    clerk, ticket_id, before = after(office, action)
    office.clock.advance(seconds=10)
    answered, ticket = act(clerk, ticket_id, "undo")
    assert (answered, ticket["status"]) == (200, before["status"])
    assert row_of(office, ticket_id) == before
    (fact,) = office.facts("ticket.undone")
    assert (fact.data["action"], fact.data["becomes"]) == (action, before["status"])


def test_after_ten_seconds_it_is_too_late(office: SampleOffice) -> None:
    clerk, ticket_id, _ = after(office, "finish")
    office.clock.advance(seconds=11)
    assert act(clerk, ticket_id, "undo") == (409, act(clerk, ticket_id, "undo")[1])
    assert act(clerk, ticket_id, "undo")[1]["reason"] == "undo_too_late"
    assert office.ticket(ticket_id).status == "finished"


def test_nobody_takes_back_what_another_did_and_nothing_is_taken_back_twice(office: SampleOffice) -> None:
    clerk, ticket_id, _ = after(office, "park")
    assert act(office.clerk(8), ticket_id, "undo")[1]["reason"] == "not_allowed"
    assert act(clerk, ticket_id, "undo")[0] == 200
    assert act(clerk, ticket_id, "undo")[1]["reason"] == "not_allowed"


def test_what_happened_since_is_not_swept_away(office: SampleOffice) -> None:
    clerk, ticket_id, _ = after(office, "transfer")
    assert act(office.clerk(8), ticket_id, "call")[0] == 200
    assert act(clerk, ticket_id, "undo")[0] == 409
    assert office.ticket(ticket_id).status == "called"


def test_a_counter_with_the_next_visitor_in_hand_takes_nobody_back(office: SampleOffice) -> None:
    clerk, ticket_id, _ = after(office, "finish")
    following = office.walk_in("P")["id"]
    assert act(clerk, following, "call")[0] == 200
    assert act(clerk, ticket_id, "undo")[1]["reason"] == "counter_busy"


def test_a_call_is_put_back_and_not_undone(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    ticket_id = office.walk_in("P")["id"]
    act(clerk, ticket_id, "call")
    assert act(clerk, ticket_id, "undo")[1]["reason"] == "not_allowed"
