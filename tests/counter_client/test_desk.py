"""The clerk's conversation: what each key asks for, and what it never asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counter_client.commands import REASONS, offered
from counter_client.desk import advance
from counter_client.events import (
    Answered,
    Chose,
    DeviceKnown,
    DeviceRefused,
    Enter,
    Event,
    FactHeard,
    GaveUp,
    Leave,
    LinkChanged,
    Look,
    Looked,
    LookRefused,
    Picked,
    Pressed,
    PrintSlip,
    Refused,
    Scanned,
    Send,
    SignInTyped,
    TimePassed,
    Withdrawn,
)
from counter_client.shell import TEXTS
from counter_client.state import Ask, Command, Desk, DialogKind, Key, Panel, Verify
from terminal.texts import Texts
from tests.counter_client import samples
from tests.examples import examples
from wire.messages import (
    CounterSnapshot,
    FactData,
    IssueAnswer,
    Problem,
    SignInAnswer,
    Ticket,
    TicketAnswer,
    VerifyAnswer,
    WithdrawRequest,
)
from wire.vocabulary import CounterState, TicketAction, TicketStatus

LATER = 10_000


def at_work(current: Ticket | None = None, **changes: object) -> Desk:
    """Make a desk that is signed in, in touch and up to date."""
    return Desk(
        device=samples.device(),
        clerk=samples.CLERK,
        snapshot=samples.snapshot(current, **changes),
        connected=True,
        fresh=True,
    )


def press(desk: Desk, key: Key, at_ms: int = LATER) -> tuple[Desk, list[Command]]:
    """Press a key; return the desk and the requests that went out."""
    desk, effects = advance(desk, Pressed(key, at_ms))
    return desk, [effect.command for effect in effects if isinstance(effect, Send)]


def problem(status: int, reason: str) -> Problem:
    """Make an error of the server."""
    return Problem(title=reason, status=status, reason=reason)


CALLED = samples.ticket()
SERVING = samples.ticket(TicketStatus.SERVING)


@pytest.mark.parametrize(
    ("current", "key", "path"),
    [
        (None, Key.MAIN, "/api/v1/counters/7/call-next"),
        (CALLED, Key.MAIN, "/api/v1/tickets/42/start"),
        (SERVING, Key.MAIN, "/api/v1/counters/7/call-next"),
        (CALLED, Key.RECALL, "/api/v1/tickets/42/recall"),
        (CALLED, Key.NO_SHOW, "/api/v1/tickets/42/no-show"),
        (CALLED, Key.PARK, "/api/v1/tickets/42/park"),
        (SERVING, Key.PARK, "/api/v1/tickets/42/park"),
        (CALLED, Key.PUT_BACK, "/api/v1/tickets/42/put-back"),
        (CALLED, Key.ESCAPE, "/api/v1/tickets/42/put-back"),
        (None, Key.PAUSE, "/api/v1/counters/7/state"),
        (None, Key.CLOSE, "/api/v1/counters/7/state"),
        (None, Key.SIGN_OUT, "/api/v1/sessions/me"),
    ],
)
def test_each_key_asks_for_its_action(current: Ticket | None, key: Key, path: str) -> None:
    _, commands = press(at_work(current), key)
    assert [command.path for command in commands] == [path]


def test_finish_and_next_is_one_request() -> None:
    _, (command,) = press(at_work(SERVING), Key.MAIN)
    assert command.body is not None
    assert command.body.model_dump() == {"finish_current": "served"}


def test_a_paused_counter_finishes_without_calling_the_next() -> None:
    _, (command,) = press(at_work(SERVING, state=CounterState.PAUSED), Key.MAIN)
    assert command.path == "/api/v1/tickets/42/finish"


def test_a_closed_counter_is_opened_first() -> None:
    _, (command,) = press(at_work(state=CounterState.CLOSED), Key.MAIN)
    assert command.body is not None
    assert command.body.model_dump(mode="json") == {"state": "open"}


def test_a_key_does_nothing_without_the_server_s_leave() -> None:
    bare = samples.ticket(actions=[])
    for key in Key:
        _, commands = press(at_work(bare), key)
        assert all(command.ask is Ask.STATE for command in commands)


def test_a_second_press_while_one_is_under_way_does_nothing() -> None:
    desk, first = press(at_work(), Key.MAIN)
    desk, second = press(desk, Key.MAIN, LATER + 2000)
    assert (len(first), second) == (1, [])


def test_a_double_press_never_reaches_the_next_ticket() -> None:
    desk, _ = press(at_work(SERVING), Key.MAIN, 1000)
    following = samples.ticket(ticket_id=43)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=following), 1020))
    assert desk.current == following
    _, hasty = press(desk, Key.MAIN, 1120)
    assert hasty == []
    # The control: without the settling time the same press starts a visitor who was only just called.
    _, unguarded = press(replace(desk, settle_ms=0, key_pause_ms=0), Key.MAIN, 1120)
    assert [command.path for command in unguarded] == ["/api/v1/tickets/43/start"]
    _, meant = press(desk, Key.MAIN, 1020 + desk.key_pause_ms)
    assert [command.path for command in meant] == ["/api/v1/tickets/43/start"]


def test_a_press_made_before_the_answer_but_handled_after_it_is_dropped() -> None:
    desk, _ = press(at_work(SERVING), Key.MAIN, 1000)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=samples.ticket(ticket_id=43)), 9000))
    _, late = press(replace(desk, settle_ms=0), Key.NO_SHOW, 8999)
    assert late == []


def test_nobody_waits() -> None:
    desk, _ = press(at_work(), Key.MAIN)
    desk, effects = advance(desk, Answered(desk.serial, None, LATER))
    assert desk.said is not None
    assert desk.said.key == "nobody_waits"
    assert any(isinstance(effect, Look) for effect in effects)


def test_a_snapshot_read_before_the_answer_cannot_undo_it() -> None:
    desk, effects = advance(at_work(SERVING), TimePassed())
    (look,) = effects
    assert isinstance(look, Look)
    desk, _ = press(desk, Key.MAIN)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=samples.ticket(ticket_id=43)), LATER))
    desk, _ = advance(desk, Looked(look.serial, samples.snapshot(SERVING), LATER))
    assert desk.current is not None
    assert desk.current.id == 43


def test_the_outcome_is_chosen_by_its_digit() -> None:
    desk, commands = press(at_work(SERVING), Key.FINISH)
    assert commands == []
    assert desk.dialog is not None
    assert [choice.value for choice in desk.dialog.choices][2] == "wrong_person"
    desk, (send,) = advance(desk, Chose(2, LATER + 10))
    assert isinstance(send, Send)
    assert send.command.body is not None
    assert send.command.body.model_dump() == {"outcome": "wrong_person", "missing": []}
    assert desk.dialog is None


def test_a_dialog_ends_with_the_ticket_it_was_opened_for() -> None:
    desk, _ = press(at_work(SERVING), Key.TRANSFER)
    desk, look = advance(desk, TimePassed())
    desk, _ = advance(desk, Looked(look[0].serial, samples.snapshot(None), LATER))  # type: ignore[union-attr]
    assert desk.dialog is None
    assert advance(desk, Chose(0, LATER + 5000))[1] == ()


@pytest.mark.parametrize(
    ("place", "body"),
    [
        (0, {"service": "N", "counter": None, "note": "brak opłaty"}),
        (2, {"service": None, "counter": 5, "note": "brak opłaty"}),
    ],
)
def test_a_transfer_goes_to_a_service_or_to_a_counter(place: int, body: dict[str, object]) -> None:
    desk, _ = press(at_work(SERVING), Key.TRANSFER)
    _, (send,) = advance(desk, Chose(place, LATER, " brak opłaty "))
    assert isinstance(send, Send)
    assert send.command.body is not None
    assert send.command.body.model_dump() == body


def test_escape_closes_the_dialog_and_does_not_put_the_ticket_back() -> None:
    desk, _ = press(at_work(CALLED), Key.TRANSFER)
    desk, commands = press(desk, Key.ESCAPE)
    assert (desk.dialog, commands) == (None, [])
    _, twice = press(desk, Key.ESCAPE, LATER + 100)
    assert twice == []


def test_a_call_out_of_order_needs_a_reason() -> None:
    desk, effects = advance(at_work(), Picked(33, LATER))
    assert effects == ()
    assert desk.dialog is not None
    assert desk.dialog.kind is DialogKind.REASON
    _, (send,) = advance(desk, Chose(1, LATER))
    assert isinstance(send, Send)
    assert send.command.path == "/api/v1/tickets/33/call"
    assert send.command.body is not None
    assert send.command.body.model_dump() == {"reason": "health"}


def test_nobody_is_called_out_of_order_while_a_ticket_is_in_hand() -> None:
    desk, effects = advance(at_work(SERVING), Picked(33, LATER))
    assert effects == ()
    assert desk.said is not None
    assert desk.said.key == "finish_first"


def test_a_parked_ticket_is_called_and_a_no_show_reinstated() -> None:
    desk, _ = press(at_work(), Key.PARKED)
    assert desk.panel is Panel.PARKED
    _, (send,) = advance(desk, Picked(38, LATER))
    assert isinstance(send, Send)
    assert send.command.path == "/api/v1/tickets/38/call"
    desk, _ = press(at_work(SERVING), Key.NO_SHOWS)
    _, (send,) = advance(desk, Picked(40, LATER))
    assert isinstance(send, Send)
    assert send.command.path == "/api/v1/tickets/40/reinstate"


def test_a_ticket_is_withdrawn_for_a_reason_or_kept() -> None:
    desk, effects = advance(at_work(SERVING), Withdrawn(33, LATER))
    assert effects == ()
    assert desk.dialog is not None
    kept, effects = advance(desk, Chose(4, LATER))
    assert (kept.dialog, effects) == (None, ())
    reasons = ("visitor_left", "ticket_twice", "wrong_service", "other")
    for place, reason in enumerate(reasons):
        _, (send,) = advance(desk, Chose(place, LATER))
        assert isinstance(send, Send)
        assert send.command.path == "/api/v1/tickets/33/withdraw"
        assert send.command.body == WithdrawRequest.model_validate({"reason": reason})


def test_every_refusal_of_a_clerk_has_a_sentence_in_each_language() -> None:
    texts = Texts(TEXTS)
    for language in texts.languages:
        for reason in (*REASONS, "unexpected"):
            assert texts.say(language, f"said.refused.{reason}")


def test_reinstating_leaves_the_ticket_in_hand_alone() -> None:
    desk, _ = press(at_work(SERVING), Key.NO_SHOWS)
    desk, _ = advance(desk, Picked(40, LATER))
    back = samples.ticket(TicketStatus.WAITING, 40, counter=None)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=back), LATER))
    assert desk.current == SERVING


def test_a_confirmation_that_cannot_be_one_is_told_without_asking() -> None:
    desk, effects = advance(at_work(CALLED), Scanned("123"))
    assert (desk.verify, effects) == (Verify.MALFORMED, ())


def test_a_confirmation_of_somebody_else_is_told_in_words() -> None:
    desk, (send,) = advance(at_work(CALLED), Scanned(samples.WRONG_CODE))
    assert isinstance(send, Send)
    desk, _ = advance(desk, Refused(send.serial, problem(409, "mismatch"), LATER))
    assert desk.verify is Verify.MISMATCH
    desk, (send,) = advance(desk, Scanned(samples.RIGHT_CODE))
    assert isinstance(send, Send)
    desk, _ = advance(desk, Answered(send.serial, VerifyAnswer(), LATER))
    assert desk.current is not None
    assert desk.current.reservation is not None
    assert desk.current.reservation.confirmation_verified
    assert Key.VERIFY not in offered(desk)


def test_a_walk_in_ticket_with_priority_is_issued_and_printed_when_asked() -> None:
    desk, _ = press(replace(at_work(), can_print=True), Key.ISSUE)
    desk, effects = advance(desk, Chose(0, LATER))
    assert effects == ()
    desk, (send,) = advance(desk, Chose(1, LATER))
    assert isinstance(send, Send)
    assert send.command.body is not None
    assert send.command.body.model_dump(mode="json") == {
        "service": "P",
        "language": None,
        "priority": "pregnancy",
    }
    issued = samples.ticket(TicketStatus.WAITING, 47)
    desk, _ = advance(desk, Answered(send.serial, IssueAnswer(ticket=issued), LATER))
    assert desk.dialog is not None
    assert desk.dialog.issued == issued
    desk, effects = advance(replace(desk, looking=None), Chose(0, LATER))
    assert effects == (PrintSlip(issued),)


def signed_in() -> tuple[Desk, tuple[object, ...]]:
    """Sign a clerk in."""
    desk, _ = advance(Desk(), DeviceKnown(samples.device()))
    desk, _ = advance(desk, LinkChanged(True))
    desk, (send,) = advance(desk, SignInTyped("a.nowak", "tajne haslo"))
    assert isinstance(send, Send)
    assert "tajne" not in repr(send)
    answer = SignInAnswer(token="t", clerk=samples.CLERK, counter=7, expires_at=samples.NOW)
    return advance(desk, Answered(send.serial, answer, 0))


def test_after_signing_in_the_token_is_used_and_the_counter_looked_at() -> None:
    desk, effects = signed_in()
    assert effects == (Enter("t", 7), Look(desk.serial))
    assert offered(desk) == frozenset()
    desk, _ = advance(desk, Looked(desk.serial, samples.snapshot(), 0))
    assert Key.MAIN in offered(desk)


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (403, "wrong_login_or_password", "sign_in_refused"),
        (401, "token_unknown", "device_revoked"),
        (429, "slow_down", "sign_in_paused"),
        (503, "busy", "refused.unexpected"),
    ],
)
def test_a_refused_sign_in_says_why(status: int, reason: str, said: str) -> None:
    desk, (send,) = advance(Desk(connected=True), SignInTyped("a.nowak", "x"))
    assert isinstance(send, Send)
    desk, _ = advance(desk, Refused(send.serial, problem(status, reason), 0))
    assert desk.said is not None
    assert desk.said.key == said


def test_the_end_of_the_session_leads_to_the_sign_in() -> None:
    desk, _ = press(at_work(SERVING), Key.MAIN)
    desk, effects = advance(desk, Refused(desk.serial, problem(401, "sign_in_required"), LATER))
    assert desk.clerk is None
    assert desk.said is not None
    assert desk.said.key == "session_ended"
    assert effects == (Leave(),)


def test_a_session_that_ends_between_two_commands_is_noticed_by_looking() -> None:
    desk, (look,) = advance(at_work(), TimePassed())
    assert isinstance(look, Look)
    desk, effects = advance(desk, LookRefused(look.serial, problem(403, "sign_in_required")))
    assert (desk.clerk, effects) == (None, (Leave(),))


def test_a_revoked_device_says_so() -> None:
    desk, _ = advance(at_work(), DeviceRefused())
    assert desk.said is not None
    assert desk.said.key == "device_revoked"


def test_buttons_wait_while_the_server_is_gone_and_until_it_was_looked_at() -> None:
    desk, _ = advance(at_work(CALLED), LinkChanged(False))
    assert press(desk, Key.MAIN)[1] == []
    desk, (look,) = advance(desk, LinkChanged(True))
    assert isinstance(look, Look)
    assert press(desk, Key.MAIN)[1] == []
    desk, _ = advance(desk, Looked(look.serial, samples.snapshot(CALLED), LATER))
    assert len(press(desk, Key.MAIN, LATER * 2)[1]) == 1


def test_a_command_that_was_given_up_is_followed_by_a_look() -> None:
    desk, _ = press(at_work(), Key.MAIN)
    desk, effects = advance(desk, GaveUp(desk.serial))
    assert desk.said is not None
    assert desk.said.key == "not_sent"
    assert effects == (Look(desk.serial),)
    assert press(desk, Key.MAIN, LATER * 2)[1] == []


def test_facts_that_come_together_cost_one_look_and_one_more() -> None:
    desk, looks = at_work(), []
    for number in range(20):
        fact = FactData(at=samples.NOW, number=f"P{number:03d}")
        desk, effects = advance(desk, FactHeard("ticket.issued", fact, 101 + number))
        looks += effects
    assert looks == [Look(1, 250)]
    desk, effects = advance(desk, Looked(1, samples.snapshot(), 0))
    assert effects == (Look(2, 250),)


def test_a_fact_of_this_counter_is_looked_at_at_once() -> None:
    _, effects = advance(at_work(), FactHeard("ticket.called", FactData(at=samples.NOW, counter=7), 101))
    assert effects == (Look(1, 0),)


# --- for all that can happen -------------------------------------------------------------------------

TICKETS = st.builds(
    lambda status, number, actions: samples.ticket(status, number, actions=actions),
    st.sampled_from([TicketStatus.CALLED, TicketStatus.SERVING]),
    st.integers(42, 45),
    st.lists(st.sampled_from(list(TicketAction)), unique=True),
)
SNAPSHOTS = st.builds(
    lambda current, state: samples.snapshot(current, state=state),
    st.none() | TICKETS,
    st.sampled_from(list(CounterState)),
)
STEPS = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(list(Key)), st.integers(0, 900)),
    st.tuples(st.just("pick"), st.sampled_from([33, 38, 40, 42, 99]), st.integers(0, 900)),
    st.tuples(st.just("withdraw"), st.sampled_from([33, 38, 40, 42, 99]), st.integers(0, 900)),
    st.tuples(st.just("choose"), st.integers(-1, 9), st.integers(0, 900)),
    st.tuples(st.just("scan"), st.sampled_from(["", "123", samples.RIGHT_CODE]), st.integers(0, 9)),
    st.tuples(st.just("look"), SNAPSHOTS, st.integers(0, 9)),
    st.tuples(st.just("answer"), st.none() | TICKETS, st.integers(0, 9)),
    st.tuples(st.just("refuse"), st.sampled_from([(409, "not_allowed"), (401, "x")]), st.integers(0, 9)),
    st.tuples(st.just("give up"), st.none(), st.integers(0, 9)),
    st.tuples(st.just("link"), st.booleans(), st.integers(0, 9)),
)


def event_of(desk: Desk, step: tuple[str, object, int], at_ms: int) -> Event:
    """Turn a drawn step into an event that fits the desk's numbers."""
    kind, value, _ = step
    under_way = desk.under_way.serial if desk.under_way else -1
    events: dict[str, object] = {
        "press": lambda: Pressed(value, at_ms),  # type: ignore[arg-type]
        "pick": lambda: Picked(value, at_ms),  # type: ignore[arg-type]
        "withdraw": lambda: Withdrawn(value, at_ms),  # type: ignore[arg-type]
        "choose": lambda: Chose(value, at_ms),  # type: ignore[arg-type]
        "scan": lambda: Scanned(str(value)),
        "look": lambda: Looked(desk.looking or -1, value, at_ms),  # type: ignore[arg-type]
        "answer": lambda: Answered(
            under_way, TicketAnswer(ticket=value) if isinstance(value, Ticket) else None, at_ms
        ),
        "refuse": lambda: Refused(under_way, problem(*value), at_ms),  # type: ignore[misc]
        "give up": lambda: GaveUp(under_way),
        "link": lambda: LinkChanged(bool(value)),
    }
    return events[kind]()  # type: ignore[operator, no-any-return]


