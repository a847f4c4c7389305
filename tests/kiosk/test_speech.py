"""What is said, and when: the whole screen once, then only what is new; codes in a headset only."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from kiosk.flow import advance
from kiosk.speech import Control, Heard, Sentence, focus_words, spoken, words_for
from kiosk.visit.effects import Forget, SayAgain
from kiosk.visit.events import HeadsetChanged, Press, Tick
from kiosk.visit.events import Heard as SentenceHeard
from kiosk.visit.screens import CodeEntry, Start, StillThere
from kiosk.visit.surroundings import USUAL_VOLUME, VOLUMES, Manner
from tests.kiosk.samples import around
from tests.kiosk.visitor import Visitor


def pl(text: str) -> Sentence:
    return Sentence(text, "pl")


SEVEN = Control("7", pl("7. Przycisk 7 z 16."), is_private=True)
NEXT = Control("next", pl("Dalej. Przycisk 12 z 16."))
CODE_PAGE = Heard(
    "code",
    (pl("Wpisz kod"),),
    how=(pl("Strzałki i OK"),),
    typed="",
    typed_so_far=pl("wpisano:"),
    volume=pl("Głośność 3 z 5"),
    has_headset=True,
    private=pl("tylko w słuchawkach"),
)


def texts(words: tuple[Sentence, ...] | None) -> list[str] | None:
    return None if words is None else [each.text for each in words]


def test_a_new_screen_is_told_whole_and_the_keys_at_the_beginning() -> None:
    focused = replace(CODE_PAGE, focus=NEXT)
    assert texts(words_for(None, focused)) == ["Wpisz kod", "Strzałki i OK", NEXT.said.text]
    other = replace(CODE_PAGE, face="start", sentences=(pl("Dzień dobry"),))
    assert texts(words_for(other, focused)) == ["Wpisz kod", NEXT.said.text]


def test_a_screen_that_only_moved_is_silent() -> None:
    moved = replace(CODE_PAGE, sentences=(pl("czekają 4 osoby"),))
    assert words_for(CODE_PAGE, moved) is None


def test_the_focus_is_told_when_it_moves() -> None:
    assert texts(words_for(CODE_PAGE, replace(CODE_PAGE, focus=NEXT))) == [NEXT.said.text]
    assert words_for(replace(CODE_PAGE, focus=NEXT), replace(CODE_PAGE, focus=NEXT)) is None


def test_a_digit_is_told_as_it_is_typed_and_all_of_them_after_one_was_taken_away() -> None:
    typed = replace(CODE_PAGE, typed="48", typed_so_far=pl("wpisano: 4 8"))
    assert texts(words_for(CODE_PAGE, replace(typed, typed="4"))) == ["4"]
    erased = replace(CODE_PAGE, typed="4", typed_so_far=pl("wpisano: 4"))
    assert texts(words_for(typed, erased)) == ["wpisano: 4"]


def test_an_error_is_told_with_the_item_in_error() -> None:
    typed = replace(CODE_PAGE, typed="48", typed_so_far=pl("wpisano: 4 8"))
    wrong = replace(typed, news=(pl("Brakuje 7 cyfr"),))
    assert texts(words_for(typed, wrong)) == ["wpisano: 4 8", "Brakuje 7 cyfr"]
    assert words_for(wrong, typed) is None


def test_without_a_headset_nothing_of_a_code_is_told() -> None:
    aloud = replace(CODE_PAGE, has_headset=False, typed="48", typed_so_far=pl("wpisano: 4 8"))
    said = words_for(None, replace(aloud, focus=SEVEN, news=(pl("Brakuje 7 cyfr"),))) or ()
    said += words_for(replace(aloud, typed="4"), aloud) or ()
    said += words_for(aloud, replace(aloud, focus=SEVEN, news=(pl("Brakuje 7 cyfr"),))) or ()
    said += focus_words(replace(aloud, focus=SEVEN))
    assert not any(character.isdigit() for each in said for character in each.text.replace("7 cyfr", ""))
    assert pl("tylko w słuchawkach") in said
    assert SEVEN.said in focus_words(replace(aloud, focus=SEVEN, has_headset=True)), "the control"


def test_another_volume_is_told() -> None:
    louder = replace(CODE_PAGE, volume=pl("Głośność 4 z 5"))
    assert texts(words_for(CODE_PAGE, louder)) == ["Głośność 4 z 5"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("P042", "P 42"),
        ("PX01", "P X 1"),
        ("Numer A007\nczeka", "Numer A 7 czeka"),
        ("co najmniej <b>15\u00a0minut</b>", "co najmniej 15 minut"),
        ("\u200f10:00–10:05", "10:00–10:05"),
        ("W SALI", "W SALI"),
    ],
)
def test_texts_are_told_as_people_say_them(shown: str, said: str) -> None:
    assert spoken(shown) == said


# --- in the conversation ------------------------------------------------------------------------------


def test_a_headset_starts_the_reading_and_ends_it_when_it_is_pulled_out() -> None:
    visitor = Visitor()
    visitor.do(HeadsetChanged(True))
    assert visitor.screen.around.manner.read_aloud
    visitor.do(Press.RESERVATION, HeadsetChanged(False))
    assert isinstance(visitor.screen, CodeEntry)
    assert not visitor.screen.around.manner.read_aloud


def test_the_button_turns_the_reading_on_and_off_and_it_can_be_said_again() -> None:
    visitor = Visitor()
    visitor.do(Press.READ_ALOUD)
    assert visitor.screen.around.manner.read_aloud
    assert visitor.do(Press.SAY_AGAIN) == (SayAgain(),)
    visitor.do(Press.READ_ALOUD)
    assert visitor.screen.around.manner == Manner()


def test_with_a_headset_in_it_the_kiosk_reads_for_the_next_visitor_too_at_a_normal_volume() -> None:
    visitor = Visitor()
    visitor.do(HeadsetChanged(True), Press.LOUDER, Press.LOUDER, Press.RESERVATION)
    assert visitor.screen.around.manner.volume == VOLUMES
    visitor.do(Press.HOME)
    assert visitor.screen.around.manner == Manner(), "nobody is there: it is silent and normal"
    visitor.do(Press.ANYWHERE)
    assert visitor.screen.around.manner == Manner(read_aloud=True, volume=USUAL_VOLUME)


def test_the_volume_has_steps_over_eighteen_decibels_and_no_nought() -> None:
    visitor, heard = Visitor(), []
    visitor.do(Press.READ_ALOUD)
    for press in [Press.QUIETER] * VOLUMES + [Press.LOUDER] * VOLUMES:
        visitor.do(press)
        heard.append(visitor.screen.around.manner.volume_db)
    assert max(heard) - min(heard) >= 18
    assert min(heard) == -24
    assert {abs(one - other) for one, other in pairwise(heard)} <= {0.0, 6.0}


def test_nobody_is_rushed_who_listens() -> None:
    visitor = Visitor()
    visitor.do(Press.READ_ALOUD, Press.RESERVATION)
    for _ in range(10):
        visitor.wait(30)
        visitor.do(SentenceHeard())
        assert isinstance(visitor.screen, CodeEntry)
    visitor.wait(45)
    assert isinstance(visitor.screen, StillThere), "the control: silence goes on to the warning"


def test_reading_ends_with_the_visit() -> None:
    screen = Start(replace(around(), manner=Manner(read_aloud=True), touched_s=0.0))
    screen, _ = advance(screen, Tick(), 41.0)
    assert isinstance(screen, StillThere)
    screen, effects = advance(screen, Tick(), 62.0)
    assert effects == (Forget(),)
    assert screen.around.manner == Manner()
