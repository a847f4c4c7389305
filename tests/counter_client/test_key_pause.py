"""A key that did something rests a while: a hammered key calls one visitor, and no more."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from counter_client.desk import advance
from counter_client.events import Answered
from counter_client.state import HAMMER_MS, Desk, Key
from tests.counter_client.test_desk import CALLED, LATER, SERVING, at_work, press
from wire.messages import TicketAnswer


def hammered(desk: Desk, gap_ms: int, presses: int) -> list[str]:
    """Press the main key again and again, each time answered at once; return what was asked for."""
    paths: list[str] = []
    following = {"/api/v1/counters/7/call-next": CALLED, "/api/v1/tickets/42/start": SERVING}
    for place in range(presses):
        at_ms = LATER + place * gap_ms
        desk, commands = press(desk, Key.MAIN, at_ms)
        for command in commands:
            paths.append(command.path)
            answer = TicketAnswer(ticket=following.get(command.path, CALLED))
            desk, _ = advance(desk, Answered(desk.serial, answer, at_ms + 5))
            desk = replace(desk, fresh=True, looking=None)
    return paths


@given(st.integers(20, 240))
def test_hammering_the_main_key_does_one_thing_for_as_long_as_it_lasts(gap_ms: int) -> None:
    assert hammered(at_work(), gap_ms, 5_000 // gap_ms) == ["/api/v1/counters/7/call-next"]


def test_after_a_breath_the_same_key_counts_again_and_a_slow_hand_is_heard() -> None:
    assert hammered(at_work(), 300, 4)[1:] == ["/api/v1/tickets/42/start"]
    desk, _ = press(at_work(), Key.MAIN, LATER)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=CALLED), LATER + 5))
    desk = replace(desk, fresh=True, looking=None)
    for at_ms in range(LATER + 100, LATER + 3_000, 100):
        desk, none = press(desk, Key.MAIN, at_ms)
        assert none == []
    _, soon = press(desk, Key.MAIN, at_ms + HAMMER_MS - 1)
    _, after = press(desk, Key.MAIN, at_ms + HAMMER_MS)
    assert (soon, [command.path for command in after]) == ([], ["/api/v1/tickets/42/start"])


def test_control_without_its_pause_a_hammered_key_calls_starts_and_finishes() -> None:
    desk = replace(at_work(), settle_ms=0, key_pause_ms=0)
    assert len(hammered(desk, 70, 14)) == 14


def test_another_key_acts_at_once_after_the_screen_has_settled() -> None:
    desk, _ = press(at_work(), Key.MAIN, LATER)
    desk, _ = advance(desk, Answered(desk.serial, TicketAnswer(ticket=CALLED), LATER + 5))
    desk = replace(desk, fresh=True, looking=None)
    _, recalled = press(desk, Key.RECALL, LATER + 5 + desk.settle_ms)
    assert [command.path for command in recalled] == ["/api/v1/tickets/42/recall"]
