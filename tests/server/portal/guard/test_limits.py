"""Limits follow a browser's session first, then the block of addresses that hundreds of people may share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.test import EnvironBuilder

from server.portal.guard import request_counts
from server.store.tables import Reservation
from tests.server.movable_clock import MovableClock, at
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import SampleOffice
from tests.server.services.release.crowd import Crowd
from wire.settings import PortalSettings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CARRIER, ELSEWHERE = "198.51.100", "203.0.113.9"
ROOM, CALENDAR = "/en/book/wroclaw/P/waiting-room", "/en/book/wroclaw/P"
LIGHT, LIGHTLY = "/robots.txt", "tests.lightly"
PEOPLE = 2_000
# What one asks for within the ten minutes: looks at the waiting room, then the pages of a booking, which are
# shown and sent.
LOOKS = (ROOM,) * 10
DRAFT, OWN = "/en/book/draft/0123456789", "/en/reservations/1"
PAGES = tuple(
    path
    for page in (
        *("/en/log-in", ROOM, CALENDAR, f"{CALENDAR}/2026-11-26", f"{DRAFT}/details", f"{DRAFT}/contact"),
        *(f"{DRAFT}/check", f"{OWN}/activate", OWN, f"{OWN}/confirmation.pdf"),
    )
    for path in (page, page)
)


class OfficeTime:
    """The time by which requests are counted, moved with the office's clock."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    def time(self) -> float:
        """Return seconds since 1970."""
        return self._clock.now().timestamp()


class Light:
    """A browser that asks for something small and reads nothing of it but what the limits say."""

    def __init__(self, app: Flask, address: str = f"{CARRIER}.7", *, keeps_cookie: bool = True) -> None:
        self._app, self._keeps_cookie = app, keeps_cookie
        builder = EnvironBuilder(path=LIGHT, base_url="https://numerek.test")
        self._environ = builder.get_environ() | {"REMOTE_ADDR": address, LIGHTLY: True}
        self.headers: dict[str, str] = {}

    @property
    def cookie(self) -> str | None:
        """Return the cookie that is sent."""
        sent = self._environ.get("HTTP_COOKIE")
        return None if sent is None else str(sent)

    def ask(self, path: str = LIGHT, cookie: str | None = None) -> int:
        """Ask once for a page; return the status."""
        statuses: list[int] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            statuses.append(int(status[:3]))
            self.headers = dict(headers)

        sent = self._environ | {"PATH_INFO": path} | ({"HTTP_COOKIE": cookie} if cookie else {})
        b"".join(self._app.wsgi_app(sent, start))
        if self._keeps_cookie and "Set-Cookie" in self.headers:
            self._environ["HTTP_COOKIE"] = self.headers["Set-Cookie"].partition(";")[0]
        return statuses[0]


def answer_lightly(app: Flask) -> None:
    """Have the pages that a Light asks for counted as all are, but not made: a crowd would wait too long."""
    app.before_request(lambda: "" if LIGHTLY in request.environ else None)


@pytest.fixture(autouse=True)
def _time(office: SampleOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_counts, "time", OfficeTime(office.clock))


def a_part(part: int) -> dict[str, int]:
    """Return the limits of a block for one in so many people; a session's stay as they are."""
    real = PortalSettings()
    return {
        "newcomers_per_ten_minutes": real.newcomers_per_ten_minutes // part,
        "block_requests_per_minute": real.block_requests_per_minute // part,
    }


class Counted(Browser):
    """A browser that keeps what each of its requests was answered with."""

    def __init__(self, app: Flask, address: str) -> None:
        super().__init__(app, address)
        self.codes: Counter[int] = Counter()

    def send(self, *arguments: Any, **named: Any) -> Page:
        """Send a request and count its answer."""
        page = super().send(*arguments, **named)
        self.codes[page.status] += 1
        return page


def a_whole_visit(crowd: Crowd, browser: Counted) -> None:
    """Enter the waiting room before noon, wait for the turn and book, from the first page to the last."""
    visitor = Visitor(crowd.office, browser)
    browser.get("/en/")
    visitor.log_in()
    browser.get(CALENDAR)
    browser.post(ROOM)
    crowd.hour("12:00")
    crowd.shuffle()
    browser.get(ROOM)
    browser.get(CALENDAR)
    visitor.begin(at("10:00") + timedelta(days=3), CALENDAR)
    visitor.fill_in()
    place = browser.follow(visitor.hold()).headers["Location"]
    done = browser.post(place, {"code": visitor.code()})
    assert browser.follow(done).heading == "Your visit is booked"


