"""What stays and what goes on the desk when the ticket in hand changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counter_client import in_hand
from counter_client.commands import reasons, reopening, withdrawal
from counter_client.state import (
    Ask,
    Command,
    Desk,
    Dialog,
    DialogKind,
    Key,
    Panel,
    Said,
    Tone,
    Verify,
)
from tests.counter_client import samples
from tests.counter_client.test_desk import CALLED, SERVING, at_work, press
from wire.messages import Ticket, TicketAnswer
from wire.vocabulary import CounterState, TicketAction, TicketStatus

AT = 5000


def busy(current: Ticket | None = None, **changes: Any) -> Desk:
    """Make a desk on which everything is touched that another ticket may end."""
    desk = at_work(current, **changes)
    return replace(desk, panel=Panel.PARKED, verify=Verify.MISMATCH, changed_at_ms=7)


def kept(desk: Desk) -> tuple[int, Verify, Panel]:
    return desk.changed_at_ms, desk.verify, desk.panel


ANEW = (AT, Verify.IDLE, Panel.WAITING)
AS_IT_WAS = (7, Verify.MISMATCH, Panel.PARKED)


@pytest.mark.parametrize(
    ("before", "after", "then"),
    [
        (CALLED, CALLED, AS_IT_WAS),
        (None, None, AS_IT_WAS),
        (CALLED, SERVING, (AT, Verify.MISMATCH, Panel.PARKED)),
        (CALLED, samples.ticket(ticket_id=43), ANEW),
        (CALLED, None, ANEW),
        (None, CALLED, ANEW),
    ],
)
def test_another_ticket_begins_anew_and_the_same_goes_on(
    before: Ticket | None, after: Ticket | None, then: tuple[int, Verify, Panel]
) -> None:
    assert kept(in_hand.with_snapshot(busy(before), samples.snapshot(after), AT)) == then
    assert kept(in_hand.with_current(busy(before), after, AT)) == then


@pytest.mark.parametrize(
    ("before", "after", "at_ms"),
    [
        (CounterState.OPEN, CounterState.OPEN, 7),
        (CounterState.OPEN, CounterState.PAUSED, AT),
        (CounterState.CLOSED, CounterState.OPEN, AT),
    ],
)
def test_a_counter_in_another_state_settles(before: CounterState, after: CounterState, at_ms: int) -> None:
    desk = in_hand.with_snapshot(busy(state=before), samples.snapshot(state=after), AT)
    assert desk.changed_at_ms == at_ms


def test_the_first_snapshot_is_shown() -> None:
    desk = in_hand.with_snapshot(Desk(changed_at_ms=7), samples.snapshot(), AT)
    assert (desk.snapshot, desk.changed_at_ms) == (samples.snapshot(), 7)


def test_a_ticket_in_hand_stands_in_no_list() -> None:
    for ticket_id, waiting, total, parked in (
        (43, [44, 32, 45, 33, 34], 8, [38, 30]),
        (38, [43, 44, 32, 45, 33, 34], 9, [30]),
    ):
        after = in_hand.with_ticket(at_work(), samples.ticket(ticket_id=ticket_id), AT).snapshot
        assert after is not None
        assert after.current is not None
        assert after.current.id == ticket_id
        assert ([each.id for each in after.waiting], after.waiting_total) == (waiting, total)
        assert [each.id for each in after.parked] == parked


def test_without_a_snapshot_nothing_comes_into_the_hand() -> None:
    assert in_hand.with_current(Desk(), CALLED, AT) == Desk()


def test_a_ticket_that_is_done_leaves_the_hand_and_another_does_not() -> None:
    done = samples.ticket(TicketStatus.PARKED)
    assert in_hand.with_ticket(at_work(CALLED), done, AT).current is None
    other = samples.ticket(TicketStatus.PARKED, 99)
    assert in_hand.with_ticket(at_work(CALLED), other, AT).current == CALLED
    assert in_hand.with_ticket(at_work(), done, AT) == at_work()


def asked(current: Ticket | None, dialog: Dialog | None, **changes: Any) -> bool:
    """Tell whether a question is still asked after the lists changed, and after a snapshot."""
    desk = replace(at_work(current), dialog=dialog)
    after = samples.snapshot(current, **changes)
    found = in_hand.with_lists(desk, after)
    assert found.snapshot == after
    assert in_hand.with_snapshot(desk, after, AT).dialog == found.dialog
    assert found.dialog in (dialog, None)
    return found.dialog is not None


def test_a_question_about_a_row_ends_when_the_row_goes_or_loses_its_leave() -> None:
    call, leave = reasons(43, "P043"), withdrawal(43, "P043")
    assert asked(None, call)
    assert asked(None, leave)
    assert not asked(None, call, waiting=[])
    assert not asked(None, leave, waiting=[])
    only_call = [samples.row(43, "P", 1, actions=[TicketAction.CALL])]
    assert asked(None, call, waiting=only_call)
    assert not asked(None, leave, waiting=only_call)
    assert asked(None, reasons(38, "P038"))
    assert not asked(None, reasons(38, "P038"), parked=[])


def test_nobody_is_asked_why_to_call_while_a_ticket_is_in_hand() -> None:
    assert not asked(CALLED, reasons(43, "P043"))
    assert asked(CALLED, withdrawal(43, "P043"))


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (DialogKind.OUTCOME, TicketAction.FINISH),
        (DialogKind.TRANSFER, TicketAction.TRANSFER),
        (DialogKind.WITHDRAW, TicketAction.WITHDRAW),
    ],
)
def test_a_question_about_the_ticket_in_hand_lasts_as_long_as_its_leave(
    kind: DialogKind, action: TicketAction
) -> None:
    dialog = Dialog(kind, ticket=42)
    assert asked(samples.ticket(actions=[action]), dialog)
    assert not asked(samples.ticket(actions=[TicketAction.RECALL]), dialog)
    assert not asked(samples.ticket(ticket_id=41, actions=[action]), dialog)


def test_a_question_about_a_finished_ticket_lasts_as_long_as_it_is_listed() -> None:
    dialog = reopening(29, "P029")
    assert asked(None, dialog, finished=[samples.row(29, "P", 70, actions=[])])
    assert not asked(None, dialog, finished=[samples.row(28, "P", 70, actions=[])])
    assert not asked(None, dialog, finished=None)


def test_a_question_about_no_ticket_is_asked_on() -> None:
    desk, _ = press(at_work(), Key.ISSUE)
    assert asked(None, desk.dialog, waiting=[])


def test_a_confirmation_counts_for_the_ticket_that_it_was_asked_for() -> None:
    command = Command(Ask.VERIFY, "POST", "/x", ticket=42)
    desk = in_hand.verified(replace(at_work(CALLED), verify=Verify.MISMATCH), command)
    assert desk.current is not None
    assert desk.current.reservation is not None
    assert desk.current.reservation.confirmation_verified
    assert (desk.verify, desk.said) == (Verify.IDLE, Said("verified", tone=Tone.GOOD))
    for other in (None, samples.ticket(ticket_id=41), samples.ticket(reservation=None)):
        assert in_hand.verified(at_work(other), command) == at_work(other)
    assert in_hand.verified(Desk(), command) == Desk()


@pytest.mark.parametrize("step", ["start", "finish", "no-show", "park", "transfer", "withdraw", "recall"])
def test_all_steps_but_a_call_can_be_taken_back(step: str) -> None:
    command = Command(Ask.ACT, "POST", f"/api/v1/tickets/42/{step}")
    before = replace(at_work(), undoable=41)
    desk = in_hand.with_undo(before, command, TicketAnswer(ticket=CALLED))
    if step == "recall":
        assert desk == replace(before, undoable=None)
    else:
        assert desk.undoable == 42
        assert desk.said == Said(f"undo.{step}", {"number": CALLED.number}, Tone.PLAIN)
