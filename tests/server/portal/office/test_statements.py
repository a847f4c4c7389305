"""The accessibility statement, the privacy page and the terms say what the office states and what it does not."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.services.context import RuleBroken
from server.services.office.set_up import set_up_office
from server.store.queries.office import grow_version
from server.store.tables import Account, Publication, Publisher
from server.texts import LANGUAGES
from tests.server.movable_clock import MovableClock
from tests.server.portal.browser import Browser
from tests.server.portal.outer import outer_world
from tests.server.sample_office import OFFICE, SampleOffice

DEMO = tomllib.loads(
    (Path(__file__).resolve().parents[4] / "deploy/demo/office.toml").read_text(encoding="utf-8")
)
UNSTATED = "not stated yet by the office"
# The identifiers of the technical conditions of 31 July 2024, version 2.0.
NEEDED_IDS = frozenset(
    {
        *("a11y-wstep", "a11y-podmiot", "a11y-zakres", "a11y-url", "a11y-data-publikacja"),
        *("a11y-data-aktualizacja", "a11y-status", "a11y-kontakt", "a11y-email", "a11y-telefon"),
        *("a11y-procedura", "a11y-data-sporzadzenie", "a11y-data-przeglad", "a11y-architektura"),
        "a11y-komunikacja",
    }
)


def apply(office: SampleOffice, **tables: Any) -> None:
    """Apply an office's file that also has these tables."""
    office.store.write(lambda session: set_up_office(session, office.clock.now(), OFFICE | tables))
    office.runtime.office.forget()


def state_everything(office: SampleOffice) -> None:
    """State what the demo's office states."""
    apply(office, publisher=DEMO["publisher"], publication=DEMO["publication"])


def terms(version: str, since: str, text: str) -> dict[str, Any]:
    return {"kind": "terms", "version": version, "since": since, "text": {"en": text, "pl": text}}


def test_the_statement_has_every_identifier_whether_stated_or_not(
    office: SampleOffice, browser: Browser
) -> None:
    for state in (lambda _office: None, state_everything):
        state(office)
        for language in LANGUAGES:
            page = browser.get(f"/{language}/accessibility")
            ids = [each["id"] for _, each in page.html.elements if "id" in each]
            assert set(ids) >= NEEDED_IDS
            assert len(ids) == len(set(ids))
            assert page.html.problems == []
            assert office.runtime.public_url in page.links
            assert "https://bip.brpo.gov.pl" in page.links


def test_what_is_not_stated_is_said_on_the_pages(office: SampleOffice, browser: Browser) -> None:
    assert browser.get("/en/accessibility").words.count(UNSTATED) == 11
    assert "self-assessment" not in browser.get("/en/accessibility").words
    assert browser.get("/en/privacy").words.count(UNSTATED) == 7
    assert "urząd jeszcze tego nie podał" in browser.get("/pl/accessibility").words
    state_everything(office)
    for path in ("accessibility", "privacy"):
        for language in LANGUAGES:
            page = browser.get(f"/{language}/{path}")
            assert "portal-unstated" not in page.text


def test_the_statement_says_what_the_office_states(office: SampleOffice, browser: Browser) -> None:
    state_everything(office)
    page = browser.get("/en/accessibility")
    for text in (
        *("Voivodeship Office (example) undertakes", "is partially compliant", "scans without text"),
        *("Website published: 2 November 2026", "Anna Przykładowa, accessibility coordinator"),
        *("self-assessment", "within 7 days", "2 months", "one entrance", "Polish Sign Language"),
    ):
        assert text in page.words, text
    assert {"mailto:dostepnosc@urzad.example.org", "tel:+48710000001"} <= set(page.links)
    assert '<time id="a11y-data-sporzadzenie" datetime="2026-11-02">' in page.text
    assert "axe-core) on every page" not in page.words


