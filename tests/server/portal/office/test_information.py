"""The pages that tell: what each service needs with its foot, and what the law wants to be said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from server.services.booking.slots.planning import plan_slots
from server.services.office.page_visits import write_visits
from server.store.tables import Message, PageVisits
from server.texts import LANGUAGES
from tests.server.portal.browser import Browser, Reader
from tests.server.portal.outer import outer_world
from tests.server.portal.rich_services import tell_everything
from tests.server.sample_office import SampleOffice

# What an office may write on these is tried in test_statements.
STATEMENTS = ("/terms", "/privacy", "/accessibility")
PAGES = ("/services/wroclaw/P", *STATEMENTS, "/contact")


def test_a_service_tells_everything_that_it_needs(office: SampleOffice, browser: Browser) -> None:
    tell_everything(office)
    page = browser.get("/en/services/wroclaw/P")
    assert page.status == 200
    assert page.heading == "Urząd wroclaw Service P"
    for text in (
        *("Apply for a passport", "identity card", "Passport", "140 zł", "By bank transfer", "35 × 45 mm"),
        *(
            "Consent of the parents",
            "Paper form",
            "at the desk",
            "Every page of the passport",
            "your passport",
        ),
        *("at least 15 minutes before", "1 Powstańców Square"),
    ):
        assert text in page.words, text
    assert "https://example.org/consent.pdf" in page.links
    assert "https://maps.example.org/?q=1" in page.links
    assert '<span lang="pl" dir="ltr">stary paszport</span>' in page.text


def test_how_places_are_given_is_told_before_anybody_waits_for_them(
    office: SampleOffice, browser: Browser
) -> None:
    tell_everything(office)
    assert "every day at 09:00" in browser.get("/en/services/wroclaw/L").words
    visit = browser.get("/en/services/wroclaw/K").words
    assert "Places are drawn" in visit
    assert "sends you questions by e-mail" in visit


def test_a_service_without_a_free_place_says_so_in_the_list_and_on_its_page(
    office: SampleOffice, browser: Browser
) -> None:
    tell_everything(office)
    assert "No free places now" in browser.get("/en/services/wroclaw/P").words
    plan_slots(office.store, office.runtime.context(), None)
    assert "No free places now" not in browser.get("/en/services/wroclaw/P").words
    listed = browser.get("/en/services").words
    assert "Places are drawn" in listed
    assert "Without a reservation" in listed


def test_the_foot_counts_visits_without_writing_and_a_job_writes_them(
    office: SampleOffice, browser: Browser
) -> None:
    for visits in (1, 2, 3):
        page = browser.get(f"/{LANGUAGES[visits]}/services/wroclaw/P")
        assert page.html.texts["p"][-1].endswith(f" {visits}")
    assert office.rows(PageVisits) == []
    write_visits(office.store, office.runtime.context())
    write_visits(office.store, office.runtime.context())
    assert office.one(PageVisits).visits == 3
    assert office.one(PageVisits).page == "/services/wroclaw/P"
    assert browser.get("/en/services/wroclaw/P").html.texts["p"][-1] == "Number of visits: 4"
    write_visits(office.store, office.runtime.context())
    assert office.one(PageVisits).visits == 4
    browser.get("/en/services/wroclaw/nothing")
    browser.get("/en/terms")
    write_visits(office.store, office.runtime.context())
    assert {row.page for row in office.rows(PageVisits)} == {"/services/wroclaw/P", "/terms"}


def test_visits_that_could_not_be_written_are_written_later(
    office: SampleOffice, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.get("/en/terms")

    def gone(_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(office.store, "write", gone)
        with pytest.raises(ConnectionError):
            write_visits(office.store, office.runtime.context())
    browser.get("/pl/terms")
    write_visits(office.store, office.runtime.context())
    assert office.one(PageVisits).visits == 2


def test_each_page_of_information_can_be_had_as_pdf(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    outside = outer_world()
    browser = Browser(portal_with(outside=outside))
    tell_everything(office)
    for path in PAGES:
        link = f"/uk{path}/page.pdf"
        assert link in browser.get(f"/uk{path}").links
        page = browser.get(link)
        assert (page.status, page.response.mimetype) == (200, "application/pdf"), path
        assert page.headers["Content-Disposition"].startswith("inline")
        assert "<h1>" in page.response.text
        assert "<nav" not in page.response.text
        assert 'href="/' not in page.response.text
        assert browser.get(link).response.data == page.response.data
    assert len(outside.papers.asked) == len(PAGES)  # type: ignore[attr-defined]
    assert {language for _, language in outside.papers.asked} == {"uk"}  # type: ignore[attr-defined]


def test_without_a_printer_of_pdf_none_is_offered(browser: Browser) -> None:
    assert "/en/terms/page.pdf" not in browser.get("/en/terms").links
    assert browser.get("/en/terms/page.pdf").status == 404


def test_a_page_can_be_sent_to_someone_once_a_day_and_nothing_else_goes_along(
    office: SampleOffice, browser: Browser
) -> None:
    path = "/en/services/wroclaw/P/send"
    sent = browser.post(
        path, {"email": " Friend@Example.org ", "text": "buy now", "url": "https://evil.test"}
    )
    assert (sent.status, sent.headers["Location"]) == (303, "/en/services/wroclaw/P")
    assert "on its way" in browser.follow(sent).words
    assert browser.post(path, {"email": "friend@example.org"}).status == 303
    message = office.one(Message)
    assert (message.kind, message.channel, message.language) == ("page_link", "email", "en")
    assert "friend" not in f"{message.key}{message.facts}".lower()
    assert message.expires_at - message.made_at == timedelta(days=1)
    office.clock.advance(days=1)
    browser.post(path, {"email": "friend@example.org"})
    assert len(office.rows(Message)) == 2


def test_what_is_no_address_is_said_beside_the_field(office: SampleOffice, browser: Browser) -> None:
    for typed in (
        "",
        "  ",
        "nobody",
        "a@b",
        "x\r\nBcc: all@example.org",
        "a@example.org, b@example.org",
        "a" * 999,
    ):
        page = browser.post("/en/terms/send", {"email": typed})
        assert page.status == 422, typed
        assert len(page.mistakes) == 1, typed
        assert page.title.startswith("Error: ")
        assert page.html.problems == []
    assert office.rows(Message) == []


def test_nobody_sends_many_pages_from_one_network(office: SampleOffice, browser: Browser) -> None:
    seen = [browser.post("/en/terms/send", {"email": f"a{n}@example.org"}).status for n in range(6)]
    assert seen == [303] * 5 + [429]
    assert len(office.rows(Message)) == 5


def test_the_terms_say_their_version_and_the_privacy_page_the_offices_days(
    office: SampleOffice, browser: Browser
) -> None:
    office.set_policy(erase_after_days=21, evidence_hold_days=177)
    assert f"Version {office.runtime.portal.terms_version}" in browser.get("/en/terms").words
    told = browser.get("/en/privacy").words
    assert "21 days after" in told
    assert "177 days" in told


def test_the_cookie_of_a_ticket_without_paper_is_told_where_there_is_one(
    office: SampleOffice, browser: Browser
) -> None:
    assert "ticket without paper" not in browser.get("/en/privacy").words
    office.set_policy(paperless_tickets=True)
    assert "ticket without paper" in browser.get("/en/privacy").words


def test_the_contact_page_has_all_that_the_office_gave(office: SampleOffice, browser: Browser) -> None:
    tell_everything(office)
    page = browser.get("/en/contact")
    assert {"tel:+48713406000", "mailto:visits@example.org", "https://maps.example.org/?q=1"} <= set(
        page.links
    )
    assert "Monday 08:00–12:00, 13:00–15:30" in page.words
    assert "Wednesday closed" in page.words


def test_the_contact_page_tells_of_periods_with_other_hours_until_they_are_over(
    office: SampleOffice, browser: Browser
) -> None:
    over, ahead = ("2026-11-01", "2026-11-22"), ("2026-12-22", "2026-12-23")
    office.set_policy(
        opening_periods=[
            {"first": first, "last": last, "hours": {"wed": ["08:00-11:00"]}, "why": {"en": "Holidays"}}
            for first, last in (over, ahead)
        ]
    )
    words = browser.get("/en/contact").words
    assert "Open from 22 December 2026 to 23 December 2026" in words
    assert "Wednesday 08:00–11:00" in words
    assert "22 November" not in words


def test_who_is_elsewhere_gets_the_phone_number_and_the_age_of_the_data(
    office: SampleOffice, browser: Browser
) -> None:
    tell_everything(office)
    page = browser.get("/en/country?branch=wroclaw")
    assert page.status == 200
    assert "only from: Poland" in page.words
    assert "+48 71 340 60 00" in page.words
    assert "Польща" in browser.get("/uk/country").words
    assert browser.get("/en/country?branch=<script>").status == 200


def test_an_offices_text_is_text_wherever_it_stands(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    evil = '"><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(1)>'
    texts = {"en": evil, "uk": evil, "pl": evil}
    office.set_policy(
        address=texts, phone=evil, email=evil, map_url=f"javascript:alert(1)//{evil}", notices=texts
    )
    office.set_policy(
        "P",
        prepare=texts,
        information={
            "summary": texts,
            "documents": [texts],
            "fees": [{"what": texts, "amount": evil}],
            "payment": texts,
            "photos": texts,
            "forms": [
                {"name": texts, "url": "javascript:alert(1)"},
                {"name": texts, "url": f"https://x/{evil}"},
            ],
            "copies": texts,
        },
    )
    browser = Browser(portal_with(outside=outer_world()))
    for path in (*PAGES, "/services", "/country", ""):
        page = browser.get(f"/en{path}")
        assert "<script>alert" not in page.text, path
        assert "<img" not in page.text, path
        assert "{{7*7}}" in page.text or path in (*STATEMENTS, "/services", ""), path
        assert page.html.problems == [], path
        assert not [link for link in page.links if link.startswith("javascript")], path
    assert "<script>alert" not in browser.get("/en/services/wroclaw/P/page.pdf").response.text


def test_a_page_is_one_page_in_every_language(office: SampleOffice, browser: Browser) -> None:
    tell_everything(office)
    for language in LANGUAGES:
        for path in (*PAGES, "", "/services", "/country", "/terms/send", "/nothing"):
            page = browser.get(f"/{language}{path}")
            html: Reader = page.html
            assert html.problems == [], path
            assert html.named("html")[0]["lang"] == language
            assert page.heading
            assert page.title.startswith(page.heading.removeprefix("Urząd wroclaw ")), path
            ids = [each["id"] for _, each in html.elements if "id" in each]
            assert len(ids) == len(set(ids)), path
            assert not [each for _, each in html.elements if "style" in each or "onclick" in each]
            labels = {each.get("for") for each in html.named("label")}
            fields = {each["id"] for each in html.named("input") if each.get("type") not in ("hidden",)}
            assert fields <= labels, path
            assert "main-content" in ids


def test_every_link_of_a_page_leads_somewhere(office: SampleOffice, browser: Browser) -> None:
    tell_everything(office)
    seen: set[str] = set()
    waiting = ["/pl/", "/en/", "/uk/", "/ru/"]
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page = browser.get(address)
        assert page.status in (200, 302, 303), address
        named = [*page.links, page.headers.get("Location", "")]
        waiting += [link.partition("#")[0] for link in named if link.startswith("/")]
        office.clock.advance(seconds=1)
        if len(seen) % 100 == 0:
            browser = browser.from_elsewhere()
    assert len(seen) > 40