@pytest.mark.parametrize("part", [20, pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_two_thousand_people_of_one_block_book_within_ten_minutes_and_nobody_is_refused(
    office: SampleOffice, portal_with: Callable[..., Flask], part: int
) -> None:
    app = portal_with(**a_part(part))
    answer_lightly(app)
    crowd = Crowd(office)
    crowd.open_daily()
    start = crowd.hour("11:55")
    people = [Light(app, f"{CARRIER}.{number % 250}") for number in range(PEOPLE // part)]
    codes = Counter(each.ask("/en/") for each in people)  # all at once, each without a cookie
    for path in LOOKS:
        office.clock.advance(seconds=20)
        codes.update(each.ask(path) for each in people)
    browser = Counted(app, f"{CARRIER}.200")
    a_whole_visit(crowd, browser)
    for path in PAGES:
        office.clock.advance(seconds=10)
        codes.update(each.ask(path) for each in people)
    assert office.clock.now() - start <= timedelta(minutes=10)
    assert codes == {200: len(people) * (1 + len(LOOKS) + len(PAGES))}
    assert browser.codes.total() <= len(LOOKS) + len(PAGES)
    assert not [code for code in browser.codes if code >= 400]
    assert [row.status for row in office.rows(Reservation)] == ["booked"]


def test_a_program_that_throws_its_cookies_away_is_refused_for_longer_each_time_and_nobody_else_is(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    app = portal_with(**a_part(50))
    person, late, far = Light(app), Light(app), Light(app, ELSEWHERE)
    thrower = Light(app, keeps_cookie=False)
    assert person.ask() == 200
    pauses = []
    for _ in range(4):
        codes: Counter[int] = Counter()
        for _ in range(60):  # a fiftieth of fifty a second, for a minute
            office.clock.advance(seconds=1)
            codes[thrower.ask()] += 1
        # What the block has, less the one that came late to the round before.
        assert codes in ({200: 49, 429: 11}, {200: 50, 429: 10})
        assert "Set-Cookie" not in thrower.headers
        assert (late.ask(), person.ask(), far.ask()) == (429, 200, 200)
        wait = int(late.headers["Retry-After"])
        pauses.append(wait // 60 + 1)
        office.clock.advance(seconds=wait - 1)
        assert (thrower.ask(), person.ask()) == (429, 200)
        office.clock.advance(seconds=1)
    assert pauses == [10, 20, 40, 40]
    assert late.ask() == 200
    office.clock.advance(hours=2)
    assert thrower.ask() == 200


def test_a_session_has_its_own_limit_and_takes_nothing_from_its_neighbours(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    app = portal_with(requests_per_minute=3, block_requests_per_minute=12)
    greedy, person, far = Light(app), Light(app), Light(app, ELSEWHERE)
    assert [greedy.ask() for _ in range(20)] == [200] * 4 + [429] * 16
    assert 1 <= int(greedy.headers["Retry-After"]) <= 60
    assert [person.ask() for _ in range(5)] == [200] * 4 + [429]
    others = [Light(app) for _ in range(5)]
    # The block's bound is reached by what was let in: four and four so far.
    assert [each.ask() for each in others] == [200] * 4 + [429]
    assert far.ask() == 200
    office.clock.advance(minutes=1)
    assert (greedy.ask(), person.ask(), others[0].ask()) == (200, 200, 200)


def test_a_forged_cookie_is_none(portal_with: Callable[..., Flask]) -> None:
    app = portal_with(newcomers_per_ten_minutes=3)
    honest, forger = Light(app), Light(app, keeps_cookie=False)
    assert honest.ask() == 200
    assert honest.cookie is not None
    name, _, value = honest.cookie.partition("=")
    number = count()
    forged = (f"{name}={next(number)}{value}" for _ in range(3))
    assert [forger.ask(cookie=each) for each in forged] == [200, 200, 429]
    assert [honest.ask() for _ in range(5)] == [200] * 5


def test_a_session_is_the_same_in_another_network_and_after_the_log_in(
    office: SampleOffice, portal_with: Callable[..., Flask]
) -> None:
    app = portal_with(newcomers_per_ten_minutes=1)
    browser = Browser(app)
    visitor = Visitor(office, browser)
    visitor.log_in()
    assert browser.get("/en/account").status == 200
    browser.post("/en/log-out")
    assert browser.get("/en/").status == 200
    assert Browser(app).get("/en/").status == 429
    stranger = Browser(app, ELSEWHERE)
    assert stranger.get("/en/").status == 200
    assert browser.from_elsewhere().get("/en/").status == 200


@pytest.mark.parametrize(
    ("near", "far"),
    [("198.51.100.250", "198.51.101.7"), ("2001:db8:1:2:9::1", "2001:db8:1:200::1")],
)
def test_newcomers_are_counted_by_block(portal_with: Callable[..., Flask], near: str, far: str) -> None:
    app = portal_with(newcomers_per_ten_minutes=1)
    first = "2001:db8:1:2::1" if ":" in near else "198.51.100.7"
    assert [Light(app, each).ask() for each in (first, near, far)] == [200, 429, 200]


def test_the_refusal_of_a_newcomer_is_a_page_in_the_language_of_the_address(
    portal_with: Callable[..., Flask],
) -> None:
    app = portal_with(newcomers_per_ten_minutes=1)
    Light(app).ask()
    page = Browser(app).get("/pl/")
    assert (page.status, page.headers["Retry-After"]) == (429, "600")
    assert page.heading == "Poczekaj chwilę"
    assert "Z Twojej przeglądarki lub sieci" in page.words
    assert "Spróbuj jeszcze raz za 10 minut" in page.words
