"""What the keys stand for, which of them are shown, and the lines of each question."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counter_client import commands
from counter_client.events import Chose, Enter, SignInTyped
from counter_client.portrait.questions import HELP, HELP_MORE
from counter_client.state import Ask, Choice, Command, Desk, Dialog, DialogKind, Key, Main, Panel
from counter_client.views import keyboard
from tests.counter_client import samples
from tests.counter_client.test_desk import CALLED, SERVING, at_work
from wire.messages import FinishRequest, IssueRequest, Ticket, TransferRequest, WithdrawRequest
from wire.vocabulary import CounterState, Outcome, Priority, TicketAction, TicketStatus

ALWAYS = {Key.PARKED, Key.WAITING, Key.NO_SHOWS, Key.ISSUE, Key.KEYS, Key.ESCAPE, Key.PAUSE, Key.HELP}
WITHOUT_LEAVE = samples.ticket(actions=[])
VERIFIED = samples.ticket(actions=[], reservation=samples.beside(verified=True))
OTHERS = [Outcome.SERVED, *(each for each in Outcome if each is not Outcome.SERVED)]


@pytest.mark.parametrize(
    ("desk", "keys"),
    [
        (at_work(), ALWAYS | {Key.MAIN, Key.SIGN_OUT, Key.CLOSE}),
        (at_work(state=CounterState.CLOSED), ALWAYS | {Key.MAIN, Key.SIGN_OUT}),
        (at_work(finished=[]), ALWAYS | {Key.MAIN, Key.SIGN_OUT, Key.CLOSE, Key.FINISHED}),
        (
            replace(at_work(), undoable=42),
            ALWAYS | {Key.MAIN, Key.SIGN_OUT, Key.CLOSE, Key.UNDO},
        ),
        (
            at_work(CALLED),
            ALWAYS
            | {Key.MAIN, Key.VERIFY, Key.RECALL, Key.PUT_BACK}
            | {Key.PARK, Key.NO_SHOW, Key.TRANSFER, Key.WITHDRAW},
        ),
        (at_work(SERVING), ALWAYS | {Key.MAIN, Key.VERIFY, Key.FINISH, Key.PARK, Key.TRANSFER}),
        (at_work(WITHOUT_LEAVE), ALWAYS | {Key.VERIFY}),
        (at_work(VERIFIED), ALWAYS),
        (replace(at_work(), clerk=None), set()),
        (replace(at_work(), snapshot=None), set()),
    ],
)
def test_the_keys_that_are_shown_are_those_that_the_server_permits(desk: Desk, keys: set[Key]) -> None:
    assert commands.offered(desk) == keys


@pytest.mark.parametrize(
    ("current", "state", "main"),
    [
        (None, CounterState.OPEN, Main.CALL_NEXT),
        (None, CounterState.PAUSED, Main.OPEN),
        (CALLED, CounterState.PAUSED, Main.START),
        (samples.ticket(TicketStatus.SERVING, actions=[TicketAction.START]), CounterState.OPEN, None),
        (WITHOUT_LEAVE, CounterState.OPEN, None),
        (SERVING, CounterState.OPEN, Main.FINISH_AND_NEXT),
        (SERVING, CounterState.PAUSED, Main.FINISH),
    ],
)
def test_the_main_key_does_what_comes_next(
    current: Ticket | None, state: CounterState, main: Main | None
) -> None:
    desk = at_work(current, state=state)
    assert commands.main_of(desk) == main
    assert (commands.main_command(desk) is None) is (main is None)
    assert commands.main_of(Desk()) is commands.main_command(Desk()) is None


def test_finishing_names_the_ticket_and_the_usual_outcome() -> None:
    command = commands.main_command(at_work(SERVING))
    assert command is not None
    assert (command.ask, command.method, command.ticket) == (Ask.CALL_NEXT, "POST", 42)
    command = commands.main_command(at_work(SERVING, state=CounterState.PAUSED))
    assert command is not None
    assert command.body == FinishRequest(outcome="served")


@pytest.mark.parametrize(
    ("outcomes", "usual"),
    [([], "served"), (OTHERS, "served"), (OTHERS[::-1], "served"), (OTHERS[1:], OTHERS[1].value)],
)
def test_the_usual_outcome_is_served_or_the_offices_first(outcomes: list[Outcome], usual: str) -> None:
    assert commands.usual_outcome(at_work(outcomes=outcomes)) == usual
    assert commands.usual_outcome(Desk()) == "served"


def test_a_walk_in_ticket_is_asked_for_with_or_without_priority() -> None:
    assert commands.issue("P", "none").body == IssueRequest(service="P", priority=None)
    assert commands.issue("P", "pregnancy").body == IssueRequest(service="P", priority=Priority.PREGNANCY)


def test_a_transfer_offers_other_services_and_the_counters() -> None:
    dialog = commands.question(at_work(CALLED), Key.TRANSFER)
    counters = (Choice("counter", "5", "open"), Choice("counter", "12", "paused"))
    services = (
        Choice("service", "N", samples.PICK_UP.name),
        Choice("service", "L", samples.PERMIT.name),
    )
    assert dialog == Dialog(DialogKind.TRANSFER, services + counters, 42, CALLED.number)
    other = CALLED.model_copy(update={"service": samples.PICK_UP})
    dialog = commands.question(at_work(other), Key.TRANSFER)
    assert dialog is not None
    assert dialog.choices == services[1:] + counters


def test_each_question_has_its_lines() -> None:
    desk = at_work(SERVING)
    issue = commands.question(desk, Key.ISSUE)
    assert issue is not None
    assert [(line.kind, line.value) for line in issue.choices] == [("service", each) for each in "PNL"]
    outcome = commands.question(desk, Key.FINISH)
    assert outcome is not None
    assert [line.value for line in outcome.choices] == list(Outcome)
    assert (outcome.ticket, outcome.number) == (42, SERVING.number)
    withdraw = commands.question(desk, Key.WITHDRAW)
    assert withdraw == commands.withdrawal(42, SERVING.number)
    assert withdraw.choices[-1] == Choice("confirm", "no")
    assert "day_over" not in [line.value for line in withdraw.choices]
    assert [line.value for line in commands.reasons(43, "P043").choices] == [
        *("supervisor_decision", "health", "called_before", "same_matter", "other")
    ]
    assert [line.value for line in commands.priorities(desk, "P").choices] == ["none", *Priority]
    assert [line.value for line in commands.priorities(Desk(), "P").choices] == ["none"]
    for key in (Key.FINISH, Key.TRANSFER, Key.WITHDRAW):
        assert commands.question(at_work(), key) is None
    assert commands.question(desk, Key.KEYS) == Dialog(DialogKind.KEYS)
    assert commands.question(desk, Key.MAIN) is None
    assert commands.question(Desk(), Key.ISSUE) is None


@pytest.mark.parametrize(
    ("note", "kept"), [("", None), ("  ", None), (" to 5 ", "to 5"), ("x" * 201, "x" * 200)]
)
def test_a_note_goes_with_a_transfer(note: str, kept: str | None) -> None:
    dialog = Dialog(DialogKind.TRANSFER, ticket=42)
    command = commands.answer_of(dialog, Choice("counter", "5"), note)
    assert command is not None
    assert command.body == TransferRequest(counter=5, note=kept)
    command = commands.answer_of(dialog, Choice("service", "N"), note)
    assert command is not None
    assert command.body == TransferRequest(service="N", note=kept)


def test_whoever_keeps_a_ticket_asks_for_nothing() -> None:
    dialog = commands.withdrawal(42, "P042")
    assert commands.answer_of(dialog, dialog.choices[-1], "") is None
    command = commands.answer_of(dialog, dialog.choices[0], "")
    assert command is not None
    assert command.body == WithdrawRequest.model_validate({"reason": dialog.choices[0].value})
    assert commands.answer_of(Dialog(DialogKind.OUTCOME), Choice("outcome", "served"), "") is None
    assert commands.answer_of(Dialog(DialogKind.KEYS, ticket=42), Choice("x", "y"), "") is None


def test_a_window_begins_signed_out_and_out_of_touch() -> None:
    desk = Desk()
    assert (desk.connected, desk.fresh, desk.look_again, desk.can_print) == (False, False, False, False)
    assert (desk.serial, desk.rows, desk.current, desk.is_open, desk.is_ready) == (0, (), None, False, False)
    finished = [samples.row(29, "P", 70)]
    assert replace(at_work(finished=finished), panel=Panel.FINISHED).rows == tuple(finished)
    assert replace(at_work(finished=None), panel=Panel.FINISHED).rows == ()


def test_passwords_and_tokens_are_not_in_what_a_log_says() -> None:
    for value in (SignInTyped("a", "hunter2"), Enter("hunter2", 7), Command(Ask.SIGN_IN, "POST", "/x", None)):
        assert "hunter2" not in repr(value)
    assert Chose(0, 1).note == ""


def test_the_list_of_keys_names_every_key_that_does_something() -> None:
    bound = {*keyboard.PLAIN.values(), *keyboard.WITH_CONTROL.values()}
    assert bound - {Key.KEYS, Key.ESCAPE} <= {Key(word) for word in (*HELP, *HELP_MORE)}
