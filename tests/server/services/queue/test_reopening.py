"""A supervisor opens a finished ticket again, with a reason, until its day ends; its visitor is next."""

from __future__ import annotations

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_handling import PATHS, act
from wire.vocabulary import Reopening, TicketStatus


def finished(office: SampleOffice) -> int:
    ticket_id: int = office.walk_in("P")["id"]
    for step in PATHS[TicketStatus.FINISHED]:
        assert act(office.clerk(7), ticket_id, step)[0] == 200
    return ticket_id


@pytest.mark.parametrize("reason", list(Reopening))
def test_a_finished_ticket_waits_again_and_is_next(office: SampleOffice, reason: Reopening) -> None:
    others = [office.arrive("P", "10:30"), office.walk_in("P", priority="disability")]
    ticket_id = finished(office)
    before = office.ticket(ticket_id)
    office.clock.advance(minutes=50)
    supervisor = office.supervisor(8)
    listed = supervisor.get("/counters/8").get_json()["finished"]
    assert [row["id"] for row in listed] == [ticket_id]
    answer = supervisor.post(f"/tickets/{ticket_id}/reopen", {"reason": reason})
    assert (answer.status_code, answer.get_json()["ticket"]["status"]) == (200, "waiting")
    after = office.ticket(ticket_id)
    assert (after.number, after.queued_at) == (before.number, before.queued_at)
    assert (after.outcome, after.finished_at, after.call_count) == (None, None, 0)
    (fact,) = office.facts("ticket.reopened")
    assert (fact.data["reason"], fact.data["number"]) == (reason, after.number)
    board = office.board.get("/boards/A").get_json()
    numbers = [number for line in board["waiting"] for number in line["numbers"]]
    assert numbers[0] == after.number
    assert after.number not in {call["number"] for call in board["called"]}
    supervisor = office.supervisor(8)
    assert supervisor.get("/counters/8").get_json()["finished"] == []
    assert supervisor.post("/counters/8/call-next").get_json()["ticket"]["id"] == ticket_id
    assert len(others) == 2


def test_a_clerk_neither_sees_nor_reopens_what_is_finished(office: SampleOffice) -> None:
    ticket_id = finished(office)
    clerk = office.clerk(7)
    assert "finished" not in clerk.get("/counters/7").get_json()
    refused = clerk.post(f"/tickets/{ticket_id}/reopen", {"reason": "by_mistake"})
    assert (refused.status_code, refused.get_json()["reason"]) == (403, "wrong_role")
    assert office.ticket(ticket_id).status == "finished"


@pytest.mark.parametrize("status", [each for each in TicketStatus if each is not TicketStatus.FINISHED])
def test_only_what_is_finished_can_be_reopened(office: SampleOffice, status: TicketStatus) -> None:
    office.set_policy(no_show_after_calls=3)
    ticket_id = office.walk_in("P")["id"]
    supervisor = office.supervisor(7)
    for step in PATHS[status]:
        assert act(supervisor, ticket_id, step)[0] == 200
    refused = supervisor.post(f"/tickets/{ticket_id}/reopen", {"reason": "other"})
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "not_allowed")


def test_it_can_be_reopened_until_its_business_day_ends(office: SampleOffice) -> None:
    office.set_policy(day_starts_at="04:00")
    ticket_id = finished(office)
    office.clock.advance(hours=18)  # four in the morning
    refused = office.supervisor(7).post(f"/tickets/{ticket_id}/reopen", {"reason": "not_done"})
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "day_over")
    office.clock.advance(seconds=-1)
    reopened = office.supervisor(7).post(f"/tickets/{ticket_id}/reopen", {"reason": "not_done"})
    assert reopened.status_code == 200


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "because"}])
def test_a_reason_is_given(office: SampleOffice, body: dict[str, str]) -> None:
    ticket_id = finished(office)
    assert office.supervisor(7).post(f"/tickets/{ticket_id}/reopen", body).status_code == 422
