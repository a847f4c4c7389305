"""The page behind the code of the hall: open to everybody at 320 pixels, in each language, without scripts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.sample_office import SampleOffice

EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]
PICTURES = os.environ.get("NUMEREK_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", EIGHT)
def test_a_ticket_is_taken_without_scripts_at_320_pixels(
    browser: Chromium, one_office: SampleOffice, language: str
) -> None:
    one_office.set_policy(paperless_tickets=True, languages=EIGHT)
    one_office.walk_in("N", language=language)
    code = one_office.kiosk.get("/paperless-codes").get_json()["codes"][0]["address"]
    path = str(code).removeprefix("https://numerek.test")
    wrong: list[Any] = []
    with served(one_office.app) as at:

        def look(state: str) -> None:
            wrong.extend(f"{state}: {wide} px too wide" for wide in [too_wide(page)] if wide > 0)
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{language}_{state}.png", full_page=True)
            wrong.extend(f"{state}: {each}" for each in complaints(page))

        context = browser.new_context(viewport={"width": 320, "height": 700}, locale=language)
        page = context.new_page()
        page.goto(f"{at}{path}")
        assert page.locator("html").get_attribute("lang") == language
        look("choose")
        one_office.set_policy("P", walk_in_daily_limit=0)
        page.locator('button[value="P"]').click()
        look("refused")
        one_office.set_policy("N", walk_in=False)
        one_office.set_policy("T", walk_in=False)
        page.goto(f"{at}{path}")
        look("nothing")
        page.goto(f"{at}{path[:-1]}")
        look("again")
        one_office.set_policy("T", walk_in=True)
        page.goto(f"{at}{path}")
        page.locator('button[value="T"]').click()
        page.wait_for_url("**/t/**")
        assert page.locator("html").get_attribute("lang") == language
        context.close()
    assert wrong == []