@pytest.mark.parametrize(
    ("stated", "said", "unsaid"),
    [
        ({"status": "full"}, "fully compliant", "Content that is not accessible"),
        ({"status": "none"}, "is not compliant", "fully compliant"),
        (
            {"status": "partial", "too_costly": [{"en": "Old films"}], "auditor": {"en": "Test Ltd"}},
            "an external body: Test Ltd",
            "self-assessment",
        ),
    ],
)
def test_each_status_has_its_sentence(
    office: SampleOffice, browser: Browser, stated: dict[str, Any], said: str, unsaid: str
) -> None:
    apply(office, publisher={"accessibility": stated})
    page = browser.get("/en/accessibility")
    assert said in page.words
    assert unsaid not in page.words
    assert ('id="a11y-ocena"' in page.text) is ("too_costly" in stated)
    gaps_unstated = stated["status"] == "none"
    assert (page.words.count(UNSTATED) == 11) is gaps_unstated


def test_the_page_of_privacy_has_what_the_regulation_wants(office: SampleOffice, browser: Browser) -> None:
    state_everything(office)
    page = browser.get("/en/privacy")
    for text in (
        *("The controller of your data is: Voivodeship Office (example)", "act of 12 December 2013"),
        *("SMS gateway", "mail server", "the police, a prosecutor or a court", "Economic Area: none"),
        *("No law obliges you", "use restricted", "object to", "Without an account, write to or call"),
        *(
            "supervisory authority",
            "14 days after it",
            "rules of office archives",
            "This clause is an example",
        ),
    ):
        assert text in page.words, text
    assert {"mailto:iod@urzad.example.org", "https://uodo.gov.pl"} <= set(page.links)
    assert "Nobody else gets your data" not in page.words
    apply(office, publisher=DEMO["publisher"] | {"privacy": {"authority": {"en": "Another one"}}})
    page = browser.get("/en/privacy")
    assert "supervisory authority: Another one" in page.words
    assert "https://uodo.gov.pl" not in page.links


def test_the_offices_own_terms_are_shown_and_older_versions_stay(
    office: SampleOffice, portal_with: Callable[..., Flask], browser: Browser
) -> None:
    assert "Booking is free of charge." in browser.get("/en/terms").words
    apply(office, publication=[terms("2026-12", "2026-12-01", "# First\n\n1. one\n2. two")])
    page = browser.get("/en/terms")
    assert "Version 2026-12, in force since 1 December 2026" in page.words
    assert "Booking is free of charge." not in page.words
    assert ("First" in page.html.texts["h2"], page.html.texts["li"].count("two")) == (True, 1)
    # The file of the next year names the new version only: the old one stays.
    apply(office, publication=[terms("2027-01", "2027-01-01", "Second")])
    assert "/en/terms/2027-01" in browser.get("/en/terms").links
    changed = Browser(portal_with(terms_version="2027-01"))
    assert "Second" in changed.get("/en/terms").words
    assert "/en/terms/2026-12" in changed.get("/en/terms").links
    old = changed.get("/en/terms/2026-12")
    assert "two" in old.words
    assert "not the version that is in force now" in old.words
    assert changed.get("/en/terms/2025-01").status == 404


