"""The overview of a hall in a real browser before a real server: what happens is seen at once, nothing jumps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from server.app import create_app
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.served.conftest import Served
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

_BOUND_SECONDS = 20.0
_WAITING = "document.querySelector('#waiting-{} strong')?.textContent === '{}'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def live_office(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office whose cookies a browser sends over plain HTTP."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        office.runtime = replace(office.runtime, public_url="http://127.0.0.1")
        office.app = create_app(office.runtime)
        yield office


@pytest.fixture
def live(live_office: SampleOffice, serve_office: Callable[..., Served]) -> Served:
    """Give a server before that office."""
    return serve_office(live_office)


@pytest.fixture
def page(browser: Browser, live_office: SampleOffice, live: Served) -> Iterator[Page]:
    """Give the hall of a supervisor in a browser, live."""
    colleague = People(live_office).signed_in(Role.SUPERVISOR)
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    address = f"http://127.0.0.1:{live.port}"
    cookie = colleague.cookie_named(COOKIE)
    context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": address}])
    opened = context.new_page()
    opened.goto(f"{address}/staff/at/wroclaw/hall/A")
    until(opened, "document.querySelector('#hall-sign').textContent !== ''")
    yield opened
    context.close()


def until(page: Page, what: str, seconds: float = _BOUND_SECONDS) -> None:
    """Wait until an expression holds (the page's own policy forbids Playwright's way to wait for one)."""
    over = time.monotonic() + seconds
    while not page.evaluate(what):
        assert time.monotonic() < over, what
        page.wait_for_timeout(5)


def waits(page: Page, letter: str, count: int) -> None:
    """Wait until the page says that so many wait."""
    until(page, _WAITING.format(letter, count))


def test_what_happens_is_seen_without_a_reload(live_office: SampleOffice, page: Page) -> None:
    took = []
    page.evaluate("window.stayed = true")
    for count in range(1, 6):
        live_office.clock.advance(seconds=1)
        time.sleep(0.4)  # each change by itself, as in a quiet hall
        began = time.monotonic()
        live_office.walk_in("P")
        waits(page, "P", count)
        took.append(round((time.monotonic() - began) * 1000))
    print(f"\nseen after {sorted(took)} ms")
    assert page.evaluate("window.stayed")
    assert page.locator("#hall-sign").inner_text() in ("live", "na żywo")


def test_an_open_menu_and_the_focus_stay_while_the_rest_changes(
    live_office: SampleOffice, page: Page
) -> None:
    page.locator("#counter-7-menu summary").click()
    field = page.locator("#message-7")
    field.fill("Proszę o")
    live_office.clock.advance(seconds=1)
    live_office.walk_in("P")
    waits(page, "P", 1)
    live_office.clerk(7).post("/counters/7/call-next")
    live_office.clock.advance(seconds=1)  # a reading is shared for a moment
    until(page, "document.querySelector('#counter-7-now').textContent.includes('P001')")
    assert page.locator("#counter-7-menu details").get_attribute("open") is not None
    assert field.input_value() == "Proszę o"
    assert page.evaluate("document.activeElement.id") == "message-7"


def test_what_came_during_a_burst_is_shown_in_the_end(live_office: SampleOffice, page: Page) -> None:
    for _ in range(12):
        live_office.walk_in("N")
    live_office.clock.advance(seconds=1)
    waits(page, "N", 12)


def test_a_broken_line_is_said_with_the_hour_of_the_last_news(page: Page, live: Served) -> None:
    lost = "document.querySelector('#hall-sign').classList.contains('hall-sign--lost')"
    assert not page.evaluate(lost)
    live.stop()
    until(page, lost, 40)
    assert ":" in page.locator("#hall-sign").inner_text()
