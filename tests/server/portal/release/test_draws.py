"""Draws on the pages, without scripts: apply, withdraw, find one's line, compute the draw again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.domain.release.draw import shown_line
from server.store.tables import Application
from server.texts import LANGUAGES
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import PASSWORD, SampleOffice
from tests.server.services.release.crowd import PLACES, Crowd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# What a browser sends of lists in which nothing was chosen.
UNTOUCHED = {f"wish_{row}_day": "" for row in range(2, 6)} | {f"wish_{row}_hours": "" for row in range(1, 6)}
FILLED = UNTOUCHED | {
    "wish_1_day": "2026-12-03",
    "wish_1_hours": "00:00-12:00",
    "wish_2_day": "any",
    "given_names": "Оксана",
    "surname": "Шевченко",
    "birth_date": ["1", "5", "1990"],
    "document": "FA 123456",
    "email": "oksana@example.org",
    "language": "uk",
}


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    made = Crowd(office)
    made.open_draw(number={"en": "the lottery of 26 November", "pl": "lotto z 26 listopada"})
    return made


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    return Visitor(office, browser)


def path(crowd: Crowd, more: str = "") -> str:
    return f"/en/draws/{crowd.draw_row.public_id}{more}"


def apply(crowd: Crowd, browser: Browser, **changed: Any) -> Page:
    return browser.post(path(crowd, "/apply"), FILLED | changed)


def finish(crowd: Crowd) -> None:
    crowd.close()
    crowd.number("7 12 13")
    crowd.give()


def test_somebody_applies_and_sees_the_line(crowd: Crowd, visitor: Visitor, browser: Browser) -> None:
    visitor.log_in()
    before = browser.get(path(crowd))
    assert path(crowd, "/apply") in before.links
    assert "0 people take part" in before.words
    done = apply(crowd, browser)
    assert done.status == 303, done.mistakes
    shown = browser.follow(done)
    row = visitor.office.one(Application)
    assert row.preferences == ["2026-12-03 00:00-12:00", "any"]
    assert row.language == "uk"
    assert shown_line(row.public_id) in shown.words
    assert "Thursday, 3 December 2026, morning" in shown.words
    assert "1 person takes part" in shown.words
    again = browser.get(path(crowd, "/apply"))
    assert (again.status, again.headers["Location"]) == (303, path(crowd))


def test_who_is_not_logged_in_is_sent_there_and_back(crowd: Crowd, browser: Browser) -> None:
    sent = browser.get(path(crowd, "/apply"))
    assert sent.status in (302, 303)
    assert sent.headers["Location"].startswith("/en/log-in?next=")


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"surname": "", "given_names": ""}, "Enter the surname"),
        ({"birth_date": ["31", "2", "1990"]}, "Enter a real day, such as 27 3 1990"),
        ({"birth_date": ["1", "5", "2015"]}, "The reservation must be in the name of an adult"),
        ({"document": "\x00"}, "Remove the characters that cannot be seen"),
        ({"surname": "\u202egnol"}, "Remove the characters that cannot be seen"),
        ({"surname": "ж" * 10_000}, "Use 99 characters or fewer"),
        ({"email": "nobody"}, "Enter an e-mail address such as name@example.org"),
        ({"wish_1_day": "2027-01-01"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    crowd: Crowd, visitor: Visitor, browser: Browser, changed: dict[str, Any], mistake: str
) -> None:
    visitor.log_in()
    page = apply(crowd, browser, **changed)
    assert page.status == 422
    assert any(mistake in each for each in page.mistakes), page.mistakes
    assert page.title.startswith("Error: ")
    assert page.fields["document"] == "FA 123456" or "document" in changed
    assert crowd.office.facts("application.made") == []


def test_children_come_along_where_the_service_allows_it(office: SampleOffice, visitor: Visitor) -> None:
    crowd, browser = Crowd(office), visitor.browser
    crowd.open_draw(most_children=2, ask_legal_stay=True)
    visitor.log_in()
    stay = {"legal_stay": "until", "legal_stay_until": ["1", "2", "2027"]}
    wrong = apply(crowd, browser, **stay, child_2_name="Іван", child_2_birth_year="1980")
    assert "Only children under 18" in wrong.mistakes[0]
    assert apply(crowd, browser, **stay, child_2_name="Іван", child_2_birth_year="2019").status == 303


def test_a_wish_behind_the_legal_stay_is_warned_of_and_taken_after_a_yes(
    crowd: Crowd, visitor: Visitor
) -> None:
    crowd.open_draw(ask_legal_stay=True)
    visitor.log_in()
    stay = {"legal_stay": "until", "legal_stay_until": ["2", "12", "2026"]}
    warned = apply(crowd, visitor.browser, **stay)
    assert "Your legal stay ends on 2 December 2026, before this visit." in warned.words
    assert crowd.office.facts("application.made") == []
    assert apply(crowd, visitor.browser, **stay, stay_known="y").status == 303


def test_without_an_end_date_no_wish_is_warned_of(crowd: Crowd, visitor: Visitor) -> None:
    crowd.open_draw(ask_legal_stay=True)
    visitor.log_in()
    assert apply(crowd, visitor.browser, legal_stay="ukraine").status == 303


def test_a_person_who_takes_part_is_refused_in_words(
    crowd: Crowd, visitor: Visitor, browser: Browser
) -> None:
    visitor.log_in()
    apply(crowd, browser)
    other = Visitor(visitor.office, Browser(visitor.office.app))
    other.log_in("other@example.org")
    page = apply(crowd, other.browser, email="other@example.org")
    assert page.status == 409
    assert page.heading.endswith("This person takes part already")


def test_an_application_is_withdrawn_after_a_question(
    crowd: Crowd, visitor: Visitor, browser: Browser
) -> None:
    visitor.log_in()
    apply(crowd, browser)
    assert path(crowd, "/withdraw") in browser.get(path(crowd)).links
    done = browser.post(path(crowd, "/withdraw"))
    assert "You do not take part" in browser.follow(done).words
    assert "0 people take part" in browser.get(path(crowd)).words
    assert browser.get(path(crowd, "/withdraw")).status == 303


def test_each_state_shows_its_numbers(crowd: Crowd, browser: Browser) -> None:
    for one in crowd.people(3):
        crowd.apply(one)
    row = crowd.draw_row
    page = browser.get(path(crowd))
    assert row.secret_hash.hex() in page.words
    assert "the lottery of 26 November" in page.words
    assert "Find your line" not in page.words
    crowd.close()
    page = browser.get(path(crowd))
    assert crowd.draw_row.list_hash.hex() in page.words
    assert "public number is awaited" in page.words
    crowd.number("7 12 13")
    crowd.give()
    page = browser.get(path(crowd))
    for told in ("7 12 13", crowd.draw_row.seed.hex(), "The places are drawn"):
        assert told in page.words


def test_a_line_is_found_by_typing_it(crowd: Crowd, browser: Browser) -> None:
    lines = [crowd.apply(one) for one in crowd.people(70)]
    finish(crowd)
    order = crowd.document()["order"]
    assert sorted(order) == sorted(lines)
    last = browser.get(path(crowd, f"?line={shown_line(order[-1]).lower()}"))
    assert shown_line(order[-1]) in last.words
    assert shown_line(order[0]) not in last.words
    assert "found" in last.words
    assert "Lines 51 to 70 of 70" in last.words
    assert path(crowd, "?from=0#list") in last.links
    assert path(crowd, "?from=50#list") in browser.get(path(crowd)).links
    none = browser.get(path(crowd, "?line=AAAA-BBBB-CCCC"))
    assert "The list has no such line" in none.words
    for odd in ("?from=-5", "?from=99999999999999999999", "?line=%00", "?from=%D9%A3", "?line=" + "x" * 5000):
        assert browser.get(path(crowd, odd)).status == 200


def test_the_winner_is_led_to_the_reservation(crowd: Crowd, visitor: Visitor, browser: Browser) -> None:
    visitor.log_in()
    apply(crowd, browser)
    finish(crowd)
    browser.post("/en/log-in", {"email": "anna.nowak@example.org", "password": PASSWORD})
    page = browser.get(path(crowd))
    (row,) = visitor.reservations()
    assert f"/en/reservations/{row.id}" in page.links
    shown = browser.get(f"/en/reservations/{row.id}")
    assert (shown.status, shown.heading) == (200, "Your visit is booked")


def test_what_is_downloaded_computes_the_draw_again(crowd: Crowd, browser: Browser, tmp_path: Path) -> None:
    for one in crowd.people(PLACES + 5):
        crowd.apply(one)
    finish(crowd)
    page = browser.get(path(crowd))
    assert "/en/draws/draw.py" in page.links
    for name, address in (("draw.py", "/en/draws/draw.py"), ("draw.json", path(crowd, "/draw.json"))):
        (tmp_path / name).write_bytes(browser.get(address).response.data)
    said = json.loads((tmp_path / "draw.json").read_text())
    command = [sys.executable, "-I", "draw.py", "draw.json", said["secret_hash"], said["list_hash"]]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout.strip()) == (0, f"OK: {PLACES + 5} lines, {PLACES} places")


def test_there_is_a_page_in_every_language_and_none_of_another_draw(crowd: Crowd, browser: Browser) -> None:
    crowd.apply(crowd.people(1)[0])
    finish(crowd)
    for language in LANGUAGES:
        page = browser.get(f"/{language}/draws/{crowd.draw_row.public_id}")
        assert (page.status, page.html.problems) == (200, [])
    for missing in ("/en/draws/0", "/en/draws/0/draw.json"):
        assert browser.get(missing).status == 404


def test_the_pages_of_the_form_are_whole(crowd: Crowd, visitor: Visitor, browser: Browser) -> None:
    visitor.log_in()
    form = browser.get(path(crowd, "/apply"))
    assert form.html.problems == []
    ids = [each["id"] for _, each in form.html.elements if "id" in each]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in form.html.named("label")}
    fields = [
        each for each in form.html.named("select") + form.html.named("input") if each.get("type") != "hidden"
    ]
    assert {each["id"] for each in fields} <= labelled
