"""The question on the phone page: without scripts, in four languages, once; what is typed there harms nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from server.portal.queue.phone_page import sentences
from server.store.tables import Feedback
from tests.server.portal.browser import Browser
from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.sample_office import KEYS, SampleOffice

EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]


def finished(office: SampleOffice, language: str = "en") -> str:
    """Serve a visitor; return the address of the ticket's page."""
    ticket = office.walk_in("P", language=language)
    clerk = office.clerk(7)
    clerk.post(f"/tickets/{ticket['id']}/call", {"reason": "other"})
    clerk.post(f"/tickets/{ticket['id']}/start")
    clerk.post(f"/tickets/{ticket['id']}/finish", {"outcome": "served"})
    return f"/t/{KEYS.track_token(ticket['id'])}"


@pytest.fixture
def asking(office: SampleOffice) -> SampleOffice:
    office.set_policy(feedback=True, languages=EIGHT)
    return office


def test_a_visitor_answers_once_without_scripts(asking: SampleOffice) -> None:
    address, browser = finished(asking), Browser(asking.app)
    page = browser.get(address)
    assert "How was your visit?" in page.words
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    sent = browser.send("POST", address, {"mark": "5", "words": "Thank you"})
    assert (sent.status, sent.headers["Location"]) == (303, address)
    thanked = browser.get(address)
    assert "Thank you for telling us." in thanked.words
    assert "<form" not in thanked.text
    again = browser.send("POST", address, {"mark": "1", "words": ""})
    assert again.status == 303
    assert [row.mark for row in asking.rows(Feedback)] == [5]


def test_without_a_mark_the_words_are_kept_and_the_mistake_is_said(asking: SampleOffice) -> None:
    address, browser = finished(asking), Browser(asking.app)
    typed = "</textarea><script>alert(1)</script>"
    page = browser.send("POST", address, {"words": typed})
    assert page.status == 422
    assert 'role="alert"' in page.text
    assert page.html.texts["textarea"] == [typed]
    assert [each["src"].rsplit("/", 1)[1] for each in page.html.named("script")] == ["phone.js"]
    long = browser.send("POST", address, {"mark": "4", "words": "ж" * 501})
    assert (long.status, "500" in long.words) == (422, True)
    assert [each.get("value") for each in long.html.named("input") if "checked" in each] == ["4"]
    for mark in ("6", "0", "-1", "x", "٣", "1" * 5_000):
        assert browser.send("POST", address, {"mark": mark}).status == 422
    assert asking.rows(Feedback) == []


def test_where_nobody_is_asked_nothing_is_kept(office: SampleOffice) -> None:
    address, browser = finished(office), Browser(office.app)
    assert "<form" not in browser.get(address).text
    assert browser.send("POST", address, {"mark": "5"}).status == 303
    assert browser.send("POST", "/t/1-nothing", {"mark": "5"}).status == 404
    assert office.rows(Feedback) == []


@pytest.mark.parametrize("language", EIGHT)
def test_the_page_speaks_the_visitors_language(asking: SampleOffice, language: str) -> None:
    page = Browser(asking.app).get(finished(asking, language))
    assert page.html.named("html")[0]["lang"] == language
    assert page.html.named("html")[0]["dir"] == ("rtl" if language == "ar" else "ltr")
    assert sentences().say(language, "question") in page.words


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.mark.timeout(240)
@pytest.mark.parametrize("width", [1280, 320])
def test_the_question_is_open_to_everybody_and_sent_in_a_browser(
    browser: Chromium, one_office: SampleOffice, width: int
) -> None:
    one_office.set_policy(feedback=True, languages=EIGHT)
    wrong: list[Any] = []
    with served(one_office.app) as at:
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        for language in [*EIGHT[2:], "pl", "en"]:
            page.goto(at + finished(one_office, language))
            wrong += [f"{language}: {each}" for each in complaints(page)]
            wrong += [f"{language}: {wide} px too wide" for wide in [too_wide(page)] if wide > 0]
        page.click("button")
        wrong += complaints(page)
        page.check("input[value='4']")
        page.fill("textarea", "Nice <b>people</b>")
        page.click("button")
        page.wait_for_selector("text=Thank you for telling us")
        wrong += complaints(page)
        context.close()
    assert wrong == []
    assert [row.mark for row in one_office.rows(Feedback)] == [4]
