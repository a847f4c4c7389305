"""The words on the board: every language complete, the flash within its limits, pages that turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from display_board.__main__ import TEXTS
from display_board.board import Board, Moment
from display_board.wording import NOTICE_LETTERS, PAGE_SECONDS, Wording, is_lit, pages_of
from terminal.texts import Texts
from tests.display_board.samples import NINE, NOTICE, call, snapshot
from wire.messages import BoardCheckpoint
from wire.settings import WayToCounters


@pytest.fixture
def wording(qapp):
    """Give the words for Polish and English."""
    wording = Wording(Texts(TEXTS))
    wording.use_languages(["pl", "xx", "en"])
    return wording


def at(seconds):
    return Moment(seconds, NINE)


def board_of(*called, **parts):
    made = snapshot(*called, **parts)
    return Board(snapshot=made, recent=tuple(made.called), waiting=tuple(made.waiting))


def test_no_language_lacks_a_sentence():
    assert set(Texts(TEXTS).languages) == {"pl", "en", "uk", "ru", "be", "vi", "ar", "ka"}


def test_an_arrow_shows_the_way_to_counters_that_are_out_of_sight(qapp):
    ways = [WayToCounters(counters=[7, 9], way="left"), WayToCounters(counters=[1], way="ahead_right")]
    wording = Wording(Texts(TEXTS), ways)
    board = board_of(call(3, counter=7), call(2, counter=1), call(1, counter=8))
    face = wording.face(replace(board, shown=board.recent[0]), at(0), is_time_known=True)
    assert face.called.counter == "← 7"
    assert [row.counter for row in face.rows] == ["← 7", "↗ 1", "8"]
    # The arrow is for the eyes: what is spoken has none.
    assert wording.spoken(call(3, counter=7)) == [("pl", "pe trzy, stanowisko siedem")]


SPOKEN = {
    "pl": "pe czterdzieści dwa, stanowisko siedem",
    "en": "pee forty-two, counter seven",
    "uk": "пе сорок два, віконце номер сім",
    "ru": "пэ сорок два, окно номер семь",
    "be": "пэ сорак два, акно нумар сем",
    "vi": "pê bốn mươi hai, quầy số bảy",
    "ar": "پي 42، الشباك رقم 7",
    "ka": "პე ორმოცდაორი, სარკმელი ნომერი შვიდი",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_a_call_is_spoken_in_the_first_language_and_the_tickets_own(wording, language):
    spoken = wording.spoken(call(42, language=language))
    expected = {"pl": SPOKEN["pl"], language: SPOKEN[language]}
    assert spoken == list(expected.items())


def test_a_call_is_spoken_in_the_boards_own_first_language(wording):
    wording.use_languages(["uk", "pl"])
    assert [language for language, _ in wording.spoken(call(1, language="xx"))] == ["uk"]
    assert [language for language, _ in wording.spoken(call(1, language="pl"))] == ["uk", "pl"]


@pytest.mark.parametrize("language", SPOKEN)
def test_every_letter_has_a_name_of_its_own(language):
    names = Texts(TEXTS).say(language, "voice.letters").split()
    assert (len(names), len(set(names))) == (26, 26)


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("K1005", "ka tysiąc pięć"),
        ("AW7", "a wu siedem"),
        ("PX01", "pe iks jeden"),
        ("12", " dwanaście"),
        ("W", "wu "),
    ],
)
def test_any_number_can_be_spoken(wording, number, spoken):
    made = call(1).model_copy(update={"number": number})
    assert wording.spoken(made) == [("pl", f"{spoken}, stanowisko siedem")]


def test_time_is_the_branchs(wording):
    face = wording.face(board_of(), at(0), is_time_known=True)
    assert (face.day, face.hour) == ("wtorek, 24 listopada", "10:00")
    assert wording.face(board_of(), at(0), is_time_known=False).hour == ""


@pytest.mark.parametrize(
    ("language", "second"), [("pl", ""), ("en", "counter"), ("uk", "віконце"), ("de", "")]
)
def test_the_counters_word_is_told_in_the_tickets_language_too(wording, language, second):
    board = replace(board_of(), shown=call(42, language=language))
    assert wording.face(board, at(0), is_time_known=True).called.second == second


def test_a_call_is_told_in_the_leading_language_and_the_tickets(wording):
    wording.use_languages(["pl", "en", "uk", "ka"])
    for language, said in (("pl", "Zapraszamy · Now calling"), ("ka", "Zapraszamy · ")):
        board = replace(board_of(), shown=call(42, language=language))
        assert wording.face(board, at(0), is_time_known=True).called.calling.startswith(said)
    assert "Now" not in wording.face(board, at(0), is_time_known=True).called.calling


def test_a_board_at_rest_speaks_its_languages_in_turn(wording):
    wording.use_languages(["pl", "en", "uk", "ka"])
    rests = [wording.face(board_of(), at(i * PAGE_SECONDS), is_time_known=True).rest for i in range(4)]
    assert {first for first, _ in rests} == {"Prosimy czekać na wezwanie numeru"}
    assert len({second for _, second in rests}) == 3
    assert rests[0] == rests[3]


def test_the_code_of_the_last_signed_day_stands_there_with_its_day(wording):
    found = BoardCheckpoint(day=NINE.date(), code="G4HOZ-7NX4L")
    face = wording.face(board_of(checkpoint=found), at(0), is_time_known=True)
    assert face.checkpoint == ("Kod dnia 2026-11-24", "G4HOZ-7NX4L")
    assert wording.face(board_of(), at(0), is_time_known=True).checkpoint == ("", "")
    assert wording.face(Board(), at(0), is_time_known=True).checkpoint == ("", "")


def test_the_flash_is_seen_three_times_and_never_faster_than_three_a_second():
    board = replace(Board(), shown=call(1), shown_at=100.0)
    steps = [is_lit(board, at(100 + i / 100)) for i in range(1000)]
    starts = [i for i in range(1, 1000) if steps[i] and not steps[i - 1]]
    assert steps[0]
    assert len(starts) == 2
    assert min(b - a for a, b in zip([0, *starts], starts, strict=False)) > 34
    assert not is_lit(replace(board, shown_at=None), at(100))


def test_notices_turn_over_their_pages_and_languages(wording):
    board = board_of(notices={"pl": NOTICE * 3, "en": "Please have your papers ready.", "uk": "…"})
    seen = {wording.face(board, at(i * PAGE_SECONDS), True).notice for i in range(8)}
    assert "Please have your papers ready." in seen
    assert len(seen) == 3
    assert all(len(page) <= NOTICE_LETTERS for page in seen)


def test_pages_lose_no_word():
    words = " ".join(f"{i}" * (1 + i % 9) for i in range(100))
    assert " ".join(pages_of(words, 30)) == words
    assert pages_of("x" * 50, 30) == ["x" * 50]
    assert pages_of("  ", 30) == []


def test_every_waiting_service_has_its_turn(wording):
    lines = [([f"{letter}001"], 1) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    board = board_of(waiting=[*lines, (["Z009"], 0)])
    pages = [wording.face(board, at(i * PAGE_SECONDS), True).waiting for i in range(4)]
    assert [row.numbers[0] for page in pages for row in page] == [numbers[0] for numbers, _ in lines]
