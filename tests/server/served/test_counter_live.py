"""A counter in Chromium hears the stream: what happens in the hall is seen without waiting for the next look."""

from __future__ import annotations

import time
from statistics import median

from playwright.sync_api import Page, Route

from tests.server.portal.chromium import chromium
from tests.server.sample_office import PASSWORD
from tests.server.served.conftest import Served
from tests.server.staff.people import People
from tests.server.staff.queue.web_counter import COUNTER, code_for
from wire.vocabulary import Role

# Less than the ten seconds after which the page looks at everything anew by itself.
PATIENCE = 8_000


def nothing_new(route: Route) -> None:
    """Answer a look of the clock's as if nothing had happened: what is seen came by the stream."""
    if "seen=" in route.request.url:
        route.fulfill(status=204)
    else:
        route.continue_()


def sit_down(served: Served, page: Page) -> None:
    People(served.office).add(Role.CLERK, login="ewa")
    page.goto(f"http://localhost:{served.port}{COUNTER}/code")
    page.fill("#code", code_for(served.office, 7))
    page.keyboard.press("Enter")
    page.fill("#login", "ewa")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#desk")


def test_a_ticket_is_seen_by_the_stream(served: Served) -> None:
    with chromium() as browser:
        page = browser.new_page()
        sit_down(served, page)
        page.wait_for_selector("body.js-enabled")
        page.route("**/counter/live*", nothing_new)
        took = []
        for _ in range(5):
            number = served.office.walk_in("P")["number"]
            began = time.monotonic()
            page.wait_for_selector(f".counter-rows strong:has-text('{number}')", timeout=PATIENCE)
            took.append(round((time.monotonic() - began) * 1000))
        print(f"seen after {took} ms, median {median(took)} ms")
        page.close()
