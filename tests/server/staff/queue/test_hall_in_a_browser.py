"""The overview of a hall and the line of a service in a real browser: no barriers, wide and narrow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.staff.application import create_staff
from server.store.tables import User
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

_HALL = "/staff/at/wroclaw/hall"

_LONG_NAMES = "document.querySelectorAll('option').forEach(each => { each.text = 'Wniosek '.repeat(12) })"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def seen_office(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office; what a page looks like does not depend on the database."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        yield office


def make_busy(office: SampleOffice) -> None:
    """Let much go wrong at once."""
    for letter in "PPPNT":
        office.walk_in(letter)
    office.walk_in("P", priority="pregnancy")
    office.arrive("L", office.clock.now().replace(minute=30))
    office.clerk(7).post("/counters/7/call-next")
    office.clerk(7).post("/counters/7/help")
    office.clerk(8).post("/counters/8/state", {"state": "paused"})
    office.kiosk.post("/devices/me/status", {"printer": "cover_open", "paper": "low"})
    office.clock.advance(minutes=25)


@pytest.mark.parametrize(("language", "width"), [("pl", 1440), ("en", 390), ("pl", 320)])
@pytest.mark.parametrize("is_busy", [False, True])
def test_no_barrier_is_found_with_every_menu_open(
    browser: Browser, seen_office: SampleOffice, language: str, width: int, is_busy: bool
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    colleague = People(seen_office).signed_in(Role.SUPERVISOR)

    def speak(session: object) -> None:
        session.get(User, colleague.user_id).language = language  # type: ignore[attr-defined]

    seen_office.store.write(speak)
    if is_busy:
        make_busy(seen_office)
    app = create_staff(replace(seen_office.runtime, public_url="http://127.0.0.1"))
    with served(app) as address:
        context = browser.new_context(viewport={"width": width, "height": 900})
        cookie = colleague.cookie_named(COOKIE)
        context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": address}])
        page = context.new_page()
        for path in (_HALL, f"{_HALL}/A/services/P", "/staff/office/branches"):
            open_page(page, f"{address}{path}")
            assert page.evaluate("document.documentElement.lang") == language
            assert too_wide(page) <= 0, path
            assert complaints(page) == [], path
            if width < 400:
                page.evaluate(_LONG_NAMES)
                assert too_wide(page) <= 0, path
        context.close()


def test_the_way_of_an_alarm_opens_the_menu_that_it_leads_to(
    browser: Browser, seen_office: SampleOffice
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    seen_office.walk_in("P")
    clerk = seen_office.clerk(7)
    ticket = clerk.post("/counters/7/call-next").get_json()["ticket"]
    clerk.post(f"/tickets/{ticket['id']}/start")
    seen_office.clock.advance(minutes=40)
    colleague = People(seen_office).signed_in(Role.SUPERVISOR)
    app = create_staff(replace(seen_office.runtime, public_url="http://127.0.0.1"))
    with served(app) as address:
        context = browser.new_context(viewport={"width": 1024, "height": 700})
        cookie = colleague.cookie_named(COOKIE)
        context.add_cookies([{"name": "numerek-staff", "value": cookie, "url": address}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        open_page(page, f"{address}{_HALL}")
        page.click("a[href='#message-7']")
        page.wait_for_function("document.activeElement.id === 'message-7'")
        page.keyboard.type("Potrzebna pomoc?")
        page.dblclick("form:has(#message-7) button")
        page.wait_for_selector(".hall-counter__serves:has-text('✉')")
        context.close()
    (message,) = clerk.get("/counters/7").get_json()["messages"]
    assert message["text"] == "Potrzebna pomoc?"
