"""A code that was checked in before is shown again: the answer follows what became of its ticket (rule 17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.domain.queue.tickets import Shown, shown_again
from server.store.tables import Ticket
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_handling import PATHS, act
from wire.vocabulary import TicketStatus

GRACE = timedelta(minutes=10)
STILL_GOOD = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.PARKED)


def ticket_that_is(office: SampleOffice, status: TicketStatus) -> tuple[str, int]:
    """Check a visit in and take its ticket to a state; return the code and the ticket's id."""
    office.set_policy(no_show_after_calls=3)
    booked = office.book("P", "10:30")
    ticket_id = office.kiosk.post("/check-ins", {"code": booked["code"]}).get_json()["ticket"]["id"]
    for step in PATHS[status]:
        assert act(office.clerk(7), ticket_id, step)[0] == 200
    return booked["code"], ticket_id


def show(office: SampleOffice, code: str) -> tuple[int, dict[str, Any]]:
    response = office.kiosk.post("/check-ins", {"code": code})
    return response.status_code, response.get_json()


@pytest.mark.parametrize("status", STILL_GOOD)
def test_a_ticket_that_can_still_be_called_is_shown_again(office: SampleOffice, status: TicketStatus) -> None:
    code, ticket_id = ticket_that_is(office, status)
    answered, body = show(office, code)
    assert (answered, body["repeat"], body["reinstated"]) == (200, True, False)
    assert (body["ticket"]["id"], body["ticket"]["status"]) == (ticket_id, status)


@pytest.mark.parametrize(
    ("status", "reason"),
    [(TicketStatus.FINISHED, "ticket_finished"), (TicketStatus.WITHDRAWN, "ticket_withdrawn")],
)
def test_a_number_that_nobody_will_call_is_never_shown_as_good(
    office: SampleOffice, status: TicketStatus, reason: str
) -> None:
    code, ticket_id = ticket_that_is(office, status)
    answered, body = show(office, code)
    assert (answered, body["reason"]) == (409, reason)
    assert body["facts"]["number"] == office.ticket(ticket_id).number
    assert office.ticket(ticket_id).status == status
    assert office.facts("check_in.refused")[-1].data["reason"] == reason


@pytest.mark.parametrize("reason", ["visitor_left", "ticket_twice", "wrong_service", "other"])
def test_a_withdrawn_ticket_tells_the_clerks_reason(office: SampleOffice, reason: str) -> None:
    code, ticket_id = ticket_that_is(office, TicketStatus.WAITING)
    withdraw = f"/tickets/{ticket_id}/withdraw"
    assert office.clerk(7).post(withdraw, {"reason": "day_over"}).status_code == 422
    assert office.clerk(7).post(withdraw, {"reason": reason}).status_code == 200
    answered, body = show(office, code)
    assert (answered, body["reason"], body["facts"]["why"]) == (409, "ticket_withdrawn", reason)
    assert office.facts("ticket.withdrawn")[-1].data["reason"] == reason


def test_a_withdrawal_that_was_taken_back_leaves_no_reason(office: SampleOffice) -> None:
    code, ticket_id = ticket_that_is(office, TicketStatus.WITHDRAWN)
    assert office.clerk(7).post(f"/tickets/{ticket_id}/undo", {}).status_code == 200
    assert office.ticket(ticket_id).outcome is None
    assert show(office, code)[0] == 200


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (TicketStatus.WAITING, ("ticket_withdrawn", "day_over")),
        (TicketStatus.PARKED, ("ticket_withdrawn", "day_over")),
        (TicketStatus.CALLED, ("ticket_no_show", None)),
        (TicketStatus.FINISHED, ("ticket_finished", None)),
    ],
)
def test_on_the_next_day_a_code_tells_how_its_ticket_ended(
    office: SampleOffice, status: TicketStatus, told: tuple[str, str | None]
) -> None:
    code, _ = ticket_that_is(office, status)
    office.clock.advance(hours=24)
    Sweeper(office.store, office.runtime.context).look()
    answered, body = show(office, code)
    assert (answered, body["reason"], body["facts"].get("why")) == (409, *told)
    assert "ticket.came_back" not in {fact.type for fact in office.facts()}


def test_who_missed_the_call_is_back_in_the_line_once(office: SampleOffice) -> None:
    code, ticket_id = ticket_that_is(office, TicketStatus.NO_SHOW)
    queued_at = office.ticket(ticket_id).queued_at
    office.clock.advance(minutes=10)
    answered, body = show(office, code)
    assert (answered, body["reinstated"], body["ticket"]["status"]) == (200, True, "waiting")
    row = office.ticket(ticket_id)
    assert (row.status, row.queued_at, row.call_count, row.finished_at) == ("waiting", queued_at, 0, None)
    (fact,) = office.facts("ticket.came_back")
    assert fact.data["number"] == row.number
    assert office.clerk(7).post("/counters/7/call-next").get_json()["ticket"]["id"] == ticket_id
    for step in ("recall", "recall", "no-show"):
        assert act(office.clerk(7), ticket_id, step)[0] == 200
    answered, body = show(office, code)
    assert (answered, body["reason"]) == (409, "ticket_no_show")
    assert body["facts"]["called_at"]


def test_after_the_grace_a_missed_call_is_told_with_its_hour(office: SampleOffice) -> None:
    code, _ticket_id = ticket_that_is(office, TicketStatus.NO_SHOW)
    office.clock.advance(minutes=10, seconds=1)
    answered, body = show(office, code)
    assert (answered, body["reason"]) == (409, "ticket_no_show")
    assert body["facts"]["called_at"] == at("10:00").isoformat()
    assert office.one(Ticket).status == "no_show"


def test_a_grace_of_nothing_lets_nobody_back(office: SampleOffice) -> None:
    code, _ = ticket_that_is(office, TicketStatus.NO_SHOW)
    office.set_policy(no_show_grace_minutes=0)
    assert show(office, code)[1]["reason"] == "ticket_no_show"


@pytest.mark.parametrize("status", list(TicketStatus))
def test_every_state_has_its_answer(status: TicketStatus) -> None:
    now = at("10:00")
    told = shown_again(status, now, now, GRACE, came_back=False)
    assert (told is Shown.REPEAT) == (status in STILL_GOOD)
