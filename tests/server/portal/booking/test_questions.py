"""The questions before a visit, by the link of the letter: asked, answered once, over."""

from __future__ import annotations

from typing import Any

import pytest

from server.store.tables import Verification
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUESTIONS: list[dict[str, Any]] = [
    {"key": "case", "label": {"en": "Case number", "pl": "Numer sprawy"}, "hint": {"en": "As on the letter"}},
    {"key": "filed", "label": {"pl": "Data złożenia"}, "kind": "date", "when": "past"},
    {
        "key": "kind",
        "label": {"en": "What did you apply for?"},
        "kind": "choice",
        "choices": [{"code": "stay", "en": "Temporary stay"}, {"code": "work", "en": "Work permit"}],
    },
    {"key": "inspector", "label": {"pl": "Inspektor"}, "required": False},
]
RIGHT = {"q-case": "SOC-1/2026", "q-filed": ["1", "6", "2026"], "q-kind": "stay"}
SEND = {"do": "send"}


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule(verification_required=True, questions=QUESTIONS)
    made.open()
    made.log_in()
    return made


@pytest.fixture
def link(visitor: Visitor) -> str:
    page = visitor.booked()
    assert page.heading == "Your reservation waits for verification"
    found = next(link for link in page.links if "/questions/" in link)
    written = visitor.letters("questions")[-1]["url"]
    assert written.rpartition("/")[2] == found.rpartition("/")[2]
    return found


def test_the_questions_are_answered_by_who_has_the_link_without_a_log_in(visitor: Visitor, link: str) -> None:
    somebody = Browser(visitor.office.app)
    page = somebody.get(link)
    assert page.heading.endswith("Questions before your visit")
    assert "Inspektor (optional)" in page.words
    assert '<span lang="pl" dir="ltr">Data złożenia</span>' in page.text
    look = somebody.submit(page, link, RIGHT)
    assert (look.status, look.heading.endswith("Check your answers")) == (200, True)
    assert "Data złożenia1 June 2026" in look.words
    assert "What did you apply for?Temporary stay" in look.words
    assert "Inspektor (optional)–" in look.words
    assert visitor.office.rows(Verification)[0].answered_at is None
    change = somebody.submit(look, link, RIGHT | {"do": "change"})
    assert (change.status, change.fields["q-case"]) == (200, "SOC-1/2026")
    answer = somebody.submit(look, link, RIGHT | SEND)
    assert (answer.status, answer.headers["Location"]) == (303, link)
    assert "Thank you, we have your answers" in somebody.get(link).heading
    (row,) = visitor.office.rows(Verification)
    assert b"SOC-1" not in row.sealed_answers
    number = visitor.reservations()[0].id
    assert "We have your answers" in visitor.browser.get(f"/en/reservations/{number}").words


def test_answers_that_are_missing_or_wrong_are_told_and_the_others_stay(visitor: Visitor, link: str) -> None:
    page = visitor.browser.post(link, {"q-case": "SOC-1/2026", "q-filed": ["31", "2", "2026"]})
    assert page.status == 422
    assert page.mistakes == ["Enter a real day, such as 27 3 1990"]
    page = visitor.browser.post(link, {"q-case": "SOC-1/2026"})
    assert page.mistakes == [
        "Answer the question: Data złożenia",
        "Answer the question: What did you apply for?",
    ]
    assert page.fields["q-case"] == "SOC-1/2026"
    page = visitor.browser.post(link, RIGHT | SEND | {"q-filed": ["24", "11", "2026"]})
    assert page.mistakes == ["This day must not be in the future"]
    for wrong in ({"q-kind": "other"}, {"q-case": "a" * 501}, {"q-case": "a\0b"}, {"q-case": "\u202eabc"}):
        assert visitor.browser.post(link, RIGHT | wrong).status == 422, wrong
    assert visitor.office.rows(Verification)[0].answered_at is None


def test_answers_are_taken_once(visitor: Visitor, link: str) -> None:
    page = visitor.browser.get(link)
    visitor.browser.submit(page, link, RIGHT | SEND)
    first = visitor.office.rows(Verification)[0].sealed_answers
    visitor.office.clock.advance(minutes=1)
    again = visitor.browser.submit(page, link, RIGHT | SEND | {"q-case": "other"})
    assert "Thank you" in again.heading
    assert visitor.office.rows(Verification)[0].sealed_answers == first


def test_a_link_that_is_over_says_so_and_any_other_is_not_there(visitor: Visitor, link: str) -> None:
    page = visitor.browser.get(link)
    visitor.office.clock.advance(hours=49)
    late = Browser(visitor.office.app)
    assert "The time to answer is over" in late.get(link).heading
    assert late.submit(page, link, RIGHT | SEND).status in (200, 400)
    assert visitor.office.rows(Verification)[0].answered_at is None
    assert late.get("/en/questions/nothing").status == 404
    assert late.get(link[:-1]).status == 404


def test_a_visit_that_was_cancelled_asks_nothing_more(visitor: Visitor, link: str) -> None:
    number = visitor.reservations()[0].id
    visitor.browser.post(f"/en/reservations/{number}/cancel")
    assert "The office has decided" in visitor.browser.get(link).heading
