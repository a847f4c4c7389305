"""The desks in a real browser: no barriers, nothing too wide, in both languages and at both widths."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.staff.application import create_staff
from server.store.tables import User
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice, sample_office
from tests.server.staff.booking.desk_pages import addresses
from tests.server.staff.people import People
from wire.vocabulary import Role

_COOKIE = "numerek-staff"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def desks(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office in which there is something on each page of the desks."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        yield office


@pytest.mark.parametrize(("language", "width"), [("pl", 1440), ("pl", 390), ("en", 1440), ("en", 390)])
def test_a_program_that_looks_for_barriers_finds_none(
    browser: Browser, desks: SampleOffice, language: str, width: int
) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    paths = addresses(desks)
    manager = People(desks).signed_in(Role.MANAGER)
    desks.store.write(lambda session: setattr(session.get(User, manager.user_id), "language", language))
    runtime = replace(desks.runtime, public_url="http://127.0.0.1", outside=outer_world())
    with served(create_staff(runtime)) as at:
        context = browser.new_context(viewport={"width": width, "height": 900})
        value = manager.cookie_named("__Secure-numerek-staff") or ""
        context.add_cookies([{"name": _COOKIE, "value": value, "url": f"{at}/staff"}])
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        for name, path in paths.items():
            answer = page.goto(at + path)
            assert answer is not None
            assert answer.status == 200, path
            assert page.locator("html").get_attribute("lang") == language
            if folder := os.environ.get("NUMEREK_PICTURES"):
                page.screenshot(path=f"{folder}/{name}-{language}-{width}.png", full_page=True)
            assert complaints(page) == [], path
            assert too_wide(page) <= 0, path
        assert said == []
        context.close()
