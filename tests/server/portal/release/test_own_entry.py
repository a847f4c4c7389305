"""What somebody who takes part sees and does later: under My reservations, by the letter's link, in all draws."""

from __future__ import annotations

import pytest

from server.domain.release.draw import shown_line
from server.store.tables import Application, Draft
from tests.server.portal.browser import Browser, Page
from tests.server.portal.release.applicant import STEPS, Applicant
from tests.server.sample_office import PASSWORD, SampleOffice
from tests.server.services.release.crowd import Crowd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINE = "/en/reservations"


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    made = Crowd(office)
    made.open_draw()
    return made


@pytest.fixture
def visitor(crowd: Crowd, browser: Browser) -> Applicant:
    applicant = Applicant(crowd.office, browser)
    crowd.accounts.append(applicant.log_in())
    return applicant


def path(crowd: Crowd, more: str = "") -> str:
    return f"/en/draws/{crowd.draw_row.public_id}{more}"


def decided(crowd: Crowd, visitor: Applicant) -> Page:
    """Decide the draw, and look at My reservations after it."""
    crowd.close()
    crowd.give()
    visitor.browser.post("/en/log-in", {"email": "anna.nowak@example.org", "password": PASSWORD})
    return visitor.browser.get(MINE)


def test_it_stands_under_my_reservations_with_ways_to_change_and_withdraw(
    crowd: Crowd, visitor: Applicant
) -> None:
    assert "You have no visits to come." in visitor.browser.get(MINE).words
    visitor.apply(crowd.draw_row.public_id)
    shown = visitor.browser.get(MINE)
    assert shown.html.problems == []
    for told in (
        "Draw of places from 3 December 2026 to 9 December 2026",
        f"Entry number: {shown_line(visitor.office.one(Application).public_id)}",
        "Waits for the draw",
        "You can change or withdraw it until 26 November 2026, 08:00 (Thursday).",
    ):
        assert told in shown.words, told
    assert "You have no visits to come." not in shown.words
    assert path(crowd, "/withdraw") in shown.links
    begun = visitor.browser.submit(shown, path(crowd, "/entry"))
    assert begun.headers["Location"].endswith("/check")


def test_a_change_begins_at_the_check_with_all_that_was_told(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    before = visitor.office.one(Application)
    check = visitor.browser.follow(visitor.begin_entry(crowd.draw_row.public_id))
    for told in ("Оксана Шевченко", "FA 123456", "Thursday, 3 December 2026, morning", "Save the change"):
        assert told in check.words, told
    visitor.send("wishes", **STEPS["wishes"] | {"wish_1_day": "2026-12-07"})
    saved = visitor.browser.follow(visitor.send_entry())
    assert "Your entry number stays the same." in saved.words
    assert "Monday, 7 December 2026, morning" in saved.words
    after = visitor.office.one(Application)
    assert (after.id, after.public_id) == (before.id, before.public_id)
    assert after.preferences == ["2026-12-07 00:00-12:00", "any"]
    visitor.send_entry()
    assert len(crowd.office.facts("application.changed")) == 1


def test_nobody_changes_it_for_another(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    visitor.begin_entry(crowd.draw_row.public_id)
    stranger = Applicant(visitor.office, Browser(visitor.office.app))
    stranger.log_in("other@example.org")
    stranger.draft = visitor.draft
    assert stranger.browser.get(stranger.path("check")).status == 404
    form = stranger.browser.get("/en/log-out")
    assert stranger.browser.submit(form, stranger.path("entry")).status == 404
    assert crowd.office.facts("application.changed") == []
    assert "Entry number" not in stranger.browser.get(MINE).words


def test_an_application_is_withdrawn_after_a_question_and_its_drafts_go_too(
    crowd: Crowd, visitor: Applicant
) -> None:
    visitor.apply(crowd.draw_row.public_id)
    visitor.begin_entry(crowd.draw_row.public_id)
    assert len(crowd.office.rows(Draft)) == 2
    done = visitor.browser.post(path(crowd, "/withdraw"))
    assert "You do not take part" in visitor.browser.follow(done).words
    assert crowd.office.rows(Draft) == []
    assert "0 people take part" in visitor.browser.get(path(crowd)).words
    assert visitor.browser.get(path(crowd, "/withdraw")).status == 303
    assert "Entry number" not in visitor.browser.get(MINE).words


def test_when_the_draw_closes_nothing_is_changed_any_more(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    visitor.begin_entry(crowd.draw_row.public_id)
    check = visitor.browser.get(visitor.path("check"))
    crowd.office.clock.set(crowd.draw_row.closes_at)
    visitor.browser.post("/en/log-in", {"email": "anna.nowak@example.org", "password": PASSWORD})
    sent = visitor.browser.submit(check, visitor.path("entry"))
    assert sent.status in (303, 400, 404)
    assert visitor.browser.get(visitor.path("check")).status in (303, 404)
    shown = visitor.browser.get(MINE)
    assert "Waits for the draw" in shown.words
    assert path(crowd, "/withdraw") not in shown.links
    assert crowd.office.facts("application.changed") == []


def test_a_place_that_was_won_stands_there_with_its_hour(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    shown = decided(crowd, visitor)
    (row,) = visitor.reservations()
    assert "You won a place Thursday, 3 December 2026, 08:00" in shown.words
    assert f"/en/reservations/{row.id}" in shown.links


def test_without_a_place_the_number_in_the_order_stands_there(crowd: Crowd, visitor: Applicant) -> None:
    for one in crowd.people(5):
        crowd.apply(one)
    # A Saturday, which has no hours.
    visitor.apply(crowd.draw_row.public_id, wish_1_hours="", wish_2_day="", wish_1_day="2026-12-05")
    shown = decided(crowd, visitor)
    (place,) = [row.place for row in visitor.office.rows(Application) if row.reservation_id is None]
    assert f"No place You are number {place} in the order." in shown.words


def test_the_letter_leads_through_the_log_in_to_the_application(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    away = Browser(visitor.office.app)
    door = away.get(path(crowd, "/entry"))
    back = away.post(door.headers["Location"], {"email": "anna.nowak@example.org", "password": PASSWORD})
    assert back.headers["Location"] == path(crowd, "/entry")
    page = away.follow(away.follow(back))
    assert "Change your application" in page.words


def test_all_draws_are_listed_the_open_ones_first(crowd: Crowd, visitor: Applicant) -> None:
    visitor.apply(crowd.draw_row.public_id)
    browser = Browser(visitor.office.app)
    for start in ("/en/", "/en/services"):
        assert "/en/draws" in browser.get(start).links, start
    open_now = browser.get("/en/draws")
    assert open_now.html.problems == []
    for told in (
        "Open now",
        "You can apply until 26 November 2026, 08:00 (Thursday).",
        "There are 35 places.",
    ):
        assert told in open_now.words, told
    assert "Decided" not in open_now.words
    crowd.close()
    crowd.give()
    after = browser.get("/en/draws")
    assert "No draw takes applications now." in after.words
    assert "Decided" in after.words
    for anchor in ("#list", "#again"):
        assert path(crowd, anchor) in after.links
