"""The phone page in a browser: open to everybody in each state, and live beside a real server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from server.http.asgi import Limits
from tests.server.portal.chromium import chromium, complaints, served, too_wide
from tests.server.sample_office import KEYS, SampleOffice
from tests.server.served.conftest import Served

EIGHT = ["pl", "en", "uk", "ru", "be", "vi", "ar", "ka"]
BODIES = {"call": {"reason": "other"}, "finish": {"outcome": "served"}}
PICTURES = os.environ.get("NUMEREK_PICTURES")


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    """Give a browser."""
    with chromium() as started:
        yield started


def scene(office: SampleOffice, language: str) -> dict[str, str]:
    """Give the address of a ticket in each state."""
    clerk = office.clerk(7)

    def ticket(*steps: str) -> str:
        made = office.walk_in("P", language=language)
        for step in steps:
            clerk.post(f"/tickets/{made['id']}/{step}", BODIES.get(step))
        return f"/t/{KEYS.track_token(made['id'])}"

    ticket("call", "start", "finish")
    found = {
        "served": ticket("call", "start", "finish"),
        "missed": ticket("call", "recall", "recall", "no-show"),
        "parked": ticket("call", "park"),
        "withdrawn": ticket("call", "withdraw"),
        "called": ticket("call"),
        "waiting": ticket(),
        "unknown": "/t/1-nothing",
    }
    paused = ticket()
    office.door().raw("POST", f"/{paused}/pause", b"")
    return found | {"paused": paused, "why": paused + "/why", "leave": found["waiting"] + "/leave"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", EIGHT)
def test_every_state_is_open_to_everybody_at_320_pixels(
    browser: Chromium, one_office: SampleOffice, language: str
) -> None:
    one_office.set_policy(feedback=True, languages=EIGHT)
    wrong: list[Any] = []
    with served(one_office.app) as at:
        context = browser.new_context(viewport={"width": 320, "height": 700})
        page = context.new_page()
        for state, address in scene(one_office, language).items():
            page.goto(at + address)
            wrong += [f"{state}: {wide} px too wide" for wide in [too_wide(page)] if wide > 0]
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/{language}_{state}.png", full_page=True)
            wrong += [f"{state}: {each}" for each in complaints(page)]
        context.close()
    assert wrong == []


@pytest.fixture
def running() -> Iterator[Callable[[SampleOffice], str]]:
    """Serve an office as it is served in earnest, streams and all; give its address."""
    started: list[Served] = []

    def start(office: SampleOffice) -> str:
        started.append(Served(office, Limits()))
        started[0].wait()
        return f"http://127.0.0.1:{started[0].port}"

    yield start
    for each in started:
        each.stop()


def said(page: Page) -> str:
    """Return what the state says."""
    return page.locator(".state").first.inner_text()


def comes(page: Page, what: str) -> bool:
    """Wait some seconds for something to be so; the page itself lets nobody evaluate a text."""
    for _ in range(60):
        if page.evaluate(what):
            return True
        page.wait_for_timeout(50)
    return False


@pytest.mark.timeout(120)
def test_a_call_reaches_the_open_page_by_its_stream_and_rings(
    browser: Chromium, one_office: SampleOffice, running: Callable[[SampleOffice], str]
) -> None:
    at = running(one_office)
    ticket = one_office.walk_in("P", language="en")["id"]
    clerk = one_office.clerk(7)
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script("navigator.vibrate = (how) => { window.shaken = how }")
    with page.expect_response(lambda answer: answer.url.endswith("/state")):  # asked for as its stream opened
        page.goto(f"{at}/t/{KEYS.track_token(ticket)}")
    page.click("#ring")
    assert page.get_attribute("#ring", "aria-pressed") == "true"
    assert said(page) == "You are waiting to be called"
    clerk.post("/counters/7/call-next")
    page.wait_for_selector(".state.called:has-text('Counter 7')", timeout=3000)
    assert comes(page, "Boolean(window.shaken) && document.title.startsWith('●')")
    assert page.inner_text("#aloud") == "Please come now · Counter 7"
    page.keyboard.press("Shift")
    assert not page.title().startswith("●")
    clerk.post(f"/tickets/{ticket}/start")
    page.wait_for_selector(".state.serving", timeout=3000)
    assert "renews itself" in page.inner_text("main")
    clerk.post(f"/tickets/{ticket}/finish", {"outcome": "served"})
    page.wait_for_selector("#renews", state="detached", timeout=3000)
    context.close()


@pytest.mark.timeout(120)
def test_a_phone_that_slept_asks_as_soon_as_it_is_looked_at(
    browser: Chromium, one_office: SampleOffice
) -> None:
    """Here there is no stream at all: behind a proxy that swallows it, the page asks."""
    ticket = one_office.walk_in("P", language="en")["id"]
    with served(one_office.app) as at:
        context = browser.new_context()
        page = context.new_page()
        page.clock.install()
        page.goto(f"{at}/t/{KEYS.track_token(ticket)}")
        one_office.clerk(7).post("/counters/7/call-next")
        page.wait_for_timeout(300)
        assert said(page) == "You are waiting to be called"
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector(".state.called:has-text('Counter 7')", timeout=3000)
        context.close()
