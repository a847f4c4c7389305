"""Who somebody is: neither look-alikes nor one typo make another person, and hostile names are refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from confusable_homoglyphs import confusables
from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking import people
from server.domain.booking.people import identity_of, normalised_document, normalised_name, person_key

BORN = date(1990, 5, 1)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\x00"
NAMES = st.lists(st.text(LETTERS, min_size=2, max_size=12), min_size=1, max_size=4).map(" ".join)
DOCUMENTS = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", min_size=6, max_size=12)


def alike(letter: str) -> list[str]:
    """List characters of Greek, Cyrillic and the full-width forms that look like a Latin letter."""
    found = [chr(ord(letter) + 0xFEE0)]
    for other in confusables.confusables_data.get(letter, []):
        char = other["c"]
        if len(char) == 1 and ("\u0370" <= char <= "\u052f"):
            found.append(char)
    return found


@st.composite
def disguised(draw: Callable[..., str], texts: st.SearchStrategy[str]) -> tuple[str, str]:
    """Draw a text, and one that looks the same."""
    text = draw(texts)
    out = []
    for char in text:
        if char in LETTERS and draw(st.booleans()):
            char = draw(st.sampled_from(alike(char)))
        out.append(char + draw(st.sampled_from(["", "", "", *UNSEEN])))
    return text, "".join(out)


@given(disguised(NAMES))
def test_look_alikes_and_invisible_marks_make_no_other_name(pair: tuple[str, str]) -> None:
    name, looks_the_same = pair
    assert normalised_name(looks_the_same) == normalised_name(name)


@given(disguised(DOCUMENTS))
def test_look_alikes_and_invisible_marks_make_no_other_document(pair: tuple[str, str]) -> None:
    number, looks_the_same = pair
    assert normalised_document(looks_the_same) == normalised_document(number)


@given(NAMES, st.randoms(use_true_random=False), st.sampled_from(["upper", "lower", "title", "swapcase"]))
def test_order_case_and_spaces_make_no_other_name(name: str, random: object, case: str) -> None:
    words = name.split()
    random.shuffle(words)  # type: ignore[attr-defined]
    assert normalised_name(getattr("  ".join(words), case)()) == normalised_name(name)


@given(NAMES, DOCUMENTS, st.integers(0, 30), st.sampled_from(LETTERS), st.booleans())
def test_one_typo_leaves_one_of_the_two_keys_as_it_was(
    name: str, document: str, place: int, letter: str, in_name: bool
) -> None:
    def mistyped(text: str) -> str:
        at = place % len(text)
        return text[:at] + letter + text[at + 1 :]

    first = identity_of(name, BORN, document)
    second = identity_of(
        mistyped(name) if in_name else name, BORN, document if in_name else mistyped(document)
    )
    assert first.person == second.person or first.document == second.document


@given(st.text(max_size=400))
def test_whatever_is_typed_is_made_comparable_once_and_for_all(text: str) -> None:
    once = normalised_name(text)
    assert normalised_name(once) == once or len(once) > 200
    normalised_document(text)
    people.name_problem(text)
    people.document_problem(text)
    people.clean(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Łukasz Żółć", "lukasz zolc"),
        ("Đorđe Bjørn", "dorde bjorn"),
        ("Anna Nowak-Kowalska", "KOWALSKA nowak anna"),
        ("O'Brien Seán", "Obrien Sean"),
        ("Новак", "НОВАК"),
        ("Ірина", "ІРИНА"),
        ("Iwona", "lwona"),
        ("Maria", "Mari\u0430"),
        ("Nguye\u0302\u0303n", "Nguyen"),
        ("Ｊａｎ", "Jan"),
        ("Marek", "rnarek".upper().lower()),
        ("Großmann", "GROSSMANN"),
        ("Straße", "Strasse"),
    ],
)
def test_these_are_the_same_person(one: str, other: str) -> None:
    assert person_key(one, BORN) == person_key(other, BORN)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jan Nowak", "Jan Nowik"), ("Tina", "Rina"), ("Новик", "Новак"), ("Vera", "Nera"), ("Петро", "Павло")],
)
def test_these_are_two(one: str, other: str) -> None:
    assert person_key(one, BORN) != person_key(other, BORN)


def test_another_birth_date_is_another_person() -> None:
    assert person_key("Jan Nowak", BORN) != person_key("Jan Nowak", date(1990, 5, 2))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Jan", None),
        ("李小龙", None),
        ("محمد", None),
        ("J\u200ban", None),
        ("Nguye\u0302\u0303n", None),
        ("", "missing"),
        ("   ", "missing"),
        ("\u200b\u202e", "missing"),
        ("1234", "no_letters"),
        ("😀👩‍👧", "no_letters"),
        ("-'", "no_letters"),
        ("Jan\x00", "characters"),
        ("Jan\nNowak", "characters"),
        ("Jan\x1b[31m", "characters"),
        ("Jan\ud800", "characters"),
        ("Jan\ue000", "characters"),
        ("Z" + "\u0300" * 5, "characters"),
        ("Z" + "\u0300" * 4, None),
        ("\u0300" * 5 + "Z", "characters"),
        ("\u0300" * 4 + "Z", None),
        ("Z\u0300\u0300\u0300Z\u0300\u0300\u0300", None),
        ("x" * 200, None),
        ("x" * 201, "too_long"),
        ("x" * 10_000, "too_long"),
    ],
)
def test_a_name_is_taken_or_refused_for_a_reason(name: str, problem: str | None) -> None:
    assert people.name_problem(name) == problem


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("FA 123-456", None),
        ("ФА123456", None),
        ("", "missing"),
        ("--", "characters"),
        ("A\x00", "characters"),
        ("1" * 60, None),
        ("1" * 61, "too_long"),
    ],
)
def test_a_number_is_taken_or_refused_for_a_reason(number: str, problem: str | None) -> None:
    assert people.document_problem(number) == problem


@pytest.mark.parametrize(
    "hostile",
    [
        "a\u0301" * 50_000,
        "\ufdfa" * 33_000,
        "\u0301\u0323" * 25_000,
        "\U0001d400" * 25_000,
        "\u202e" * 33_000,
    ],
)
def test_a_hundred_kilobytes_of_nonsense_cost_nothing(hostile: str) -> None:
    def once() -> float:
        began = time.process_time()
        for read in (
            normalised_name,
            normalised_document,
            people.name_problem,
            people.document_problem,
            people.clean,
        ):
            read(hostile)
        return time.process_time() - began

    assert min(once() for _ in range(3)) < 0.05


@pytest.mark.parametrize(
    ("born", "problem"),
    [
        (date(2008, 11, 24), None),
        (date(2008, 11, 25), "not_adult"),
        (date(2026, 11, 24), "in_future"),
        (date(1890, 1, 1), "too_old"),
        (date(1900, 1, 1), None),
    ],
)
def test_the_applicant_is_an_adult_on_the_day_of_the_visit(born: date, problem: str | None) -> None:
    assert people.birth_date_problem(born, date(2026, 11, 23), date(2026, 11, 24)) == problem


def test_who_is_born_on_a_leap_day_comes_of_age_on_the_first_of_march() -> None:
    assert people.age_on(date(2026, 2, 28), date(2008, 2, 29)) == 17
    assert people.age_on(date(2026, 3, 1), date(2008, 2, 29)) == 18


@pytest.mark.parametrize(
    ("year", "problem"), [(2026, None), (2008, None), (2007, "not_minor"), (2027, "in_future")]
)
def test_a_child_is_a_minor_by_the_year_of_birth(year: int, problem: str | None) -> None:
    assert people.birth_year_problem(year, date(2026, 11, 23), date(2026, 12, 1)) == problem


def test_who_tells_nothing_has_no_identity() -> None:
    assert not identity_of("Jan", None, None)
    assert not identity_of("Jan", None, "--")
    assert identity_of("Jan", BORN, None)


@pytest.mark.parametrize(
    ("born", "problem"),
    [(date(2026, 11, 23), "not_adult"), (date(1895, 11, 24), None), (date(1895, 11, 23), "too_old")],
)
def test_nobody_is_older_than_a_hundred_and_thirty(born: date, problem: str | None) -> None:
    assert people.birth_date_problem(born, date(2026, 11, 23), date(2026, 11, 23)) == problem


def test_the_numbers_are_those_that_are_written() -> None:
    assert (people.LONGEST_NAME, people.LONGEST_DOCUMENT, people.ADULT) == (200, 60, 18)


def test_a_cleaned_line_is_composed_and_cut_at_twice_the_longest_name() -> None:
    assert people.clean(" Jan\u200b  Nowak ") == "Jan Nowak"
    assert people.clean("Sea\u0301n") == "Se\xe1n"
    assert len(people.clean("x" * 401)) == 400


def test_names_are_compared_by_their_first_256_signs() -> None:
    assert normalised_name("x" * 256 + "y") == normalised_name("x" * 256)
    assert normalised_name("x" * 255 + "y") != normalised_name("x" * 255)


def test_an_identity_has_both_keys_or_the_one_that_is_known() -> None:
    assert identity_of("Jan Nowak", BORN, "FA 123").person == person_key("Jan Nowak", BORN)
    assert identity_of("Jan Nowak", BORN, "FA 123").document == normalised_document("FA 123")
    assert identity_of("Jan", BORN, None).document is None
    assert identity_of("Jan", None, "FA 123").person is None
    assert identity_of("Jan", None, "FA 123")
