"""Draws on the pages, without scripts: apply, withdraw, find one's line, compute the draw again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from server.domain.release.draw import shown_line
from server.services.guard.refusals import write_refusals
from server.store.tables import Application
from server.texts import LANGUAGES
from tests.server.portal.browser import Browser, Page
from tests.server.portal.release.applicant import STEPS, Applicant
from tests.server.sample_office import PASSWORD, SampleOffice
from tests.server.services.release.crowd import PLACES, Crowd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    made = Crowd(office)
    made.open_draw(number={"en": "the lottery of 26 November", "pl": "lotto z 26 listopada"})
    return made


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Applicant:
    return Applicant(office, browser)


def path(crowd: Crowd, more: str = "") -> str:
    return f"/en/draws/{crowd.draw_row.public_id}{more}"


def apply(crowd: Crowd, visitor: Applicant, **changed: Any) -> Page:
    return visitor.apply(crowd.draw_row.public_id, **changed)


def finish(crowd: Crowd) -> None:
    crowd.close()
    crowd.number("7 12 13")
    crowd.give()


def test_somebody_applies_page_by_page_and_sees_the_entry_number(
    crowd: Crowd, visitor: Applicant, browser: Browser
) -> None:
    visitor.log_in()
    before = browser.get(path(crowd))
    assert "0 people take part" in before.words
    first = visitor.begin_entry(crowd.draw_row.public_id)
    assert first.headers["Location"] == visitor.path("details")
    check = visitor.answer(first)
    for told in ("Оксана Шевченко", "Thursday, 3 December 2026, morning", "any day", "oksana@example.org"):
        assert told in check.words, told
    assert crowd.office.rows(Application) == []
    shown = browser.follow(visitor.send_entry())
    row = visitor.office.one(Application)
    assert row.preferences == ["2026-12-03 00:00-12:00", "any"]
    assert row.language == "uk"
    for told in (
        "a message with your entry number",
        f"Your entry number: {shown_line(row.public_id)}",
        "Thursday, 3 December 2026, morning",
        "1 person takes part",
        "You can change or withdraw it until 26 November 2026, 08:00 (Thursday).",
    ):
        assert told in shown.words, told


def test_each_page_asks_one_thing_and_none_is_skipped(
    crowd: Crowd, visitor: Applicant, browser: Browser
) -> None:
    crowd.open_draw(most_children=2, ask_legal_stay=True)
    visitor.log_in()
    page = visitor.begin_entry(crowd.draw_row.public_id)
    assert browser.get(visitor.path("stay")).headers["Location"] == visitor.path("details")
    typed = STEPS | {"stay": {"legal_stay": "ukraine"}}
    for number, step in enumerate(("details", "children", "contact", "wishes", "stay"), 1):
        assert page.headers["Location"] == visitor.path(step)
        shown = browser.get(visitor.path(step))
        assert shown.heading.startswith(f"Step {number} of 6 ")
        assert "Draw of places from 3 December 2026 to 9 December 2026" in shown.words
        page = visitor.send(step, **typed[step])
    assert page.headers["Location"] == visitor.path("check")
    assert browser.get(visitor.path("check")).heading.startswith("Step 6 of 6 · ")
    assert browser.get(visitor.path("hour")).headers["Location"] == visitor.path("check")


def test_another_language_and_the_way_back_keep_what_was_typed(
    crowd: Crowd, visitor: Applicant, browser: Browser
) -> None:
    visitor.log_in()
    visitor.answer(visitor.begin_entry(crowd.draw_row.public_id))
    for language in LANGUAGES:
        check = browser.get(visitor.path("check").replace("/en/", f"/{language}/"))
        assert "Оксана Шевченко" in check.words
        wishes = browser.get(visitor.path("wishes").replace("/en/", f"/{language}/"))
        assert '<option value="2026-12-03" selected>' in wishes.text
        assert '<option value="00:00-12:00" selected>' in wishes.text
    assert browser.get(visitor.path("details")).fields["surname"] == "Шевченко"
    assert browser.get(visitor.path("details")).fields["document"] == "FA 123456"


def test_who_is_not_logged_in_is_sent_there_and_back(crowd: Crowd, browser: Browser) -> None:
    assert path(crowd, "/entry") in browser.get(path(crowd)).links
    sent = browser.get(path(crowd, "/entry"))
    assert sent.status in (302, 303)
    assert sent.headers["Location"].startswith("/en/log-in?next=")
    assert unquote(sent.headers["Location"]).endswith(path(crowd, "/entry"))


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
    crowd: Crowd, visitor: Applicant, changed: dict[str, Any], mistake: str
) -> None:
    visitor.log_in()
    page = apply(crowd, visitor, **changed)
    assert page.status == 422
    assert any(mistake in each for each in page.mistakes), page.mistakes
    assert page.title.startswith("Error: ")
    assert crowd.office.facts("application.made") == []
    kept = page if "document" in page.fields else visitor.browser.get(visitor.path("details"))
    assert kept.fields["document"] == "FA 123456" or "document" in changed


def test_without_a_wish_nobody_takes_part(crowd: Crowd, visitor: Applicant) -> None:
    visitor.log_in()
    none = apply(crowd, visitor, wish_1_day="", wish_2_day="")
    assert none.status == 422
    visitor.browser.send("POST", visitor.path("entry"), none.fields)
    assert crowd.office.rows(Application) == []


def test_children_come_along_where_the_service_allows_it(office: SampleOffice, visitor: Applicant) -> None:
    crowd = Crowd(office)
    crowd.open_draw(most_children=2)
    visitor.log_in()
    wrong = apply(crowd, visitor, name="Іван", birth_year="1980")
    assert "Only children under 18" in wrong.mistakes[0]
    visitor.answer(visitor.send("children", name="Іван", birth_year="2019"))
    assert "Іван, 2019" in visitor.browser.get(visitor.path("check")).words
    assert visitor.send_entry().status == 303
    assert len(office.rows(Application)) == 1


def test_a_wish_behind_the_legal_stay_is_warned_of_as_a_booking_is(crowd: Crowd, visitor: Applicant) -> None:
    crowd.open_draw(ask_legal_stay=True)
    visitor.log_in()
    stay = {"legal_stay": "until", "legal_stay_until": ["2", "12", "2026"]}
    warned = visitor.answer(visitor.begin_entry(crowd.draw_row.public_id), **stay)
    assert "Your legal stay ends on 2 December 2026, before this visit." in warned.words
    assert visitor.path("wishes") in warned.links
    in_time = {**stay, "legal_stay_until": ["3", "12", "2026"]}
    visitor.send("stay", **in_time)
    assert "before this visit" in visitor.browser.get(visitor.path("check")).words  # "any day" may be the 9th
    visitor.send("wishes", **STEPS["wishes"] | {"wish_2_day": ""})
    assert "before this visit" not in visitor.browser.get(visitor.path("check")).words
    assert visitor.send_entry().status == 303


def test_without_an_end_date_no_wish_is_warned_of(crowd: Crowd, visitor: Applicant) -> None:
    crowd.open_draw(ask_legal_stay=True)
    visitor.log_in()
    check = visitor.answer(visitor.begin_entry(crowd.draw_row.public_id), legal_stay="ukraine")
    assert "legal stay end" not in check.words
    assert visitor.send_entry().status == 303


def test_a_person_who_takes_part_is_refused_in_words(crowd: Crowd, visitor: Applicant) -> None:
    visitor.log_in()
    apply(crowd, visitor)
    other = Applicant(visitor.office, Browser(visitor.office.app))
    other.log_in("other@example.org")
    sent = apply(crowd, other, email="other@example.org")
    assert other.browser.follow(sent).heading.endswith("This person takes part already")
    assert len(visitor.office.rows(Application)) == 1
    write_refusals(crowd.office.store, crowd.context)
    assert crowd.office.facts("booking.refused")[-1].data["reason"] == "already_applied"


def test_each_state_shows_its_numbers(crowd: Crowd, browser: Browser) -> None:
    for one in crowd.people(3):
        crowd.apply(one)
    row = crowd.draw_row
    page = browser.get(path(crowd))
    assert row.secret_hash.hex() in page.words
    assert "the lottery of 26 November" in page.words
    assert "Find your entry" not in page.words
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
    assert "Entries 51 to 70 of 70" in last.words
    assert path(crowd, "?from=0#list") in last.links
    assert path(crowd, "?from=50#list") in browser.get(path(crowd)).links
    none = browser.get(path(crowd, "?line=AAAA-BBBB-CCCC"))
    assert "The list has no such entry number" in none.words
    for odd in ("?from=-5", "?from=99999999999999999999", "?line=%00", "?from=%D9%A3", "?line=" + "x" * 5000):
        assert browser.get(path(crowd, odd)).status == 200


def test_the_winner_is_led_to_the_reservation(crowd: Crowd, visitor: Applicant, browser: Browser) -> None:
    visitor.log_in()
    apply(crowd, visitor)
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
    assert (ran.returncode, ran.stdout.strip()) == (0, f"OK: {PLACES + 5} entries, {PLACES} places")


def test_there_is_a_page_in_every_language_and_none_of_another_draw(crowd: Crowd, browser: Browser) -> None:
    crowd.apply(crowd.people(1)[0])
    finish(crowd)
    for language in LANGUAGES:
        page = browser.get(f"/{language}/draws/{crowd.draw_row.public_id}")
        assert (page.status, page.html.problems) == (200, [])
    for missing in ("/en/draws/0", "/en/draws/0/draw.json"):
        assert browser.get(missing).status == 404


@pytest.mark.parametrize("step", ["wishes", "check"])
def test_the_pages_of_the_form_are_whole(
    crowd: Crowd, visitor: Applicant, browser: Browser, step: str
) -> None:
    visitor.log_in()
    visitor.answer(visitor.begin_entry(crowd.draw_row.public_id))
    form = browser.get(visitor.path(step))
    assert form.html.problems == []
    ids = [each["id"] for _, each in form.html.elements if "id" in each]
    assert len(ids) == len(set(ids))
    labelled = {each["for"] for each in form.html.named("label")}
    fields = [
        each for each in form.html.named("select") + form.html.named("input") if each.get("type") != "hidden"
    ]
    assert {each["id"] for each in fields} <= labelled
