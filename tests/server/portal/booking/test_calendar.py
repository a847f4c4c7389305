"""The calendar and the hours: what can be chosen, what is used up, and what stands before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.store.tables import Slot
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import CALENDAR, DAY, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

_HOURS = {"hours": "08:00-16:00", "every_minutes": 30}
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    return made


def test_the_only_branch_is_gone_through_and_an_unknown_one_is_not_there(
    visitor: Visitor, browser: Browser
) -> None:
    assert browser.get("/en/book").headers["Location"] == "/en/book/wroclaw"
    visitor.office.set_policy("P", branch="legnica", booking={"slots": [{"days": ["mon"]} | _HOURS]})
    assert "/en/book/legnica" in browser.get("/en/book").links
    for path in ("/en/book/nowhere", "/en/book/wroclaw/X", f"{CALENDAR}/tomorrow", f"{CALENDAR}/2026-13-01"):
        assert browser.get(path).status == 404, path


def test_a_day_with_places_is_a_link_and_one_without_says_why_it_is_none(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.open()
    page = browser.get(CALENDAR)
    assert f"{CALENDAR}/{DAY}" in page.links
    assert "Tuesday, 24 November 2026: last place" in page.words
    assert "Wednesday, 25 November 2026: no visits" in page.words
    assert "Monday, 23 November 2026: no visits (today)" in page.words
    assert f"{CALENDAR}/2026-11-25" not in page.links
    for language, name in (("pl", "listopad 2026"), ("uk", "листопад 2026"), ("ru", "ноябрь 2026")):
        assert name in browser.get(CALENDAR.replace("/en/", f"/{language}/")).words.casefold()


def test_a_day_whose_limit_is_used_up_says_so_and_offers_the_next_days(
    visitor: Visitor, browser: Browser
) -> None:
    later = TOMORROW_TEN + timedelta(days=2)
    visitor.open(TOMORROW_TEN, later)
    visitor.office.book("L", TOMORROW_TEN)
    assert "Tuesday, 24 November 2026: the limit of the day is used up" in browser.get(CALENDAR).words
    page = browser.get(f"{CALENDAR}/{DAY}")
    assert "The limit of this day is used up." in page.words
    assert f"{CALENDAR}/2026-11-26" in page.links
    assert "There are no visits on this day." in browser.get(f"{CALENDAR}/2026-11-28").words


def test_no_hour_chosen_is_a_mistake_that_the_summary_leads_to(visitor: Visitor, browser: Browser) -> None:
    visitor.open()
    page = browser.post(f"{CALENDAR}/{DAY}", {})
    assert (page.status, page.mistakes) == (422, ["Choose an hour"])
    assert page.title.startswith("Error: ")
    assert 'href="#hour"' in page.text
    assert 'id="hour"' in page.text
    for forged in ("2026-11-24T09:00", "now", "2026-11-24T09:00Z; DROP TABLE", "\0"):
        assert browser.post(f"{CALENDAR}/{DAY}", {"hour": forged}).status == 422, forged


def test_who_is_not_logged_in_chooses_logs_in_and_finds_the_choice_again(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.open()
    page = visitor.begin()
    assert page.headers["Location"].startswith("/en/log-in?next=")
    there = f"{CALENDAR}/{DAY}?hour=2026-11-24T09:00Z"
    visitor.log_in()
    again = browser.get(there)
    (radio,) = (each for each in again.html.named("input") if each.get("type") == "radio")
    assert "checked" in radio


def test_a_service_that_is_not_online_any_more_says_so_on_every_page(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.log_in()
    visitor.open()
    visitor.begin()
    visitor.office.set_policy(phone="+48 71 340 00 00")
    visitor.office.set_policy("L", booking={})
    for path in (CALENDAR, f"{CALENDAR}/{DAY}", visitor.path("details"), visitor.path("check")):
        page = browser.get(path)
        assert page.status == 404, path
        assert "cannot be booked here now" in page.words
        assert "tel:+48713400000" in page.links
    assert "can be booked here at the moment" in browser.get("/en/book/wroclaw").words


def test_places_that_are_released_daily_are_waited_for_in_the_waiting_room(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(release="daily", release_at="12:00")
    service_id = visitor.office.service_id("L")
    visitor.office.store.write(
        lambda session: session.add(
            Slot(service_id=service_id, starts_at=TOMORROW_TEN, capacity=1, bookable_from=at("12:00"))
        )
    )
    page = browser.get(CALENDAR)
    assert "The next places are released on Monday, 23 November 2026, 12:00." in page.words
    assert "/en/book/wroclaw/L/waiting-room" in page.links
    assert browser.get(f"{CALENDAR}/{DAY}").headers["Location"] == CALENDAR


def test_places_that_are_drawn_lead_to_the_draw(visitor: Visitor, browser: Browser) -> None:
    visitor.rule(release="draw")
    page = browser.get(CALENDAR)
    assert "Places are drawn" in page.words
    assert not [link for link in page.links if DAY in link]
