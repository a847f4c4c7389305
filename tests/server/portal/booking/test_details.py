"""The details: hostile and mistaken answers, pages that were skipped, drafts of others, and the check of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from server.store.tables import Evidence
from tests.server.portal.booking_visitor import CONTACT, PERSON, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Texter:
    """Sends no text messages."""

    def send(self, to: str, text: str, key: str) -> None:
        """Send nothing."""


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    made.open()
    made.log_in()
    made.begin()
    return made


def details(visitor: Visitor, **typed: Any) -> Page:
    return visitor.send("details", **{**PERSON, **typed})


def test_each_mistake_is_told_at_its_field_and_what_was_typed_stays(visitor: Visitor) -> None:
    page = details(visitor, surname="", birth_date=["31", "2", "1990"], document=" ")
    assert page.status == 422
    assert page.mistakes == [
        "Enter the surname",
        "Enter a real day, such as 27 3 1990",
        "Enter the number of the document",
    ]
    assert page.title.startswith("Error: Who is the visit for?")
    shown = {each.get("id"): each.get("value") for each in page.html.named("input")}
    assert shown["given_names"] == PERSON["given_names"]
    assert (shown["birth_date"], shown["birth_date-2"], shown["birth_date-3"]) == ("31", "2", "1990")
    for id in ("surname", "birth_date", "document"):
        assert f'href="#{id}"' in page.text
        assert id in shown


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("surname", "a" * 10_000),
        ("surname", "Kowal\u202eski"),
        ("surname", "Kowal\0ski"),
        ("surname", "Kowal\x1bski"),
        ("surname", "🙂🙂"),
        ("surname", "12345"),
        ("document", "AB\u202e123"),
        ("document", "🙂"),
        ("document", "A" * 10_000),
        ("birth_date", ["1", "1", "2020"]),
        ("birth_date", ["1", "1", "1800"]),
        ("birth_date", ["1", "1", "2030"]),
        ("birth_date", ["1"] * 500),
        ("birth_date", ["²", "1", "1990"]),
    ],
)
def test_a_hostile_answer_is_a_mistake_of_its_field(visitor: Visitor, field: str, typed: Any) -> None:
    typed_name = {"given_names": ""} if field == "surname" else {}
    page = details(visitor, **typed_name, **{field: typed})
    assert page.status == 422
    assert len(page.mistakes) == 1
    assert page.html.problems == []


@pytest.mark.parametrize(
    "name", ["O'Brien-Łęcka", "Nguyễn", "<script>alert(1)</script>", "عبد الله", "Ева 🙂"]
)
def test_an_unusual_name_is_taken_and_shown_as_it_is(visitor: Visitor, name: str) -> None:
    page = visitor.fill_in(surname=name)
    assert f"{PERSON['given_names']} {name}" in page.words
    assert "<script>alert" not in page.text


def test_a_form_of_many_kilobytes_is_refused_with_a_page(visitor: Visitor, browser: Browser) -> None:
    page = browser.send("POST", visitor.path("details"), {"surname": "a" * 70_000})
    assert page.status == 413
    assert page.heading == "You sent too much"


def test_nobody_skips_a_page(visitor: Visitor, browser: Browser) -> None:
    for step in ("contact", "check"):
        assert browser.get(visitor.path(step)).headers["Location"] == visitor.path("details"), step
    assert visitor.hold_without_looking().headers["Location"] == visitor.path("check")
    details(visitor)
    assert browser.get(visitor.path("check")).headers["Location"] == visitor.path("contact")
    assert browser.get(visitor.path("children")).status == 303
    assert visitor.reservations() == []


def test_the_check_shows_every_answer_with_a_way_to_change_it(visitor: Visitor, browser: Browser) -> None:
    page = visitor.fill_in()
    assert page.heading.endswith("Check your answers")
    for words in ("Шевченко-Kowalska", "1 May 1990", "FA 123456", CONTACT["email"], "Українська"):
        assert words in page.words, words
    assert "The name cannot be changed later" in page.words
    assert "cannot be passed on" in page.words
    for step in ("details", "contact", "hour"):
        assert visitor.path(step) in page.links
    changed = details(visitor, surname="Melnyk")
    assert changed.headers["Location"] == visitor.path("check")
    assert "Melnyk" in browser.follow(changed).words


def test_the_email_of_the_account_is_there_already(visitor: Visitor, browser: Browser) -> None:
    details(visitor)
    assert browser.get(visitor.path("contact")).fields["email"] == "anna.nowak@example.org"
    wrong = visitor.send("contact", email="nobody", language="en")
    assert wrong.mistakes == ["Enter an e-mail address such as name@example.org"]
    assert wrong.fields["email"] == "nobody"
    assert visitor.send("contact", email="a@example.org", language="xx").status == 422


def test_a_phone_is_asked_for_where_the_code_comes_by_text_message(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(activation="sms")
    details(visitor)
    assert visitor.send("contact", **CONTACT).mistakes == ["Enter your telephone number"]
    assert (
        visitor.send("contact", **CONTACT, phone="12 34").mistakes[0].startswith("Enter a telephone number")
    )
    page = browser.follow(visitor.send("contact", **CONTACT, phone="601 234 567"))
    assert "+48601234567" in page.words
    # Where nothing can send text messages there is nothing to choose.
    visitor.rule(activation="choice")
    assert "text message" not in browser.get(visitor.path("contact")).words
    assert visitor.send("contact", **CONTACT).status == 303


def test_who_can_choose_has_to_say_how_the_code_comes(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    outside = replace(outer_world(), texter=Texter())
    visitor = Visitor(office, Browser(portal_with(outside=outside)), {"altcha": "solved"})
    visitor.rule(activation="choice")
    visitor.open()
    visitor.log_in()
    visitor.begin()
    details(visitor)
    page = visitor.send("contact", **CONTACT, phone="601 234 567")
    assert page.mistakes == ["Choose how you want to get the code"]
    visitor.send("contact", **CONTACT, phone="601 234 567", activation="sms")
    assert "by text message (SMS)" in visitor.browser.get(visitor.path("check")).words


def test_a_form_that_was_answered_in_a_moment_wants_the_puzzle(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    visitor = Visitor(office, Browser(portal_with(outside=outer_world())), {"altcha": "solved"})
    visitor.rule()
    visitor.open()
    visitor.log_in()
    visitor.begin()
    visitor.puzzle = {}
    page = details(visitor)
    assert (page.status, len(page.mistakes)) == (422, 1)
    assert "altcha-widget" in page.text
    page = visitor.browser.get(visitor.path("details"))
    office.clock.advance(seconds=3)
    assert visitor.browser.submit(page, visitor.path("details"), PERSON).status == 303
    # The last page wants it of everybody, once.
    page = visitor.browser.get(visitor.path("contact"))
    assert "altcha-widget" in page.text
    office.clock.advance(seconds=5)
    early = visitor.browser.submit(page, visitor.path("contact"), CONTACT)
    assert (early.status, early.fields["email"]) == (422, CONTACT["email"])
    assert visitor.hold_without_looking().headers["Location"] == visitor.path("check")
    wrong = visitor.browser.submit(page, visitor.path("contact"), {**CONTACT, "altcha": "x", "email": "?"})
    assert wrong.mistakes == ["Enter an e-mail address such as name@example.org"]
    assert "altcha-widget" not in wrong.text
    assert visitor.send("contact", **CONTACT).status == 303
    assert "/reservations/" in visitor.hold().headers["Location"]
    (evidence,) = office.rows(Evidence)
    assert evidence.fill_ms == 8_000


def test_children_are_added_and_taken_out_without_a_script(visitor: Visitor, browser: Browser) -> None:
    visitor.rule(most_children=2)
    assert details(visitor).headers["Location"] == visitor.path("children")
    old = visitor.send("children", name="Marko", birth_year="1990", do="add")
    assert old.mistakes[0].startswith("Only children under 18")
    assert old.fields["name"] == "Marko"
    assert visitor.send("children", name="", birth_year="20x8", do="add").status == 422
    for name in ("Marko", "Ola"):
        assert visitor.send("children", name=name, birth_year="2018", do="add").status == 303
    page = browser.get(visitor.path("children"))
    assert "No more children can be added" in page.words
    assert visitor.send("children", name="Jan", birth_year="2018", do="continue").status == 422
    browser.submit(page, visitor.path("children"), {"remove": "0", "known": "2"})
    again = browser.submit(page, visitor.path("children"), {"remove": "0", "known": "2"})
    assert again.status == 303
    page = browser.get(visitor.path("children"))
    assert "Ola" in page.words
    assert "Marko" not in page.words
    assert visitor.send("children", do="continue").headers["Location"] == visitor.path("contact")
    assert "Ola, 2018" in browser.follow(visitor.send("contact", **CONTACT)).words


def test_a_stay_that_ends_before_the_visit_is_warned_of_and_not_forbidden(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(ask_legal_stay=True)
    assert details(visitor).headers["Location"] == visitor.path("stay")
    assert visitor.send("stay").mistakes == ["Choose what makes your stay legal"]
    no_day = visitor.send("stay", legal_stay="until", legal_stay_until=["", "", ""])
    assert no_day.mistakes == ["Enter the last day of your legal stay"]
    visitor.send("stay", legal_stay="until", legal_stay_until=["23", "11", "2026"])
    warned = browser.follow(visitor.send("contact", **CONTACT))
    assert "Your legal stay ends on 23 November 2026, before this visit." in warned.words
    visitor.send("stay", legal_stay="until", legal_stay_until=["24", "11", "2026"])
    assert "before this visit" not in browser.get(visitor.path("check")).words
    visitor.send("stay", legal_stay="until", legal_stay_until=["23", "11", "2026"])
    assert "/reservations/" in visitor.hold().headers["Location"]


def test_a_stay_without_an_end_date_is_an_answer_and_brings_no_warning(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(ask_legal_stay=True)
    details(visitor)
    visitor.send("stay", legal_stay="stamp", legal_stay_until=["1", "11", "2026"])
    check = browser.follow(visitor.send("contact", **CONTACT))
    assert "stamp in the passport" in check.words
    assert "legal stay end" not in check.words


def test_a_stay_that_is_over_is_told_as_that(visitor: Visitor, browser: Browser) -> None:
    visitor.rule(ask_legal_stay=True)
    details(visitor)
    visitor.send("stay", legal_stay="until", legal_stay_until=["1", "11", "2026"])
    check = browser.follow(visitor.send("contact", **CONTACT))
    assert "your legal stay ended on 1 November 2026" in check.words
    assert "Look for an earlier hour" not in check.words


def test_an_address_that_looks_like_a_slip_is_asked_about_once(visitor: Visitor, browser: Browser) -> None:
    details(visitor)
    asked = visitor.send("contact", **CONTACT | {"email": "oksana@gmial.com"})
    assert "Did you mean oksana@gmail.com?" in asked.words
    fields = CONTACT | {"email": "oksana@gmial.com"}
    meant = browser.submit(asked, visitor.path("contact"), fields)
    assert "oksana@gmial.com" in browser.follow(meant).words
    asked = visitor.send("contact", **CONTACT | {"email": "oksana@gmial.com", "email_asked": ""})
    used = browser.submit(asked, visitor.path("contact"), fields | {"use_email": "oksana@gmail.com"})
    assert "oksana@gmail.com" in browser.follow(used).words


@pytest.mark.parametrize("phone", ["123 456 78", "+48 600 100 20"])
def test_a_number_that_does_not_exist_is_told(visitor: Visitor, phone: str) -> None:
    visitor.rule(phone_required=True)
    details(visitor)
    page = visitor.send("contact", **CONTACT | {"phone": phone})
    assert page.mistakes == ["Enter a telephone number such as 601 234 567 or +380 50 123 4567"]


def test_a_landline_gets_no_code(visitor: Visitor) -> None:
    visitor.rule(activation="sms")
    details(visitor)
    page = visitor.send("contact", **CONTACT | {"phone": "(22) 600 10 20"})
    assert page.mistakes == ["Enter a mobile number: a landline does not get text messages"]


def test_the_draft_of_another_account_is_not_there(visitor: Visitor, browser: Browser) -> None:
    visitor.fill_in()
    other = Visitor(visitor.office, Browser(visitor.office.app))
    other.log_in("ola@example.org")
    for who in (other.browser, Browser(visitor.office.app)):
        for step in ("details", "contact", "check", "hour", "refused"):
            assert who.get(visitor.path(step)).status == 404, step
    other.draft = visitor.draft
    assert other.hold_without_looking().status == 404
    assert browser.get(visitor.path("check")).status == 200


def test_two_tabs_have_a_draft_each(visitor: Visitor, browser: Browser) -> None:
    later = TOMORROW_TEN + timedelta(hours=1)
    visitor.open(later)
    first = visitor.draft
    visitor.begin(later)
    second = visitor.draft
    assert first != second
    details(visitor, surname="Second")
    assert "Second" not in browser.get(f"/en/book/draft/{first}/details").text
    assert "10:00" in browser.get(f"/en/book/draft/{first}/details").words
    assert "11:00" in browser.get(visitor.path("details")).words


def test_a_draft_that_is_too_old_is_over(visitor: Visitor, browser: Browser) -> None:
    visitor.office.clock.advance(hours=2)
    visitor.log_in("again@example.org")
    assert browser.get(visitor.path("details")).status == 404
    assert browser.get("/en/book/draft/nothing/details").status == 404


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        ({}, ["details", "contact"]),
        ({"most_children": 1}, ["details", "children", "contact"]),
        ({"most_children": 1, "ask_legal_stay": True}, ["details", "children", "stay", "contact"]),
    ],
)
def test_pages_are_counted_by_what_the_service_asks(
    visitor: Visitor, rules: dict[str, Any], asked: list[str]
) -> None:
    visitor.rule(**rules)
    typed = {"details": PERSON, "stay": {"legal_stay": "ukraine"}, "contact": CONTACT}
    total = len(asked) + 1
    for number, step in enumerate(asked, 1):
        shown = visitor.browser.get(visitor.path(step))
        assert shown.heading.startswith(f"Step {number} of {total} "), shown.heading
        assert visitor.send(step, **typed.get(step, {"do": "continue"})).status == 303
    check = visitor.browser.get(visitor.path("check"))
    assert check.heading.startswith(f"Step {total} of {total} · ")
    for language, counted in (("pl", "Krok 1 z"), ("uk", "Крок 1 із"), ("ru", "Шаг 1 из")):
        first = visitor.browser.get(visitor.path("details").replace("/en/", f"/{language}/"))
        assert first.heading.startswith(f"{counted} {total} ")
