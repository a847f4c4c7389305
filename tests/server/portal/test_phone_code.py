"""The ticket on a home screen, and its code alone: white in every mode, awake, without scripts too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from server.portal.queue.phone_page import sentences
from tests.server.portal.browser import Browser
from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.sample_office import KEYS, SampleOffice

EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


def test_a_home_screen_gets_the_page_of_this_ticket(office: SampleOffice) -> None:
    address = f"/t/{KEYS.track_token(office.walk_in('P', language='en')['id'])}"
    page = Browser(office.app).get(f"{address}?language=pl")
    link = next(each for each in page.html.named("link") if each["rel"] == "manifest")
    answer = office.door().get("/" + link["href"])
    told = answer.get_json(force=True)
    assert answer.mimetype == "application/manifest+json"
    assert (told["short_name"], told["display"], told["lang"]) == ("P001", "standalone", "pl")
    assert told["start_url"] == f"{address}?language=pl"
    for icon in told["icons"]:
        got = office.door().get("/" + icon["src"])
        assert (got.status_code, got.mimetype) == (200, icon["type"])
    assert "manifest-src 'self'" in page.headers["Content-Security-Policy"]
    assert office.door().get("//t/1-nothing/manifest.webmanifest").status_code == 404
    assert 'rel="manifest"' not in office.door().get("//t/1-nothing").text


@pytest.mark.parametrize("language", EIGHT)
def test_the_code_is_a_page_of_its_own_without_scripts(office: SampleOffice, language: str) -> None:
    office.set_policy(languages=EIGHT)
    address = f"/t/{KEYS.track_token(office.walk_in('P', language=language)['id'])}"
    assert f"{address}/code" in Browser(office.app).get(address).links
    page = Browser(office.app).get(f"{address}/code")
    assert sentences().say(language, "bright") in page.words
    assert sentences().say(language, "qr", number="P001") in page.text
    assert address in page.links
    assert 'content="only light"' in page.text
    assert office.door().get("//t/1-nothing/code").status_code == 404


@pytest.mark.timeout(120)
def test_a_dark_mode_does_not_invert_the_code_and_the_screen_stays_awake(
    browser: Chromium, one_office: SampleOffice
) -> None:
    address = f"/t/{KEYS.track_token(one_office.walk_in('P', language='en')['id'])}/code"
    with served(one_office.app) as at:
        context = browser.new_context(
            viewport={"width": 320, "height": 600}, color_scheme="dark", forced_colors="active"
        )
        page = context.new_page()
        page.add_init_script("navigator.wakeLock.request = async (what) => { window.awake = what }")
        page.goto(at + address)
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.querySelector('svg path')).fill") == "rgb(0, 0, 0)"
        assert page.evaluate("window.awake") == "screen"
        assert (complaints(page), too_wide(page)) == ([], 0)
        box = page.locator("svg").bounding_box()
        assert box is not None
        assert box["width"] > 280
        context.close()
