"""The guide of the first steps in a real browser: walked in Polish, accessible and narrow enough at each step."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from server.staff.application import create_staff
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.staff.office.empty_office import EmptyOffice, empty_office

SHOTS = os.environ.get("STAFF_SHOTS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def fresh(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[EmptyOffice]:
    """Give a fresh server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with empty_office(f"sqlite:///{file}", clock, "http://127.0.0.1") as made:
        yield made


class Walk:
    """Somebody on the way through the guide, who has each page looked at."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []

    def look(self, name: str) -> None:
        """Have the page of now looked at, wide and narrow."""
        self.page.wait_for_selector("body.js-enabled")
        for width in (1440, 390):
            self.page.set_viewport_size({"width": width, "height": 900})
            if SHOTS:
                self.page.screenshot(path=f"{SHOTS}/guide-{name}-{width}.png", full_page=True)
            self.wrong += [f"{name} {width}: {each}" for each in complaints(self.page)]
            if (wide := too_wide(self.page)) > 0:
                self.wrong.append(f"{name} {width}: {wide} px too wide")
        self.page.set_viewport_size({"width": 1440, "height": 900})

    def press(self, name: str) -> None:
        """Press a button or a link, and wait for the page behind it."""
        with self.page.expect_navigation():
            self.page.locator(f"main >> text='{name}'").first.click()


def test_the_guide_is_walked_in_polish(fresh: EmptyOffice, browser: Browser) -> None:
    with served(create_staff(fresh.runtime)) as address:
        page = browser.new_context(locale="pl-PL").new_page()
        walk = Walk(page)
        open_page(page, address + fresh.first_address())
        for field, typed in {"name": "Ewa Maj", "login": "ewa", "password": "ein ganz neues Wort"}.items():
            page.fill(f"[name={field}]", typed)
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
        open_page(page, f"{address}/staff/me/app")
        secret = (page.text_content("code") or "").replace(" ", "")
        page.fill("[name=code]", pyotp.TOTP(secret).at(fresh.clock.now()))
        with page.expect_navigation():
            page.press("[name=code]", "Enter")
        open_page(page, f"{address}/staff/")
        page.fill("[name=code]", "opole")
        page.fill("[name=name]", "Urząd w Opolu")
        walk.look("branch")
        walk.press("Zapisz")

        walk.look("halls")
        page.fill("[name=name]", "Sala A")
        walk.press("Dodaj")
        walk.look("halls-there")
        walk.press("Dalej")
        page.fill("[name=letter]", "P")
        page.fill("[name='names.pl']", "Paszporty")
        walk.press("Dodaj")
        walk.look("services-there")
        walk.press("Dalej")
        walk.look("counters")
        walk.press("Dodaj")
        walk.press("Dalej")
        for day in ("mon", "tue"):
            page.fill(f"[name='opening_hours.{day}']", "08:00-15:30")
        walk.look("hours")
        walk.press("Zapisz i przejdź dalej")
        walk.look("devices")
        walk.press("Później")
        walk.look("people")
        walk.press("Później")
        walk.look("ready")
        walk.press("Dołącz biletomat")
        walk.press("Utwórz kod")
        walk.look("code")
        code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", page.inner_text("main"))
        assert code is not None
        walk.press("Sprawdź, czy dołączył")
        page.wait_for_selector(".guide-kiosk")
        kiosk = fresh.enrol(code[0])
        page.wait_for_selector(".guide-kiosk", state="detached", timeout=20_000)
        walk.look("kiosk-there")
        assert "Nikt nie może tu jeszcze wzywać klientów." in page.inner_text("main")
        assert kiosk.post("/tickets", {"service": "P", "language": "pl"}).status_code == 201
        assert walk.wrong == []
