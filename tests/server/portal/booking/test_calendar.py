"""The calendar and the hours: what can be chosen, what is used up, and what stands before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.store.tables import Slot, WaitingRoomEntry
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import CALENDAR, DAY, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
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


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "First free: Tue, 24 November"),
        ("pl", "Pierwszy wolny termin: wt., 24 listopada"),
        ("uk", "Найближчий вільний день: вт, 24 листопада"),
        ("ru", "Ближайший свободный день: вт, 24 ноября"),
    ],
)
def test_the_lists_of_services_tell_the_first_free_day(
    visitor: Visitor, browser: Browser, language: str, told: str
) -> None:
    lists = (f"/{language}/book/wroclaw", f"/{language}/services", f"/{language}/services/wroclaw/L")
    for path in lists:
        assert told.partition(":")[0] not in browser.get(path).words, path
    visitor.open(TOMORROW_TEN, TOMORROW_TEN + timedelta(days=1))
    # Hours that were planned are no fact: the day is looked for again after some seconds.
    visitor.office.clock.advance(seconds=5)
    for path in lists:
        assert told in browser.get(path).words, path
    visitor.office.book("L", TOMORROW_TEN)
    visitor.office.wait_until_sealed()
    listed = browser.get(lists[0]).words
    assert told not in listed
    assert told.partition(":")[0] in listed


def test_a_service_that_draws_or_lets_in_by_turns_has_no_first_free_day(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(release="daily", release_at="10:00", admit_per_minute=1)
    service_id = visitor.office.service_id("L")
    visitor.office.store.write(
        lambda session: session.add(
            Slot(service_id=service_id, starts_at=TOMORROW_TEN, capacity=1, bookable_from=at("10:00"))
        )
    )
    listed = browser.get("/en/book/wroclaw").words
    assert "First free: Tue, 24 November" in listed  # nobody waits
    entry = WaitingRoomEntry(
        service_id=service_id,
        opens_at=at("10:00"),
        account_id=visitor.log_in(),
        arrived_at=at("09:50"),
        place=2,
    )
    visitor.office.store.write(lambda session: session.add(entry))
    listed = browser.get("/en/book/wroclaw").words
    assert "Places free" in listed
    assert "First free" not in listed + browser.get("/en/services").words
    visitor.rule(release="draw")
    listed = browser.get("/en/book/wroclaw").words
    assert "Places are drawn" in listed
    assert "First free" not in listed


def test_hours_stand_under_the_parts_of_the_day_that_have_some(visitor: Visitor, browser: Browser) -> None:
    hours = [TOMORROW_TEN + timedelta(minutes=after) for after in (110, 300, 290)]
    visitor.open(TOMORROW_TEN)
    page = browser.get(f"{CALENDAR}/{DAY}")
    assert _parts(page) == ["Morning (before 12:00)"]
    assert not [link for link in page.links if link.startswith("#hour")]
    visitor.open(*hours)
    page = browser.get(f"{CALENDAR}/{DAY}")
    assert _parts(page) == ["Morning (before 12:00)", "Early afternoon (12:00–15:00)", "Later (from 15:00)"]
    jumps = [link for link in page.links if link.startswith("#hour")]
    assert jumps == ["#hour", "#hour-2026-11-24T13:50Z", "#hour-2026-11-24T14:00Z"]
    ids = [each["id"] for each in page.html.named("input") if each.get("type") == "radio"]
    assert ids == ["hour", "hour-2026-11-24T10:50Z", "hour-2026-11-24T13:50Z", "hour-2026-11-24T14:00Z"]
    assert page.html.problems == []


def _parts(page: Page) -> list[str]:
    return [each.strip() for each in page.html.texts["h2"] if "1" in each]


def test_few_places_are_a_share_that_the_service_sets(visitor: Visitor, browser: Browser) -> None:
    visitor.open(capacity=4)
    for _ in range(2):
        visitor.office.book("L", TOMORROW_TEN)
    assert "few places" not in browser.get(f"{CALENDAR}/{DAY}").words
    visitor.rule(few_share=2)
    assert "few places" in browser.get(f"{CALENDAR}/{DAY}").words
    assert "Tuesday, 24 November 2026: few places" in browser.get(CALENDAR).words
