"""Answers before a visit: what is kept, and why an answer is not taken (rule 12)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server.domain.booking.answers import LONGEST_ANSWER, check, choices
from server.domain.booking.policy import Question

LABEL = {"en": "A question"}
TODAY = date(2026, 5, 1)
CASE = Question("case_number", LABEL)
HINT = Question("hint", LABEL, required=False)
FILED = Question("filed_on", LABEL, kind="date")
KIND = Question("kind", LABEL, kind="choice", choices=({"code": "stay", "en": "Stay"}, {"en": "Work"}))


def problem(question: Question, answer: Any) -> str | None:
    kept, problems = check([question], {question.key: answer}, TODAY)
    assert (question.key in kept) is not bool(problems)
    return problems.get(question.key)


def test_answers_are_kept_by_the_keys_of_their_questions_and_others_are_not_looked_at() -> None:
    said = {"case_number": " WSC-1 ", "filed_on": "2026-05-01", "kind": "stay", "stranger": "x"}
    assert check([CASE, FILED, KIND], said, TODAY) == (
        {"case_number": "WSC-1", "filed_on": "2026-05-01", "kind": "stay"},
        {},
    )


@pytest.mark.parametrize("nothing", ["", "  ", "\r\n", None, 7, ["a"]])
def test_what_is_needed_must_be_told_and_the_rest_may_be_left_out(nothing: Any) -> None:
    assert check([CASE], {"case_number": nothing}, TODAY) == ({}, {"case_number": "missing"})
    assert check([HINT], {"hint": nothing}, TODAY) == ({}, {})
    assert check([CASE, HINT], {}, TODAY) == ({}, {"case_number": "missing"})


def test_an_answer_has_up_to_five_hundred_signs() -> None:
    assert LONGEST_ANSWER == 500
    assert problem(CASE, "x" * 500) is None
    assert problem(CASE, "x" * 501) == "too_long"
    assert problem(HINT, " " + "x" * 500 + " ") is None


def test_lines_are_kept_and_control_characters_are_not_taken() -> None:
    assert check([CASE], {"case_number": "one\r\ntwo\nthree"}, TODAY)[0] == {"case_number": "one\ntwo\nthree"}
    for sign in ("\x00", "\t", "\r", "\x1b", "\x7f", "\x9f", "\ud800"):
        assert problem(CASE, f"a{sign}b") == "characters"


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "20260501", "2026-W18-5", "01.05.2026", "soon"])
def test_a_day_is_written_as_year_month_and_day(day: str) -> None:
    assert problem(FILED, day) == "malformed"
    assert problem(CASE, day) is None


@pytest.mark.parametrize(
    ("when", "day", "reason"),
    [
        *(("past", "2026-05-01", None), ("past", "2026-05-02", "in_future"), ("past", "1900-01-01", None)),
        *(
            ("future", "2026-05-01", None),
            ("future", "2026-04-30", "in_past"),
            ("future", "2099-01-01", None),
        ),
        *(("any", "1900-01-01", None), ("any", "2099-01-01", None)),
    ],
)
def test_a_day_lies_where_the_question_wants_it(when: str, day: str, reason: str | None) -> None:
    assert problem(Question("day", LABEL, kind="date", when=when), day) == reason


def test_a_leap_day_is_a_day() -> None:
    assert problem(FILED, "2028-02-29") is None


def test_a_choice_is_one_of_the_codes_and_one_without_a_code_has_its_place() -> None:
    assert choices(KIND) == ["stay", "1"]
    assert [problem(KIND, answer) for answer in ("stay", "1", "Stay", "0", "2")] == [
        *(None, None),
        *("unknown", "unknown", "unknown"),
    ]


def test_each_wrong_answer_is_told_and_the_right_ones_stay() -> None:
    said = {"case_number": "WSC-1", "filed_on": "yesterday", "kind": "other"}
    assert check([CASE, FILED, KIND], said, TODAY) == (
        {"case_number": "WSC-1"},
        {"filed_on": "malformed", "kind": "unknown"},
    )