def test_built_in_terms_stay_readable_once_the_office_has_its_own(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    apply(office, publication=[terms("2027-01", "2027-01-01", "Ours")])
    browser = Browser(portal_with(terms_version="2027-01", outside=outer_world()))
    assert "Booking is free of charge." in browser.get("/en/terms/2026-12").words
    assert browser.get("/en/terms/2026-12/page.pdf").response.mimetype == "application/pdf"
    assert browser.get("/en/terms/2026-12/send").status == 200


def test_accepted_terms_do_not_change(office: SampleOffice) -> None:
    first = terms("2026-12", "2026-12-01", "As accepted")
    apply(office, publication=[first])
    apply(office, publication=[terms("2026-12", "2026-12-01", "Not accepted yet")])
    apply(office, publication=[first])
    now = office.clock.now()
    account = Account(language="pl", terms_version="2026-12", terms_accepted_at=now, made_at=now)
    office.store.write(lambda session: session.add(account))
    with pytest.raises(RuleBroken) as told:
        apply(office, publication=[terms("2026-12", "2026-12-01", "Changed")])
    assert told.value.facts["place"] == "publication 1.version"
    assert "people have accepted 2026-12" in str(told.value.facts["problem"])
    apply(office, publication=[first, terms("2027-01", "2027-01-01", "Changed")])
    assert [row.version for row in office.rows(Publication)] == ["2026-12", "2027-01"]


def test_the_clause_that_holds_today_is_shown_and_older_ones_stay(
    office: SampleOffice, browser: Browser
) -> None:
    clauses = [
        {"kind": "clause", "version": each, "since": since, "text": {"en": f"Clause {each}"}}
        for each, since in (("1", "2025-01-01"), ("2", "2026-11-01"), ("3", "2027-01-01"))
    ]
    apply(office, publication=clauses)
    page = browser.get("/en/privacy")
    assert "Clause 2" in page.words
    assert [link for link in page.links if re.match("/en/privacy/[0-9]", link)] == ["/en/privacy/1"]
    assert "Clause 1" in browser.get("/en/privacy/1").words
    assert browser.get("/en/privacy/3").status == 404
    office.clock.advance(days=40)
    assert "Clause 3" in browser.get("/en/privacy").words


def test_a_text_of_the_office_is_text(office: SampleOffice, browser: Browser) -> None:
    evil = '"><script>alert(1)</script>{{7*7}}'
    text = f"# {evil}\n\n{evil}\n- {evil}\n1. {evil} https://example.org/a"
    contact = {"name": {"en": evil}, "phone": evil}
    apply(
        office,
        publisher={"accessibility": {"contact": contact, "building": {"en": text}}},
        publication=[terms("2026-12", "2026-12-01", text)],
    )
    for path in ("terms", "terms/2026-12", "accessibility"):
        page = browser.get(f"/en/{path}")
        assert "<script>alert" not in page.text
        assert page.words.count("{{7*7}}") >= 4
        assert "https://example.org/a" in page.links
        assert page.html.problems == []


def test_another_language_of_a_long_text_is_marked(office: SampleOffice, browser: Browser) -> None:
    apply(office, publisher={"accessibility": {"building": {"pl": "Bez schodów.\nDrzwi szerokie."}}})
    assert '<div class="portal-part" lang="pl" dir="ltr">' in browser.get("/uk/accessibility").text
    page = browser.get("/pl/accessibility")
    assert "Bez schodów. Drzwi szerokie." in page.words
    assert '<div class="portal-part" lang=' not in page.text


def test_readyz_lists_what_is_not_stated(office: SampleOffice) -> None:
    listed = office.door().get("//readyz").get_json()["not_stated"]
    assert "publisher.accessibility.status" in listed
    assert listed[-1] == "publication: terms of version 2026-12 (the built-in ones are shown)"
    state_everything(office)
    assert office.door().get("//readyz").get_json().keys() == {"status", "parts"}


def test_readyz_tells_of_the_yearly_review(office: SampleOffice, clock: MovableClock) -> None:
    state_everything(office)
    clock.set(datetime(2027, 1, 4, 9, tzinfo=UTC))
    told = office.door().get("//readyz").get_json()
    assert told["review_due"] == ["accessibility statement by 2027-03-31"]


def test_a_statement_that_cannot_be_read_stops_nothing_and_is_named(
    office: SampleOffice, browser: Browser
) -> None:
    state_everything(office)

    def spoil(session: Any) -> None:
        for row in session.query(Publisher):
            row.policy = {"accessibility": {"status": "good"}}
        for row in session.query(Publication):
            row.policy = {"since": "soon"}
        grow_version(session)

    office.store.write(spoil)
    office.runtime.office.forget()
    listed = json.dumps(office.door().get("//readyz").get_json()["not_stated"])
    assert "publisher.accessibility.status: one of full" in listed
    assert "publication terms 2026-12: since" in listed
    for path in ("accessibility", "privacy", "terms"):
        assert browser.get(f"/en/{path}").status == 200


def test_a_wrong_office_file_names_the_place_of_a_statement(office: SampleOffice) -> None:
    for said, place in (
        ({"publisher": {"accessibility": {"status": "good"}}}, "publisher.accessibility.status"),
        ({"publisher": [1]}, "publisher"),
        ({"publication": [terms("1", "2026-12-01", "x"), terms("2", "soon", "x")]}, "publication 2.since"),
        ({"publications": []}, "branch"),
    ):
        with pytest.raises(RuleBroken) as told:
            apply(office, **said)
        assert told.value.facts["place"] == place
    assert office.rows(Publication) == []
