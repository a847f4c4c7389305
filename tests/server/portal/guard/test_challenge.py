"""Forms that robots would like to send: a puzzle for browsers with scripts, a wait for those without."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, render_template_string

from server.adapters.challenges import AltchaChallenges
from server.adapters.countries import FixedCountries
from server.portal.guard import challenge
from server.portal.guard.challenge import PuzzleForm, TimedForm
from server.services.guard.limits import spender
from server.services.ports import Outside
from server.web.forms import TextField, needed
from tests.server.adapters.test_challenges import solve
from tests.server.portal.browser import Browser, Page
from tests.server.portal.outer import PapersKept
from tests.server.sample_office import KEYS, SampleOffice

_PAGE = """{% extends "frame.html" %}{% block content %}{{ parts.heading(title) }}
{% call parts.form_of(form, "Send") %}{{ form.word }}{% endcall %}{% endblock %}"""


class PuzzledForm(PuzzleForm):
    word = TextField("Word", 10, [needed("Enter a word")])


class UnhurriedForm(TimedForm):
    word = TextField("Word", 10, [needed("Enter a word")])


def add(app: Flask, path: str, kind: type[PuzzleForm]) -> None:
    def show() -> Any:
        form = kind()
        if form.validate_on_submit():
            passed = form.puzzle.passed
            assert passed is not None
            return f"{passed.how} {passed.took_ms}"
        return render_template_string(_PAGE, form=form, title="Try", tab="Try")

    app.add_url_rule(path, path, show, methods=["GET", "POST"])


@pytest.fixture
def puzzled(office: SampleOffice, portal_with: Any) -> Flask:
    """Give the pages with an outer world that has puzzles."""
    puzzles = AltchaChallenges(lambda: KEYS.all_derived("challenge"), 5, spender(office.store, KEYS))
    app: Flask = portal_with(outside=Outside(PapersKept(), FixedCountries(), puzzles))
    for path, kind in (("/en/try", PuzzledForm), ("/en/other", PuzzledForm), ("/en/quick", UnhurriedForm)):
        add(app, path, kind)
    return app


@pytest.fixture
def visitor(puzzled: Flask) -> Browser:
    return Browser(puzzled)


def solution(visitor: Browser) -> str:
    page = visitor.get("/challenge")
    assert page.status == 200
    return solve(page.response.get_json())


def send(visitor: Browser, page: Page, path: str = "/en/try", **data: str) -> Page:
    return visitor.submit(page, path, {"word": "hello", **data})


def said(page: Page) -> str:
    return page.response.text


def test_who_solved_the_puzzle_goes_on_at_once(visitor: Browser) -> None:
    page = visitor.get("/en/try")
    assert re.match(r"solved \d+$", said(send(visitor, page, altcha=solution(visitor))))


def test_a_solution_counts_for_one_form(visitor: Browser) -> None:
    page, solved = visitor.get("/en/try"), solution(visitor)
    send(visitor, page, altcha=solved)
    again = send(visitor, page, altcha=solved)
    assert "The check has run out" in again.words


def test_a_solution_is_not_spent_when_something_else_is_wrong(visitor: Browser) -> None:
    page, solved = visitor.get("/en/try"), solution(visitor)
    assert send(visitor, page, altcha=solved, word="").mistakes == ["Enter a word"]
    assert said(send(visitor, page, altcha=solved)).startswith("solved")


def test_without_scripts_a_form_is_taken_once_it_lay_open_for_ten_seconds(
    office: SampleOffice, visitor: Browser
) -> None:
    page = visitor.get("/en/try")
    office.clock.advance(seconds=4)
    early = send(visitor, page)
    assert "Wait 6 seconds before you send it" in early.words
    assert early.fields["word"] == "hello"
    office.clock.advance(seconds=6)
    assert said(send(visitor, early)) == "waited None"


def test_a_showing_of_a_form_counts_once(office: SampleOffice, visitor: Browser) -> None:
    page = visitor.get("/en/try")
    office.clock.advance(seconds=11)
    assert said(send(visitor, page)) == "waited None"
    assert "This form was sent already" in send(visitor, page).words


def test_a_showing_is_for_its_own_form_and_cannot_be_made_up(office: SampleOffice, visitor: Browser) -> None:
    other, page = visitor.get("/en/other"), visitor.get("/en/try")
    office.clock.advance(minutes=1)
    for shown in (other.fields["shown"], page.fields["shown"][:-2] + "AA", "", "1", "x" * 5_000):
        assert "Wait until the check below is done" in send(visitor, page, shown=shown).words
    office.clock.advance(hours=12)
    assert "Wait until the check below is done" in send(visitor, page).words


def test_the_way_without_scripts_is_as_often_as_people_would(office: SampleOffice, visitor: Browser) -> None:
    pages = [visitor.get("/en/try") for _ in range(31)]
    office.clock.advance(seconds=11)
    answers = [send(visitor, page) for page in pages]
    assert [said(answer) for answer in answers[:30]] == ["waited None"] * 30
    assert answers[30].status == 429
    assert int(answers[30].headers["Retry-After"]) > 0
    page = visitor.get("/en/try")
    assert said(send(visitor, page, altcha=solution(visitor))).startswith("solved")


def test_a_form_without_the_puzzle_wants_it_once_it_was_answered_within_three_seconds(
    office: SampleOffice, visitor: Browser
) -> None:
    page = visitor.get("/en/quick")
    assert "altcha-widget" not in page.text
    office.clock.advance(seconds=2)
    hasty = send(visitor, page, "/en/quick")
    assert "altcha-widget" in hasty.text
    assert said(send(visitor, hasty, "/en/quick", altcha=solution(visitor))).startswith("solved")
    page = visitor.get("/en/quick")
    office.clock.advance(seconds=3)
    assert said(send(visitor, page, "/en/quick")) == "unhurried None"


def test_a_form_whose_showing_is_missing_counts_as_answered_at_once(visitor: Browser) -> None:
    hasty = send(visitor, visitor.get("/en/quick"), "/en/quick", shown="")
    assert "altcha-widget" in hasty.text


def test_the_puzzle_is_ours_alone_and_its_script_is_allowed_by_its_nonce(visitor: Browser) -> None:
    page = visitor.get("/en/try")
    nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce is not None
    (script,) = [each for each in page.html.named("script") if "altcha" in each["src"]]
    assert script["nonce"] == nonce[1]
    sources = [each.get("src") or each.get("href") or "" for _, each in page.html.elements]
    assert all(not source.startswith(("http", "//")) for source in sources)
    assert page.html.named("altcha-widget")[0]["challenge"] == "/challenge"
    assert page.html.problems == []


def test_a_puzzle_is_made_without_a_trace_in_the_database(
    office: SampleOffice, visitor: Browser, monkeypatch: Any
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a write")

    monkeypatch.setattr(office.store, "write", refuse)
    answer = visitor.get("/challenge")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.response.get_json()["parameters"]["algorithm"] == "PBKDF2/SHA-256"


def test_where_none_is_set_up_no_puzzle_is_asked_for(office: SampleOffice, portal_with: Any) -> None:
    app = portal_with()
    add(app, "/en/try", PuzzledForm)
    visitor = Browser(app)
    assert visitor.get("/challenge").status == 404
    assert said(send(visitor, visitor.get("/en/try"))) == "none None"


@pytest.mark.parametrize("payload", ["e30=", "bm9uZQ==", "", "eyJzb2x1dGlvbiI6eyJ0aW1lIjoxZTk5OX19"])
def test_times_that_a_browser_made_up_are_no_times(payload: str) -> None:
    assert challenge._took(payload) is None