def permits(snapshot: CounterSnapshot, command: Command) -> bool:
    """Tell from the server's own list whether a request is one that it offered."""
    current = snapshot.current
    if command.ask is Ask.CALL_NEXT:
        if snapshot.state is not CounterState.OPEN:
            return False
        return current is None or (command.ticket == current.id and TicketAction.FINISH in current.actions)
    if command.ask is Ask.ACT:
        rows = (*snapshot.waiting, *snapshot.parked, *snapshot.no_shows)
        allowed = {row.id: row.actions for row in rows}
        if current is not None:
            allowed[current.id] = current.actions
        return TicketAction(command.path.rsplit("/", 1)[1]) in allowed[command.ticket or -1]
    if command.ask is Ask.VERIFY:
        return current is not None and current.id == command.ticket
    return command.ask is not Ask.SIGN_OUT or current is None


@settings(max_examples=examples(300))
@given(SNAPSHOTS, st.lists(STEPS, max_size=30))
def test_no_request_without_leave_and_never_two_at_once(
    first: CounterSnapshot, steps: list[tuple[str, object, int]]
) -> None:
    desk, at_ms = replace(at_work(), snapshot=first), LATER
    for step in steps:
        at_ms += step[2]
        before = desk
        desk, effects = advance(desk, event_of(desk, step, at_ms))
        sends = [effect for effect in effects if isinstance(effect, Send)]
        if not sends:
            continue
        assert len(sends) == 1
        assert before.is_ready
        assert before.snapshot is not None
        assert permits(before.snapshot, sends[0].command)
        if step[0] == "press":
            assert at_ms >= before.changed_at_ms + before.settle_ms
