"""The notice by e-mail when places come: wished for on the calendar, written once, then gone."""

from __future__ import annotations

import pytest

from server.services.booking.wishes import tell_wishes
from server.store.tables import Message, PlaceWish
from tests.server.at_once import at_once
from tests.server.portal.booking_visitor import CALENDAR, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

WISH = f"{CALENDAR}/wish"


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule(wishes=True)
    return made


def tell(visitor: Visitor) -> int:
    runtime = visitor.office.runtime
    return tell_wishes(runtime.store, runtime.context())


def wish(visitor: Visitor, do: str = "ask", letter: str = "L") -> None:
    path = CALENDAR.removesuffix("L") + letter
    page = visitor.browser.get(path)
    assert visitor.browser.submit(page, f"{path}/wish", {"do": do}).headers["Location"] == path


def test_who_wishes_is_written_to_once_when_places_come(visitor: Visitor, browser: Browser) -> None:
    assert "Log in to be told by e-mail" in browser.get(CALENDAR).words
    visitor.log_in()
    assert "There are no free places at the moment." in browser.get(CALENDAR).words
    wish(visitor)
    assert "We will write to you once when places come." in browser.get(CALENDAR).words
    assert tell(visitor) == 0
    visitor.open()
    assert [tell(visitor), tell(visitor)] == [1, 0]
    (letter,) = visitor.office.rows(Message, Message.kind == "places")
    assert (letter.facts["service"], letter.language) == ("L", "en")
    assert visitor.letters("places") == [{"url": f"https://numerek.test{CALENDAR}"}]
    assert visitor.office.rows(PlaceWish) == []
    visitor.office.book("L", TOMORROW_TEN)
    visitor.office.clock.advance(minutes=1)
    wish(visitor)
    visitor.open(visitor.later())
    assert tell(visitor) == 1
    assert len(visitor.letters("places")) == 2


def test_a_person_has_one_wish_and_can_take_it_back(visitor: Visitor, browser: Browser) -> None:
    visitor.rule("P", wishes=True)
    visitor.log_in()
    wish(visitor)
    assert "You asked us to write about Service L." in browser.get("/en/book/wroclaw/P").words
    wish(visitor, letter="P")
    (row,) = visitor.office.rows(PlaceWish)
    assert row.service_id == visitor.office.service_id("P")
    wish(visitor, "stop", "P")
    assert visitor.office.rows(PlaceWish) == []
    wish(visitor, "stop", "P")


def test_a_service_that_offers_no_notice_takes_no_wish(visitor: Visitor, browser: Browser) -> None:
    visitor.rule()
    visitor.log_in()
    page = browser.get(CALENDAR)
    assert "There are no free places" in page.words
    assert "Write to me" not in page.words
    assert browser.submit(browser.get("/en/log-out"), WISH, {"do": "ask"}).status == 409
    assert visitor.office.rows(PlaceWish) == []


def test_a_wish_needs_a_log_in(visitor: Visitor, browser: Browser) -> None:
    page = browser.get("/en/log-in")
    answer = browser.submit(page, WISH, {"do": "ask"})
    assert answer.headers["Location"] == f"/en/log-in?next={CALENDAR}"


def test_many_servers_that_tell_at_once_write_one_letter_each(visitor: Visitor) -> None:
    for number in range(5):
        visitor.log_in(f"person{number}@example.org")
        wish(visitor)
        visitor.browser.post("/en/log-out")
    visitor.open()
    assert sum(at_once(4, lambda _: tell(visitor))) == 5
    assert len(visitor.letters("places")) == 5
    assert visitor.office.rows(PlaceWish) == []
