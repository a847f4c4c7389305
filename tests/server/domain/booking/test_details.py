"""What a visitor tells: complete and right, or told by its field what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.booking.details import Days, Details, Incomplete, check, plain_email
from server.domain.booking.legal_stay import StayKind, StayWarning, warning_of
from server.domain.booking.people import identity_of
from server.domain.booking.policy import BookingPolicy
from server.domain.office.reading import read_policy

DAYS = Days(date(2026, 11, 23), date(2026, 11, 24))
SAID = {
    "name": " Jan   Nowak\u200b",
    "birth_date": "1990-05-01",
    "document": "FA 123456",
    "email": "jan@example.org",
    "phone": "+48601234567",
    "language": "pl",
}


def rules(**settings: Any) -> BookingPolicy:
    return read_policy(BookingPolicy, settings)


def problems(said: dict[str, Any], **settings: Any) -> dict[str, str]:
    answer = check(said, rules(**settings), DAYS)
    return dict(answer.problems) if isinstance(answer, Incomplete) else {}


def test_what_is_right_is_read_clean() -> None:
    answer = check(SAID | {"extra": "dropped"}, rules(), DAYS)
    assert isinstance(answer, Details)
    assert (answer.name, answer.activation, answer.children) == ("Jan Nowak", "email", ())
    assert "extra" not in answer.as_json()
    assert check(answer.as_json(), rules(), DAYS) == answer


@pytest.mark.parametrize(
    ("settings", "left_out", "needed"),
    [
        ({}, "email", True),
        ({}, "phone", False),
        ({"activation": "sms"}, "phone", True),
        ({"activation": "sms"}, "email", False),
        ({"activation": "sms", "one_per_email": True}, "email", True),
        ({"one_per_phone": True}, "phone", True),
        ({"phone_required": True}, "phone", True),
        ({"activation": "choice"}, "activation", True),
        ({"ask_legal_stay": True}, "legal_stay", True),
        ({}, "legal_stay", False),
    ],
)
def test_what_is_needed_follows_from_the_service(
    settings: dict[str, Any], left_out: str, needed: bool
) -> None:
    said = {key: value for key, value in SAID.items() if key != left_out}
    assert problems(said, **settings) == ({left_out: "missing"} if needed else {})


def test_each_child_has_a_name_and_a_year() -> None:
    said = SAID | {
        "children": [
            {"name": "Ola", "birth_year": 2020},
            {"name": "", "birth_year": "2020"},
            {"name": "Ewa", "birth_year": 1999},
            "nonsense",
        ]
    }
    assert problems(said, most_children=4) == {
        "children.1.name": "missing",
        "children.1.birth_year": "malformed",
        "children.2.birth_year": "not_minor",
        "children.3.name": "missing",
        "children.3.birth_year": "missing",
    }
    assert problems(said, most_children=3) == {"children": "too_many"}


@pytest.mark.parametrize(
    "email",
    [
        "x",
        "@",
        "a@",
        "@b.pl",
        "a b@c.pl",
        "a@b",
        "a@b..pl",
        "a@@b.pl",
        "a@b.pl,c@d.pl",
        "<a@b.pl>",
        "a\x00@b.pl",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    assert problems(SAID | {"email": email}) == {"email": "malformed"}


@given(
    st.dictionaries(
        st.sampled_from([*SAID, "children", "legal_stay_until", "activation"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=50),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
            ),
        ),
    )
)
def test_any_json_is_read_or_told(said: dict[str, Any]) -> None:
    answer = check(SAID | said, rules(most_children=3, activation="choice"), DAYS)
    assert isinstance(answer, Details) or answer.problems


@pytest.mark.parametrize("kind", [kind for kind in StayKind if kind is not StayKind.UNTIL])
def test_a_stay_without_an_end_date_needs_none(kind: StayKind) -> None:
    said = SAID | {"legal_stay": kind, "legal_stay_until": "2026-11-01"}
    told = check(said, BookingPolicy(ask_legal_stay=True), DAYS)
    assert isinstance(told, Details)
    assert (told.legal_stay, told.legal_stay_until) == (kind, None)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({}, {"legal_stay": "missing"}),
        ({"legal_stay": "until"}, {"legal_stay_until": "missing"}),
        ({"legal_stay": "because"}, {"legal_stay": "malformed"}),
        ({"legal_stay": "until", "legal_stay_until": "soon"}, {"legal_stay_until": "malformed"}),
    ],
)
def test_what_makes_the_stay_legal_has_to_be_told(said: dict[str, str], problem: dict[str, str]) -> None:
    told = check(SAID | said, BookingPolicy(ask_legal_stay=True), DAYS)
    assert isinstance(told, Incomplete)
    assert told.problems == problem


@pytest.mark.parametrize(
    ("until", "warning"),
    [
        (date(2026, 11, 22), StayWarning.OVER),
        (date(2026, 11, 23), StayWarning.ENDS_BEFORE_VISIT),
        (date(2026, 11, 24), None),
        (None, None),
    ],
)
def test_a_stay_that_ends_before_the_visit_is_warned_of(
    until: date | None, warning: StayWarning | None
) -> None:
    assert warning_of(until, today=date(2026, 11, 23), visit_day=date(2026, 11, 24)) is warning


def test_what_is_kept_is_what_was_told_and_no_more() -> None:
    said = SAID | {
        "phone": "",
        "legal_stay": "until",
        "legal_stay_until": "2026-12-31",
        "children": [{"name": "Ola", "birth_year": 2020}],
    }
    answer = check(said, rules(most_children=1), DAYS)
    assert isinstance(answer, Details)
    assert answer.as_json() == {
        "name": "Jan Nowak",
        "birth_date": "1990-05-01",
        "document": "FA 123456",
        "email": "jan@example.org",
        "language": "pl",
        "legal_stay_until": "2026-12-31",
        "legal_stay": "until",
        "activation": "email",
        "children": [{"name": "Ola", "birth_year": 2020}],
    }
    assert answer.identity == identity_of("Jan Nowak", date(1990, 5, 1), "FA 123456")


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_where_there_is_a_choice_the_visitor_says_how_the_code_comes(channel: str) -> None:
    answer = check(SAID | {"activation": channel}, rules(activation="choice"), DAYS)
    assert isinstance(answer, Details)
    assert answer.activation == channel
    other = {"email": "phone", "sms": "email"}[channel]
    left = {key: value for key, value in SAID.items() if key != other}
    assert isinstance(check(left | {"activation": channel}, rules(activation="choice"), DAYS), Details)


def test_without_a_choice_what_the_visitor_says_does_not_count() -> None:
    answer = check(SAID | {"activation": "sms"}, rules(activation="email"), DAYS)
    assert isinstance(answer, Details)
    assert answer.activation == "email"


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("birth_date", "", "missing"),
        ("birth_date", None, "missing"),
        ("birth_date", "1990-02-30", "malformed"),
        ("birth_date", "19900501", "malformed"),
        ("birth_date", "1990-W18-2", "malformed"),
        ("birth_date", "2026-11-24", "in_future"),
        ("birth_date", "2008-11-25", "not_adult"),
        ("language", "", "malformed"),
        ("language", "p", "malformed"),
        ("language", "PL", "malformed"),
        ("language", "polish", "malformed"),
        ("phone", "601234567", "malformed"),
        ("phone", "+0601234567", "malformed"),
        ("phone", "+1234567", "malformed"),
        ("phone", "+1234567890123456", "malformed"),
        ("name", "", "missing"),
        ("document", "", "missing"),
    ],
)
def test_each_field_is_told_what_is_wrong_with_it(field: str, typed: object, problem: str) -> None:
    assert problems(SAID | {field: typed}) == {field: problem}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("birth_date", " 1990-05-01 "),
        ("birth_date", "2008-11-24"),
        ("language", "uk"),
        ("language", "szl"),
        ("phone", "+12345678"),
        ("phone", " +123456789012345 "),
    ],
)
def test_what_lies_just_inside_is_taken(field: str, typed: str) -> None:
    assert problems(SAID | {field: typed}) == {}


@pytest.mark.parametrize(("last", "told"), [(61, {}), (62, {"email": "too_long"})])
def test_an_address_has_up_to_254_signs(last: int, told: dict[str, str]) -> None:
    address = "a" * 64 + "@" + ".".join(["b" * 63, "b" * 63, "b" * last])
    assert problems(SAID | {"email": address}) == told


@pytest.mark.parametrize(
    ("year", "problem"),
    [
        (1899, "malformed"),
        (1900, "not_minor"),
        (2027, "in_future"),
        (9999, "in_future"),
        (10_000, "malformed"),
        (True, "malformed"),
        (2020.0, "malformed"),
        (None, "missing"),
    ],
)
def test_a_year_of_birth_is_a_number_of_four_digits(year: object, problem: str) -> None:
    said = SAID | {"children": [{"name": "Ola", "birth_year": year}]}
    assert problems(said, most_children=1) == {"children.0.birth_year": problem}


def test_children_are_as_many_as_the_service_allows() -> None:
    child = {"name": " Ola ", "birth_year": 2020}
    answer = check(SAID | {"children": [child, child]}, rules(most_children=2), DAYS)
    assert isinstance(answer, Details)
    assert answer.children == (("Ola", 2020), ("Ola", 2020))
    assert problems(SAID | {"children": [child]}) == {"children": "too_many"}
    assert problems(SAID | {"children": "nonsense"}) == {}


def test_a_last_day_alone_says_that_the_stay_has_one() -> None:
    answer = check(SAID | {"legal_stay_until": "2026-12-31"}, rules(), DAYS)
    assert isinstance(answer, Details)
    assert (answer.legal_stay, answer.legal_stay_until) == (StayKind.UNTIL, date(2026, 12, 31))
    assert problems(SAID | {"legal_stay": "because"}) == {"legal_stay": "malformed"}


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        (" Jan.Nowak@Example.ORG ", "jan.nowak@example.org"),
        ("jan+visit@example.org", "jan@example.org"),
        ("jan+a+b@example.org", "jan@example.org"),
        ("+visit@example.org", "+visit@example.org"),
    ],
)
def test_an_address_counts_without_what_is_behind_a_plus(typed: str, plain: str) -> None:
    assert plain_email(typed) == plain


@pytest.mark.parametrize(
    ("drawn", "wishes", "told"),
    [
        (None, ["nonsense"], {}),
        ((date(2026, 11, 24), date(2026, 11, 27)), ["2026-11-25"], {}),
        ((date(2026, 11, 24), date(2026, 11, 27)), ["2026-11-28"], {"wishes": "missing"}),
        ((date(2026, 11, 24), date(2026, 11, 27)), ["nonsense"], {"wishes": "missing"}),
        ((date(2026, 11, 24), date(2026, 11, 27)), [], {"wishes": "missing"}),
    ],
)
def test_a_draw_needs_wishes_within_its_days(
    drawn: tuple[date, date] | None, wishes: list[str], told: dict[str, str]
) -> None:
    answer = check(SAID | {"wishes": wishes}, rules(), replace(DAYS, drawn=drawn))
    assert (dict(answer.problems) if isinstance(answer, Incomplete) else {}) == told
