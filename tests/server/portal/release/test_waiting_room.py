"""The waiting room as a browser without scripts meets it: enter, see one's place, be let in."""

from __future__ import annotations

from typing import Any

import pytest

from server.store.tables import WaitingRoomEntry
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROOM = "/en/book/wroclaw/P/waiting-room"
CALENDAR = "/en/book/wroclaw/P"


@pytest.fixture
def crowd(office: SampleOffice) -> Crowd:
    made = Crowd(office)
    made.open_daily(per_minute=2)
    return made


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    return Visitor(office, browser)


def kind(page: Any) -> str:
    (found,) = [each for each in page.html.named("div") if each.get("id") == "waiting-room"]
    assert page.html.problems == []
    return str(found["data-kind"])


def test_before_the_hour_one_enters_and_waits(crowd: Crowd, visitor: Visitor, browser: Browser) -> None:
    crowd.hour("11:20")
    visitor.log_in()
    early = browser.get(ROOM)
    assert kind(early) == "open"
    assert "The waiting room opens on Monday, 23 November 2026, 11:30" in early.words
    crowd.hour("11:40")
    assert kind(browser.get(ROOM)) == "enter_before"
    done = browser.post(ROOM)
    assert (done.status, done.headers["Location"]) == (303, ROOM)
    inside = browser.follow(done)
    assert kind(inside) == "in_before"
    assert "At 12:00 everybody who is here gets a random place in the queue" in inside.words
    browser.post(ROOM)
    assert len(crowd.office.rows(WaitingRoomEntry)) == 1


def test_at_the_hour_everybody_sees_a_place_and_is_let_in(
    crowd: Crowd, visitor: Visitor, browser: Browser
) -> None:
    crowd.hour("11:59")
    mine = visitor.log_in()
    crowd.accounts.append(mine)
    browser.post(ROOM)
    for one in crowd.people(9):
        crowd.enter(one)
    crowd.hour("12:00")
    assert kind(browser.get(ROOM)) == "shuffled"
    crowd.shuffle()
    place = crowd.office.one(WaitingRoomEntry, WaitingRoomEntry.account_id == mine).place
    page = browser.get(ROOM)
    assert kind(page) == ("turn" if place == 1 else "waits")
    if place > 1:
        assert f"Your place in the queue {place}" in page.words
        assert CALENDAR not in page.links or browser.get(CALENDAR).heading
        minutes, half = divmod(place - 1, 2)
        crowd.hour(f"12:{minutes:02}:{30 * half:02}")
    turn = browser.get(ROOM)
    assert kind(turn) in ("turn", "open")
    assert CALENDAR in turn.links


def test_who_comes_late_stands_behind_and_a_missed_turn_is_told(
    crowd: Crowd, visitor: Visitor, browser: Browser
) -> None:
    crowd.hour("11:59")
    crowd.accounts.append(visitor.log_in())
    for one in crowd.people(40):
        crowd.enter(one)
    crowd.hour("12:00")
    assert kind(browser.get(ROOM)) == "enter_late"
    assert "/waiting-room" in " ".join(browser.get(CALENDAR).links)
    browser.post(ROOM)
    page = browser.get(ROOM)
    assert "Your place in the queue 41" in page.words
    assert "12:20" in page.words
    crowd.hour("12:19:59")
    assert kind(browser.get(ROOM)) == "waits"
    crowd.hour("12:21")
    assert kind(browser.get(ROOM)) == "open"


def test_who_is_not_logged_in_is_sent_to_do_so(crowd: Crowd, browser: Browser) -> None:
    crowd.hour("11:40")
    page = browser.get(ROOM)
    assert "Log in first" in page.words
    sent = browser.post(ROOM)
    assert sent.headers["Location"].startswith("/en/log-in?next=")
    assert crowd.office.rows(WaitingRoomEntry) == []


def test_a_service_without_a_daily_release_has_no_waiting_room(crowd: Crowd, browser: Browser) -> None:
    assert browser.get("/en/book/wroclaw/L/waiting-room").status == 404
