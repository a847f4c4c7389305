"""Ctrl+Z takes the last step back; for how long, the server rules."""

from __future__ import annotations

from dataclasses import replace

from counter_client.desk import advance
from counter_client.events import Answered, Refused
from counter_client.state import Desk, Key, Said
from tests.counter_client import samples
from tests.counter_client.test_desk import CALLED, LATER, SERVING, at_work, press
from wire.messages import Problem, TicketAnswer


def started() -> Desk:
    desk, (_command,) = press(at_work(CALLED), Key.MAIN)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=SERVING), LATER + 5))
    return replace(desk, fresh=True, looking=None)


def test_a_step_says_that_it_can_be_taken_back_and_ctrl_z_does_it() -> None:
    desk = started()
    assert desk.said is not None
    assert desk.said.key == "undo.start"
    _, (command,) = press(desk, Key.UNDO, LATER + 5 + desk.settle_ms)
    assert command.path == "/api/v1/tickets/42/undo"


def test_the_server_says_when_it_is_too_late_and_the_key_is_not_offered_any_more() -> None:
    desk, (command,) = press(started(), Key.UNDO, LATER + 3_600_000)
    assert command.path == "/api/v1/tickets/42/undo"
    problem = Problem(title="x", status=409, reason="undo_too_late")
    desk, _ = advance(desk, Refused(desk.serial, problem, LATER + 3_600_005))
    assert (desk.undoable, desk.said) == (None, Said("refused.undo_too_late"))


def test_what_another_visitor_is_in_the_way_of_may_be_tried_again() -> None:
    desk, _ = press(started(), Key.UNDO, LATER + 1000)
    problem = Problem(title="x", status=409, reason="counter_busy")
    desk, _ = advance(desk, Refused(desk.serial, problem, LATER + 1005))
    assert desk.undoable == 42


def test_without_a_step_the_key_does_nothing() -> None:
    assert press(at_work(CALLED), Key.UNDO)[1] == []


def test_a_recall_ends_what_could_be_taken_back() -> None:
    desk = started()
    desk = replace(desk, snapshot=samples.snapshot(CALLED))
    desk, _ = press(desk, Key.RECALL, LATER + 1000)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=CALLED), LATER + 1005))
    assert desk.undoable is None
