"""Pages that are kept: they show what is, hold nothing personal, and no packed length tells of a token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.services.queue.views.shared import SharedViews
from server.store.tables import Slot
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import CALENDAR, DAY, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice

HOURS = f"{CALENDAR}/{DAY}"
FREE, USED_UP = "24 November 2026: last place", "24 November 2026: the limit of the day is used up"
KEPT = ("/en/", "/en/book/wroclaw", CALENDAR)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule(account_required=False)
    made.open()
    return made


def test_a_page_is_made_once_for_all_who_see_the_same(visitor: Visitor, monkeypatch: Any) -> None:
    before = [visitor.browser.get(path).text for path in KEPT]
    monkeypatch.setattr("server.web.pages.render_template", _nothing_is_made)
    other = Browser(visitor.office.app, "203.0.113.80")
    assert [other.get(path).text for path in KEPT] == before
    assert other.get("/pl/").status == 500, "the control: a page that nobody saw yet has to be made"


def test_a_place_that_goes_is_gone_from_the_next_page(visitor: Visitor, browser: Browser) -> None:
    assert FREE in browser.get(CALENDAR).words
    assert "10:00" in browser.get(HOURS).words
    visitor.office.book("L", TOMORROW_TEN)
    visitor.office.wait_until_sealed()
    assert USED_UP in browser.get(CALENDAR).words
    assert "The limit of this day is used up." in browser.get(HOURS).words


def test_a_page_stays_while_only_numbers_change_that_it_does_not_tell(
    visitor: Visitor, browser: Browser, monkeypatch: Any
) -> None:
    def book_when_there_are(places: int) -> None:
        change = update(Slot).values(capacity=places)
        visitor.office.store.write(lambda session: session.execute(change) and None)
        visitor.office.book("L", TOMORROW_TEN)
        visitor.office.wait_until_sealed()

    book_when_there_are(100)
    before, hours = browser.get(CALENDAR), browser.get(HOURS)
    assert "last place" not in before.words + hours.words
    with monkeypatch.context() as patched:
        patched.setattr("server.web.pages.render_template", _nothing_is_made)
        book_when_there_are(100)
        after = [browser.get(path) for path in (CALENDAR, HOURS)]
    assert [page.status for page in after] == [200, 200]
    assert after[0].text == before.text
    book_when_there_are(4)
    assert FREE in browser.get(CALENDAR).words, "the control: the third of four has gone"
    assert "last place" in browser.get(HOURS).words


def test_a_calendar_that_is_older_than_the_places_sells_none_twice(
    visitor: Visitor, browser: Browser, monkeypatch: Any
) -> None:
    visitor.log_in()
    assert FREE in browser.get(CALENDAR).words
    monkeypatch.setattr(SharedViews, "get", _as_it_was_first({}))
    browser.get(CALENDAR)
    visitor.begin()
    visitor.fill_in()
    check = browser.get(visitor.path("check"))
    visitor.office.book("L", TOMORROW_TEN)
    assert FREE in browser.get(CALENDAR).words, "the control: this calendar is too old"
    gone = browser.submit(check, visitor.path("hold"))
    assert gone.headers["Location"].endswith("gone=slot_full")
    assert visitor.taken() == 1


def test_an_hour_is_shown_from_the_second_of_its_release(visitor: Visitor, browser: Browser) -> None:
    change = update(Slot).values(bookable_from=at("10:01"))
    visitor.office.store.write(lambda session: session.execute(change) and None)
    visitor.office.clock.set("10:00:58")
    assert FREE not in browser.get(CALENDAR).words
    visitor.office.clock.set("10:01")
    assert FREE in browser.get(CALENDAR).words


def test_what_the_office_changes_is_on_the_next_page(visitor: Visitor, browser: Browser) -> None:
    ends = {"begins": "2026-11-23T10:05", "ends": "2026-11-23T10:10"}
    texts = {path: browser.get(path).text for path in KEPT}
    visitor.office.set_policy(timed_notices=[{"text": {"en": "The lift is being mended"}} | ends])
    for path in KEPT:
        visitor.office.clock.set("10:04:59")
        assert browser.get(path).text == texts[path]
        visitor.office.clock.set("10:05")
        assert "The lift is being mended" in browser.get(path).words
        visitor.office.clock.set("10:10")
        assert browser.get(path).text == texts[path]


def test_who_is_logged_in_is_not_shown_to_others(visitor: Visitor, browser: Browser) -> None:
    guest = Browser(visitor.office.app, "203.0.113.80")
    visitor.log_in()
    for path in (*KEPT, HOURS):
        assert "Log out" in browser.get(path).words
        assert "Log out" not in guest.get(path).words
        assert "Log out" in browser.get(path).words


def test_own_visits_and_a_told_sentence_stay_on_ones_own_page(visitor: Visitor, browser: Browser) -> None:
    other = Visitor(visitor.office, Browser(visitor.office.app, "203.0.113.80"))
    visitor.open(TOMORROW_TEN + timedelta(days=1))
    visitor.rule()
    visitor.log_in()
    visitor.booked()
    other.log_in("jan@example.org")
    assert "You have a visit for this service already" in browser.get(CALENDAR).words
    assert "You have a visit for this service already" not in other.browser.get(CALENDAR).words
    gone = browser.post("/en/log-out")
    told = browser.follow(gone)
    assert "Done" in told.words
    for page in (browser.get(told_at := gone.headers["Location"]), other.browser.get(told_at)):
        assert "Done" not in page.words


def test_each_visitor_has_a_token_of_their_own_on_the_kept_page_of_hours(visitor: Visitor) -> None:
    browsers = [visitor.browser, Browser(visitor.office.app, "203.0.113.80")]
    pages = [each.get(HOURS) for each in browsers]
    tokens = [page.fields["csrf_token"] for page in pages]
    assert pages[0].text.replace(tokens[0], tokens[1]) == pages[1].text
    chosen = {"hour": f"{TOMORROW_TEN:%Y-%m-%dT%H:%MZ}"}
    assert [each.submit(page, HOURS, chosen).status for each, page in zip(browsers, pages, strict=True)] == [
        303,
        303,
    ]
    assert browsers[0].submit(pages[1], HOURS, chosen).status == 400


def test_a_guest_asks_whether_a_page_is_still_the_same(visitor: Visitor, browser: Browser) -> None:
    for path in KEPT:
        page = browser.get(path)
        assert page.headers["Cache-Control"] == "private, no-cache"
        again = browser.get(path, If_None_Match=page.headers["ETag"])
        assert (again.status, again.response.data) == (304, b"")
        packed = browser.get(path, If_None_Match=page.headers["ETag"], Accept_Encoding="gzip")
        assert packed.status == 304
    etag = browser.get(CALENDAR).headers["ETag"]
    visitor.office.book("L", TOMORROW_TEN)
    visitor.office.wait_until_sealed()
    assert browser.get(CALENDAR, If_None_Match=etag).status == 200


def test_what_is_not_everybodys_is_kept_by_no_browser(visitor: Visitor, browser: Browser) -> None:
    visitor_pages: list[Page] = [browser.get(HOURS)]
    visitor.log_in()
    visitor_pages += [browser.get(path) for path in (*KEPT, HOURS)]
    for page in visitor_pages:
        assert page.headers["Cache-Control"] == "no-store"
        assert "ETag" not in page.headers


def _nothing_is_made(*_: Any, **__: Any) -> str:
    raise AssertionError("made again")


def _as_it_was_first(kept: dict[Any, Any]) -> Any:
    def get(_self: Any, _session: Any, _context: Any, key: Any, make: Any, **_: Any) -> Any:
        return kept.setdefault(key, kept.get(key) or make())

    return get
