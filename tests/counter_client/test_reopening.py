"""A supervisor's list of finished tickets at the counter."""

from __future__ import annotations

from counter_client.deltas import after_fact
from counter_client.desk import advance
from counter_client.events import Chose, Picked, Send
from counter_client.state import Key, Panel
from tests.counter_client import samples
from tests.counter_client.test_desk import LATER, SERVING, at_work, press
from wire.messages import FactData, ReopenRequest
from wire.vocabulary import FactType, Reopening


def test_a_supervisor_opens_a_finished_ticket_again_for_a_reason() -> None:
    finished = [samples.row(29, "P", 70, actions=[])]
    clerk, _ = press(at_work(), Key.FINISHED)
    assert clerk.panel is Panel.WAITING, "a clerk has no such list"
    desk, _ = press(at_work(SERVING, finished=finished), Key.FINISHED)
    assert desk.panel is Panel.FINISHED
    desk, effects = advance(desk, Picked(29, LATER))
    assert effects == ()
    assert desk.dialog is not None
    for place, reason in enumerate(Reopening):
        _, (send,) = advance(desk, Chose(place, LATER))
        assert isinstance(send, Send)
        assert send.command.path == "/api/v1/tickets/29/reopen"
        assert send.command.body == ReopenRequest(reason=reason)


def test_a_ticket_finished_elsewhere_is_asked_for_by_supervisors_only() -> None:
    told = FactData(at=samples.NOW, ticket=29, number="P029", counter=8)
    clerk, supervisor = samples.snapshot(), samples.snapshot(finished=[])
    assert after_fact(clerk, 101, FactType.TICKET_FINISHED, told) is not None
    assert after_fact(supervisor, 101, FactType.TICKET_FINISHED, told) is None
