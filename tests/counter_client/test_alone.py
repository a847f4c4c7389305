"""The kiosks' lines as values: whose numbers can be called, what is said of them, and when keys rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from counter_client.alone import MOST_FAILED, NO_ANSWER, UNANSWERED, AloneLine
from counter_client.desk import advance
from counter_client.events import LineSeen
from counter_client.kiosk_lines import wish_of
from counter_client.portrait.voice import Voice
from counter_client.portrait.window import window_face
from counter_client.shell import TEXTS
from counter_client.state import Desk, Key, Said, Tone
from terminal.texts import Texts
from tests.counter_client import samples
from tests.counter_client.scenes import alone, at_work, stuck
from wire.messages import LineNumber, LineRefusal, LineTold, LineWish

A, B = "http://192.168.1.20:8765", "http://192.168.1.21:8765"
NOW_MS = 50_000


def number(of: str, minutes: int) -> LineNumber:
    at = samples.NOW - timedelta(minutes=minutes)
    return LineNumber(number=of, service="N", language="pl", at=at)


def told(kiosk: str, *waiting: LineNumber, in_hand: LineNumber | None = None) -> LineTold:
    return LineTold(key="a-wish-of-a-clerk", kiosk=kiosk, waiting=list(waiting), in_hand=in_hand)


TWO = AloneLine(
    {A: told("Kiosk A", number("NX01", 9), number("NX02", 3)), B: told("Kiosk B", number("NY01", 5))}
)


def seen(desk: Desk, line: AloneLine | None, key: Key | None = None) -> Desk:
    return advance(desk, LineSeen(line, NOW_MS, key))[0]


def said(desk: Desk, language: str = "en") -> str:
    return window_face(Voice(Texts(TEXTS), language, samples.NOW), desk).said


def test_of_two_kiosks_those_are_called_first_who_came_first() -> None:
    assert [each.number for _, each in TWO.waiting] == ["NX01", "NY01", "NX02"]
    assert wish_of(TWO, Key.MAIN) == (A, LineWish.CALL_NEXT, None)


@pytest.mark.parametrize("why", [NO_ANSWER, LineRefusal.TOO_OLD, LineRefusal.NOT_SIGNED, LineRefusal.NO_LINE])
def test_a_kiosk_that_does_not_answer_holds_up_no_other(why: str) -> None:
    line = TWO.with_trouble(A, why)
    assert [each.number for _, each in line.waiting] == ["NY01"]
    assert wish_of(line, Key.MAIN) == (B, LineWish.CALL_NEXT, None)
    assert wish_of(line.with_told(A, TWO.told[A], LineWish.LOOK), Key.MAIN) == (A, LineWish.CALL_NEXT, None)


def test_what_is_in_hand_of_a_kiosk_that_does_not_answer_is_still_shown() -> None:
    line = replace(TWO, told={**TWO.told, A: told("Kiosk A", in_hand=number("NX01", 9))})
    line = line.with_trouble(B, NO_ANSWER).with_trouble(A, NO_ANSWER)
    assert wish_of(line, Key.MAIN) == (A, LineWish.FINISH, "NX01")
    desk = seen(at_work(), line)
    face = window_face(Voice(Texts(TEXTS), "en", samples.NOW), desk)
    assert face.ticket.headline == "NX01"
    assert face.said == "Kiosk A does not answer; NX01 stays in hand."


def test_to_press_once_more_is_said_only_after_a_press() -> None:
    """After a look F8 would finish, which nobody has asked for yet."""
    in_hand = AloneLine({A: told("Kiosk A", in_hand=number("NX01", 9))})
    once_more = "Kiosk A does not answer. Press once more: nothing is done twice."
    tried = in_hand.with_trouble(A, UNANSWERED)
    assert said(seen(at_work(), tried)) == once_more
    assert said(seen(at_work(), tried.with_trouble(A, NO_ANSWER))) == once_more, "a look leaves it"
    heard = tried.with_told(A, in_hand.told[A], LineWish.LOOK)
    assert said(seen(at_work(), heard.with_trouble(A, NO_ANSWER))).endswith("; NX01 stays in hand.")
    called_in_vain = said(seen(at_work(), TWO.with_trouble(A, UNANSWERED)))
    assert called_in_vain == "Kiosk A does not answer: its numbers cannot be called now."


def test_a_kiosk_that_saves_nothing_holds_up_no_other() -> None:
    full = TWO.with_trouble(A, LineRefusal.JOURNAL_FAILED)
    assert wish_of(full, Key.MAIN) == (B, LineWish.CALL_NEXT, None)
    nobody_else = full.with_told(B, told("Kiosk B"), LineWish.LOOK)
    assert wish_of(nobody_else, Key.MAIN) == (A, LineWish.CALL_NEXT, None), "it may have room again"


def test_of_two_numbers_in_hand_the_one_called_last_is_finished_first() -> None:
    def called(of: str, minutes: int) -> LineNumber:
        called_at = samples.NOW - timedelta(minutes=minutes)
        return number(of, 9).model_copy(update={"called_at": called_at})

    first, then = told("Kiosk A", in_hand=called("NX01", 5)), told("Kiosk B", in_hand=called("NY01", 2))
    for line in (AloneLine({A: first, B: then}), AloneLine({B: then, A: first})):
        assert wish_of(line, Key.MAIN) == (B, LineWish.FINISH, "NY01")
    silent = line
    for _ in range(MOST_FAILED):
        assert wish_of(silent, Key.MAIN) == (B, LineWish.FINISH, "NY01")
        silent = silent.with_trouble(B, NO_ANSWER)
    assert wish_of(silent, Key.MAIN) == (A, LineWish.FINISH, "NX01"), "which can be finished"
    done = line.with_told(B, told("Kiosk B"), LineWish.FINISH)
    assert wish_of(done, Key.MAIN) == (A, LineWish.FINISH, "NX01")


@pytest.mark.parametrize("why", [NO_ANSWER, LineRefusal.JOURNAL_FAILED])
def test_a_number_at_a_kiosk_that_does_nothing_does_not_hold_the_counter(why: str) -> None:
    line = replace(TWO, told={**TWO.told, A: told("Kiosk A", number("NX02", 9), in_hand=number("NX01", 9))})
    for _ in range(MOST_FAILED):
        assert wish_of(line, Key.MAIN) == (A, LineWish.FINISH, "NX01")
        line = line.with_trouble(A, why)
    assert wish_of(line, Key.MAIN) == (B, LineWish.CALL_NEXT, None)
    assert wish_of(line, Key.FINISH) == (A, LineWish.FINISH, "NX01")
    assert wish_of(line, Key.NO_SHOW) == (A, LineWish.NO_SHOW, "NX01")
    called = line.with_told(B, told("Kiosk B", in_hand=number("NY01", 2)), LineWish.CALL_NEXT)
    assert wish_of(called, Key.MAIN) == (B, LineWish.FINISH, "NY01")
    nobody = line.with_told(B, told("Kiosk B"), LineWish.LOOK)
    assert wish_of(nobody, Key.MAIN) is None, "not from the kiosk that does nothing"
    assert wish_of(line.with_trouble(B, why), Key.MAIN) == (A, LineWish.FINISH, "NX01"), "nor with no other"
    again = line.with_told(A, line.told[A], LineWish.FINISH)
    assert wish_of(again.with_trouble(A, why), Key.MAIN) == (A, LineWish.FINISH, "NX01"), "it is tried anew"


def test_looks_at_a_kiosk_that_saves_nothing_are_in_vain() -> None:
    full = AloneLine({A: TWO.told[A]}).with_trouble(A, LineRefusal.JOURNAL_FAILED)
    for _ in range(MOST_FAILED - 1):
        assert not full.is_given_up(A)
        full = full.with_told(A, TWO.told[A], LineWish.LOOK)
    assert full.is_given_up(A)
    assert not full.with_told(A, TWO.told[A], LineWish.CALL_NEXT).is_given_up(A)


def test_a_number_that_cannot_be_finished_is_shown_with_what_can_be_done() -> None:
    face = window_face(Voice(Texts(TEXTS), "en", samples.NOW), stuck())
    assert face.ticket.headline == "NX03"
    assert [(each.key, each.label, each.is_enabled) for each in face.buttons] == [
        (Key.MAIN, "Call the next visitor", True),
        (Key.FINISH, "Finish", True),
        (Key.NO_SHOW, "Did not come", True),
    ]
    assert face.said.startswith("Kiosk 1 is out of order: finish NX03 when it works again. Meanwhile")
    before = replace(stuck(), alone=replace(stuck().alone, in_vain={}))
    assert seen(before, stuck().alone).changed_at_ms == NOW_MS, "the main key means something else"


def test_nobody_waits_is_said_only_of_kiosks_that_answer() -> None:
    def words(line: AloneLine) -> tuple[str, str, str]:
        face = window_face(Voice(Texts(TEXTS), "en", samples.NOW), seen(at_work(), line))
        return face.ticket.headline, face.ticket.hint, face.list.tabs[0][1]

    nobody = AloneLine({A: told("Kiosk A")})
    assert words(nobody) == ("Nobody is waiting", "Nobody is waiting for your services here.", "Waiting (0)")
    assert words(nobody.with_trouble(A, NO_ANSWER)) == ("Can't tell who is waiting", "", "Waiting (–)")


def test_a_kiosk_that_saves_nothing_still_tells_who_waits_until_it_saves_again() -> None:
    line = TWO.with_trouble(A, LineRefusal.JOURNAL_FAILED)
    assert [each.number for _, each in line.waiting] == ["NX01", "NY01", "NX02"]
    looked = line.with_told(A, TWO.told[A], LineWish.LOOK)
    assert looked.troubles == {A: LineRefusal.JOURNAL_FAILED}, "a look saves nothing"
    assert looked.with_told(A, TWO.told[A], LineWish.CALL_NEXT).troubles == {}
    says_no, says_yes = (TWO.told[A].model_copy(update={"saves": saves}) for saves in (False, True))
    assert looked.with_told(A, says_no, LineWish.LOOK).troubles == {A: LineRefusal.JOURNAL_FAILED}
    assert looked.with_told(A, says_yes, LineWish.LOOK).troubles == {}, "unless the kiosk says that it does"


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("why", [NO_ANSWER, *LineRefusal])
def test_each_trouble_of_a_kiosk_has_a_sentence_of_its_own(why: str, language: str) -> None:
    line = TWO.with_trouble(A, why)
    sentences = {
        said(seen(at_work(), TWO.with_trouble(A, each)), language) for each in (NO_ANSWER, *LineRefusal)
    }
    assert len(sentences) == 1 + len(LineRefusal)
    assert "Kiosk A" in said(seen(at_work(), line), language)
    never_heard = AloneLine(troubles={A: why})
    assert "192.168.1.20" in said(seen(at_work(), never_heard), language), "by its address until it is known"


def test_keys_settle_when_another_line_or_number_comes_into_view() -> None:
    one = AloneLine({A: told("Kiosk A", number("NX01", 9))})
    called = AloneLine({A: told("Kiosk A", in_hand=number("NX01", 9))})
    desk = at_work()
    for before, after in (
        (None, one),
        (one, None),
        (one, called),
        (called, one),
        (one, replace(one, is_open=True)),
    ):
        changed = seen(replace(desk, alone=before), after)
        assert changed.changed_at_ms == NOW_MS, (before, after)
        assert not changed.hears(Key.MAIN, NOW_MS + desk.settle_ms - 1)
        assert changed.hears(Key.MAIN, NOW_MS + desk.settle_ms)
    more = AloneLine({A: told("Kiosk A", number("NX01", 9), number("NX02", 3))})
    assert seen(replace(desk, alone=one), more).changed_at_ms == desk.changed_at_ms, (
        "control: a longer line is none"
    )


def test_the_key_that_did_something_at_a_kiosk_rests_like_any_other() -> None:
    one = AloneLine({A: told("Kiosk A", number("NX01", 9))})
    desk = seen(replace(at_work(), alone=one), one, Key.MAIN)
    assert not desk.hears(Key.MAIN, NOW_MS + desk.key_pause_ms - 1)
    assert desk.hears(Key.MAIN, NOW_MS + desk.key_pause_ms)
    assert desk.hears(Key.NO_SHOW, NOW_MS), "another key does not rest"
    assert seen(replace(at_work(), alone=one), one).hears(Key.MAIN, NOW_MS), "nor after what a look told"


def test_what_was_said_of_a_trouble_before_the_cut_stays_until_something_is_done() -> None:
    def face(desk: Desk) -> tuple[str, str]:
        shown = window_face(Voice(Texts(TEXTS), "en", samples.NOW), desk)
        return shown.said, shown.tone

    not_sent = ("The server did not answer. See whether it was done before you press again.", "bad")
    desk = seen(replace(at_work(), said=Said("not_sent")), TWO)
    assert face(desk) == not_sent
    assert face(seen(desk, TWO)) == not_sent
    assert face(seen(desk, TWO.with_trouble(A, NO_ANSWER)))[0].startswith("Kiosk A does not answer")
    assert face(seen(desk, TWO, Key.MAIN))[0] == ""
    nobody = replace(at_work(), said=Said("nobody_waits", tone=Tone.PLAIN))
    assert face(seen(nobody, TWO))[0] == "", "at a kiosk somebody waits"


def test_a_number_that_is_no_more_in_hand_after_a_look_is_told_of() -> None:
    desk, over = alone(at_work(), "NX03"), alone(at_work(), None).alone
    sent = seen(desk, over)
    assert said(sent) == "Kiosk 1 has sent NX03 to the server: you will find it here, in hand or set aside."
    assert sent.said.tone is Tone.PLAIN
    assert said(seen(sent, None)) == said(sent), "and still once the line is closed"
    assert seen(desk, over, Key.FINISH).said is None, "control: it was finished"
    assert seen(desk, desk.alone).said is None, "control: it is still in hand"
    assert seen(replace(desk, clerk=None), over).said is None


def test_a_number_that_is_left_at_a_silent_kiosk_is_told_of() -> None:
    left = seen(alone(at_work(), "NX03"), None)
    where = "Once the server has them, you will find them here, in hand or set aside."
    assert said(left) == f"Not finished at the kiosk: NX03. {where}"
    both = AloneLine({A: told("A", in_hand=number("NX01", 9)), B: told("B", in_hand=number("NY01", 5))})
    left = seen(replace(at_work(), alone=both), None)
    assert said(left) == f"Not finished at the kiosk: NX01, NY01. {where}"
    assert seen(alone(at_work(), None), None).said is None
    assert seen(replace(alone(at_work(), "NX03"), clerk=None), None).said is None, (
        "nobody is there to read it"
    )
