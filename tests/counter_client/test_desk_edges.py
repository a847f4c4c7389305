"""The clerk's conversation to the millisecond, and what each word of the server leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from counter_client.desk import advance
from counter_client.events import (
    Answered,
    Chose,
    DeviceKnown,
    FactHeard,
    GaveUp,
    LinkChanged,
    Look,
    Looked,
    LookRefused,
    Picked,
    Pressed,
    PrintEnded,
    PrintSlip,
    Refused,
    Scanned,
    Send,
    SignInTyped,
    TakesLong,
    TimePassed,
    Withdrawn,
)
from counter_client.state import Ask, Desk, Dialog, DialogKind, Key, Panel, Said, Tone, Verify
from tests.counter_client import samples
from tests.counter_client.test_desk import CALLED, LATER, SERVING, at_work, press, problem
from wire.messages import FactData, SignInAnswer, TicketAnswer
from wire.vocabulary import CounterState

OUT = Desk(device=samples.device(), connected=True)


def looks(effects: tuple[object, ...]) -> list[int]:
    """List the delays after which it is looked."""
    return [effect.delay_ms for effect in effects if isinstance(effect, Look)]


@pytest.mark.parametrize(("at_ms", "acts"), [(5349, False), (5350, True)])
def test_a_press_counts_when_the_screen_has_settled(at_ms: int, acts: bool) -> None:
    desk = replace(at_work(CALLED), changed_at_ms=5000)
    assert (press(desk, Key.MAIN, at_ms)[1] != []) is acts
    row = replace(at_work(), changed_at_ms=5000)
    assert (advance(row, Picked(43, at_ms))[0].dialog is not None) is acts
    assert (advance(row, Withdrawn(43, at_ms))[0].dialog is not None) is acts


@pytest.mark.parametrize(("at_ms", "acts"), [(5699, False), (5700, True)])
def test_the_key_that_acted_acts_again_after_its_pause(at_ms: int, acts: bool) -> None:
    desk = replace(at_work(CALLED), acted_key=Key.MAIN, acted_at_ms=5000)
    assert (press(desk, Key.MAIN, at_ms)[1] != []) is acts
    assert press(desk, Key.PARK, 5000)[1] != []


def test_the_key_that_acted_is_noted_when_the_answer_comes() -> None:
    desk, _ = press(at_work(CALLED), Key.MAIN)
    assert desk.under_way is not None
    after, effects = advance(desk, Answered(desk.under_way.serial, TicketAnswer(ticket=SERVING), 12_000))
    assert (after.acted_key, after.acted_at_ms, after.changed_at_ms) == (Key.MAIN, 12_000, 12_000)
    assert looks(effects) == [0]


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    desk, _ = press(at_work(CALLED), Key.MAIN)
    assert desk.under_way is not None
    for event in (Answered(99, None, 1), Refused(99, problem(409, "x"), 1), GaveUp(99)):
        assert advance(desk, event) == (desk, ())


def test_the_panel_of_a_key_opens_and_closes() -> None:
    desk, _ = press(at_work(), Key.PARKED)
    assert desk.panel is Panel.PARKED
    assert press(desk, Key.NO_SHOWS)[0].panel is Panel.NO_SHOWS
    assert press(desk, Key.PARKED)[0].panel is Panel.WAITING


@pytest.mark.parametrize(
    "change",
    [
        {"panel": Panel.PARKED},
        {"verify": Verify.MISMATCH},
        {"dialog": Dialog(DialogKind.KEYS)},
    ],
)
def test_escape_closes_what_is_open_before_it_puts_a_ticket_back(change: dict[str, object]) -> None:
    desk, commands = press(replace(at_work(CALLED), **change), Key.ESCAPE)  # type: ignore[arg-type]
    assert commands == []
    assert (desk.panel, desk.verify, desk.dialog) == (Panel.WAITING, Verify.IDLE, None)
    assert desk.changed_at_ms == LATER


@pytest.mark.parametrize(
    ("state", "key", "then"),
    [
        (CounterState.OPEN, Key.PAUSE, "paused"),
        (CounterState.PAUSED, Key.PAUSE, "open"),
        (CounterState.OPEN, Key.CLOSE, "closed"),
    ],
)
def test_a_counter_is_paused_opened_and_closed(state: CounterState, key: Key, then: str) -> None:
    _, (command,) = press(at_work(state=state), key)
    assert command.body is not None
    assert command.body.model_dump(mode="json") == {"state": then}


def test_a_counter_calls_nobody_out_of_order_while_it_is_paused_or_busy() -> None:
    desk, effects = advance(at_work(state=CounterState.PAUSED), Picked(43, LATER))
    assert (desk.said, desk.dialog, effects) == (Said("open_first", tone=Tone.PLAIN), None, ())
    desk, effects = advance(at_work(CALLED), Picked(43, LATER))
    assert desk.said == Said("finish_first", {"number": CALLED.number}, Tone.PLAIN)
    assert (desk.dialog, effects) == (None, ())


@pytest.mark.parametrize("event", [Picked(43, LATER), Withdrawn(43, LATER), Pressed(Key.MAIN, LATER)])
def test_while_a_question_is_open_or_the_office_is_gone_nothing_else_is_asked(event: Pressed) -> None:
    assert advance(at_work(), event) != (at_work(), ())
    for desk in (
        replace(at_work(), dialog=Dialog(DialogKind.KEYS)),
        replace(at_work(), connected=False),
        replace(at_work(), fresh=False),
    ):
        assert advance(desk, event) == (desk, ())


@pytest.mark.parametrize("event", [Picked(99, LATER), Withdrawn(99, LATER)])
def test_a_row_that_is_gone_is_not_asked_about(event: Picked) -> None:
    assert advance(at_work(), event) == (at_work(), ())


def test_rows_without_their_leave_do_nothing() -> None:
    desk = at_work(waiting=[samples.row(43, "P", 1, actions=[])])
    assert advance(desk, Picked(43, LATER)) == (desk, ())
    assert advance(desk, Withdrawn(43, LATER)) == (desk, ())


@pytest.mark.parametrize(("can_print", "place", "prints"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)])
def test_an_issued_ticket_is_printed_by_the_first_line_where_there_is_a_printer(
    can_print: bool, place: int, prints: int
) -> None:
    issued = samples.ticket(ticket_id=47)
    desk = replace(at_work(), dialog=Dialog(DialogKind.ISSUED, issued=issued), can_print=can_print)
    after, effects = advance(desk, Chose(place, LATER))
    assert effects == (PrintSlip(issued),) * prints
    assert (after.dialog, after.changed_at_ms) == (None, LATER)


def test_only_the_lines_of_a_question_can_be_chosen() -> None:
    desk, _ = press(at_work(SERVING), Key.FINISH)
    assert desk.dialog is not None
    last = len(desk.dialog.choices) - 1
    for place in (-1, last + 1):
        assert advance(desk, Chose(place, LATER)) == (desk, ())
    for place in (0, last):
        after, (send,) = advance(desk, Chose(place, LATER))
        assert isinstance(send, Send)
        assert (after.dialog, after.changed_at_ms) == (None, LATER)


def test_a_scan_without_a_confirmation_to_compare_does_nothing() -> None:
    for desk in (at_work(), at_work(samples.ticket(reservation=samples.beside(verified=True)))):
        assert advance(desk, Scanned(samples.RIGHT_CODE)) == (desk, ())
    assert advance(at_work(CALLED), Scanned("  ")) == (at_work(CALLED), ())
    _, (send,) = advance(at_work(CALLED), Scanned(f" {samples.RIGHT_CODE} "))
    assert isinstance(send, Send)
    assert send.command.body is not None
    assert send.command.body.model_dump() == {"code": samples.RIGHT_CODE}


@pytest.mark.parametrize(
    ("desk", "login", "password", "sends"),
    [
        (OUT, "a.nowak", "x", True),
        (OUT, "  ", "x", False),
        (OUT, "a.nowak", "", False),
        (at_work(), "a.nowak", "x", False),
    ],
)
def test_only_a_whole_sign_in_is_sent_and_only_when_nobody_is_signed_in(
    desk: Desk, login: str, password: str, sends: bool
) -> None:
    assert (advance(desk, SignInTyped(login, password))[1] != ()) is sends


def test_a_sign_in_is_as_long_as_the_server_takes_it() -> None:
    desk, (send,) = advance(OUT, SignInTyped(" " + "a" * 101, "b" * 201))
    assert isinstance(send, Send)
    assert send.command.body is not None
    assert send.command.body.model_dump() == {
        "login": "a" * 100,
        "password": "b" * 200,
        "take_over": False,
    }
    assert "bbb" not in repr(send)
    assert advance(desk, SignInTyped("a", "b")) == (desk, ())


def test_the_office_is_looked_at_at_once_or_after_two_seconds_of_trouble() -> None:
    assert looks(advance(at_work(), TimePassed())[1]) == [0]
    assert looks(advance(replace(at_work(), connected=False), LinkChanged(True))[1]) == [0]
    gone, effects = advance(at_work(), LinkChanged(False))
    assert (gone.connected, gone.fresh, effects) == (False, False, ())
    looking, _ = advance(at_work(), TimePassed())
    assert looking.looking is not None
    assert looks(advance(looking, LookRefused(looking.looking, problem(500, "x")))[1]) == [2000]
    assert looks(advance(looking, GaveUp(looking.looking))[1]) == [2000]
    assert advance(looking, LookRefused(99, problem(500, "x"))) == (looking, ())


def test_a_fact_during_a_look_is_followed_by_another_look_a_quarter_of_a_second_later() -> None:
    looking, _ = advance(at_work(), TimePassed())
    again, effects = advance(looking, FactHeard("ticket.put_back", FactData(at=samples.NOW, counter=8), 101))
    assert (again.look_again, effects) == (True, ())
    assert looking.looking is not None
    after, effects = advance(again, Looked(looking.looking, samples.snapshot(), 1))
    assert looks(effects) == [250]
    assert not after.look_again
    after, effects = advance(looking, Looked(looking.looking, samples.snapshot(), 1))
    assert (after.fresh, after.looking, after.look_again, effects) == (True, None, False, ())


def test_a_fact_elsewhere_is_looked_at_a_quarter_of_a_second_later() -> None:
    fact = FactHeard("ticket.put_back", FactData(at=samples.NOW, counter=8), 101)
    assert looks(advance(at_work(), fact)[1]) == [250]


@pytest.mark.parametrize("status", [401, 403])
def test_a_look_or_a_step_that_is_forbidden_ends_the_session(status: int) -> None:
    looking, _ = advance(at_work(), TimePassed())
    assert looking.looking is not None
    after, _ = advance(looking, LookRefused(looking.looking, problem(status, "x")))
    assert (after.clerk, after.said) == (None, Said("session_ended"))
    busy, _ = press(at_work(CALLED), Key.PARK)
    assert busy.under_way is not None
    after, _ = advance(busy, Refused(busy.under_way.serial, problem(status, "x"), 1))
    assert (after.clerk, after.said) == (None, Said("session_ended"))


@pytest.mark.parametrize(
    ("reason", "said"),
    [("counter_busy", "refused.counter_busy"), ("strange", "refused.unexpected")],
)
def test_a_refusal_is_told_and_looked_at(reason: str, said: str) -> None:
    busy, _ = press(at_work(CALLED), Key.PARK)
    assert busy.under_way is not None
    after, effects = advance(busy, Refused(busy.under_way.serial, problem(409, reason), 1))
    assert (after.said, after.under_way, looks(effects)) == (Said(said), None, [0])


@pytest.mark.parametrize(
    ("printed", "said", "tone"), [(True, "slip_printed", Tone.GOOD), (False, "slip_failed", Tone.BAD)]
)
def test_what_became_of_a_slip_is_told(printed: bool, said: str, tone: Tone) -> None:
    desk, effects = advance(at_work(), PrintEnded("P047", printed))
    assert (desk.said, effects) == (Said(said, {"number": "P047"}, tone), ())


def test_a_device_that_is_known_again_takes_back_only_that_it_was_not() -> None:
    for said, then in ((Said("device_revoked"), None), (Said("not_sent"), Said("not_sent")), (None, None)):
        desk, effects = advance(replace(OUT, device=None, said=said), DeviceKnown(samples.device()))
        assert (desk.said, desk.device, effects) == (then, samples.device(), ())


def test_signing_out_leaves_nothing_of_the_clerk() -> None:
    desk, _ = press(replace(at_work(), can_print=True), Key.SIGN_OUT)
    assert desk.under_way is not None
    assert desk.under_way.command.ask is Ask.SIGN_OUT
    after, _ = advance(desk, Answered(desk.under_way.serial, None, 1))
    assert (after.clerk, after.snapshot, after.said) == (None, None, None)
    assert (after.can_print, after.connected, after.device) == (True, True, samples.device())


def test_a_fact_that_tells_enough_costs_no_look() -> None:
    fact = FactHeard("ticket.started", FactData(at=samples.NOW, counter=8), 101)
    desk, effects = advance(at_work(), fact)
    assert desk.snapshot is not None
    assert (desk.snapshot.as_of, desk.looking, effects) == (101, None, ())


def test_nobody_looks_before_a_sign_in_or_without_a_connection() -> None:
    for desk in (OUT, replace(at_work(), connected=False)):
        assert advance(desk, TimePassed()) == (desk, ())


def test_what_is_done_in_a_list_leaves_the_pause_of_the_last_key() -> None:
    desk = replace(at_work(), panel=Panel.PARKED, acted_key=Key.PARK, acted_at_ms=5000)
    busy, _ = advance(desk, Picked(38, LATER))
    assert busy.under_way is not None
    after, _ = advance(busy, Answered(busy.under_way.serial, TicketAnswer(ticket=CALLED), 12_000))
    assert (after.acted_key, after.acted_at_ms) == (Key.PARK, 5000)


def test_a_counter_that_changed_its_state_settles() -> None:
    busy, _ = press(at_work(), Key.PAUSE)
    assert busy.under_way is not None
    after, effects = advance(busy, Answered(busy.under_way.serial, None, 12_000))
    assert (after.changed_at_ms, looks(effects)) == (12_000, [0])


@pytest.mark.parametrize(
    ("reason", "verify", "said"),
    [
        ("mismatch", Verify.MISMATCH, None),
        ("malformed_code", Verify.MALFORMED, None),
        ("no_reservation", Verify.IDLE, Said("refused.no_reservation")),
    ],
)
def test_what_a_comparison_comes_to_is_told(reason: str, verify: Verify, said: Said | None) -> None:
    busy, _ = advance(at_work(CALLED), Scanned(samples.RIGHT_CODE))
    assert busy.under_way is not None
    after, _ = advance(busy, Refused(busy.under_way.serial, problem(409, reason), 1))
    assert (after.verify, after.said) == (verify, said)


@pytest.mark.parametrize(
    ("left", "said"),
    [([], None), (["P001", "N002"], Said("not_closed", {"numbers": "P001, N002"}, Tone.PLAIN))],
)
def test_whoever_signs_in_is_told_what_is_not_closed_and_waits_for_the_first_look(
    left: list[str], said: Said | None
) -> None:
    busy, _ = advance(OUT, SignInTyped("a.nowak", "x"))
    assert busy.under_way is not None
    answer = SignInAnswer(token="t", clerk=samples.CLERK, counter=7, expires_at=samples.NOW, not_closed=left)
    desk, effects = advance(replace(busy, fresh=True), Answered(busy.under_way.serial, answer, 1))
    assert (desk.said, desk.clerk, desk.fresh, looks(effects)) == (said, samples.CLERK, False, [0])


def test_a_command_without_an_answer_says_so_until_the_answer_comes() -> None:
    desk, _ = press(at_work(), Key.MAIN)
    waits, _ = advance(desk, TakesLong(desk.serial))
    assert waits.said == Said("slow", tone=Tone.PLAIN)
    answered, _ = advance(waits, Answered(desk.serial, TicketAnswer(ticket=CALLED), LATER))
    assert answered.said is None
    assert advance(answered, TakesLong(desk.serial))[0].said is None
    assert advance(waits, GaveUp(desk.serial))[0].said == Said("not_sent")
