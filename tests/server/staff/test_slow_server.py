"""A server that does not answer at once: it is told, what was typed stays, and impatience sends nothing twice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from server.staff.application import create_staff
from server.store.tables import Integrator
from tests.server.portal.chromium import chromium, open_page, served
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role

_NEW = "/staff/office/programs/new"
_LONGEST_WAIT_MS = 20_000
_TOLD = "document.querySelector('.staff-slow[role=status]')?.textContent ?? ''"


def seen(page: Page, what: str) -> Any:
    """Look at a page that is on its way to the next one, for which the driver itself would wait."""
    line = page.context.new_cdp_session(page)
    try:
        return line.send("Runtime.evaluate", {"expression": what, "returnByValue": True})["result"]["value"]
    finally:
        line.detach()


def until(holds: Callable[[], bool]) -> None:
    for _ in range(_LONGEST_WAIT_MS // 100):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come")


class Frozen:
    """Before an application: lets every POST wait until the server thaws, and counts them."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app, self.posts, self.thawed = app, 0, threading.Event()

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            self.posts += 1
            self.thawed.wait(60)
        return self.app(environ, start)


@pytest.fixture
def frozen(office: SampleOffice, people: People) -> Iterator[tuple[Frozen, Page]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    colleague = people.signed_in(Role.ADMINISTRATOR, branch=None)
    app = create_staff(replace(office.runtime, public_url="http://127.0.0.1"))
    before = Frozen(app.wsgi_app)
    app.wsgi_app = before  # type: ignore[method-assign]
    with served(app) as at, chromium() as browser:
        context = browser.new_context(viewport={"width": 320, "height": 800}, locale="en")
        context.add_cookies([{"name": "numerek-staff", "value": colleague.cookie_named(COOKIE), "url": at}])
        page = context.new_page()
        page.set_default_timeout(_LONGEST_WAIT_MS)
        open_page(page, at + _NEW)
        try:
            yield before, page
        finally:
            before.thawed.set()
            context.close()


def test_a_slow_answer_is_told_and_pressing_again_and_again_lets_one_program_in(
    office: SampleOffice, frozen: tuple[Frozen, Page]
) -> None:
    before, page = frozen
    page.fill("[name=name]", "Aplikacja miasta")
    page.check("[name=scope_facts]")
    button = page.locator("main form [type=submit]")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.dblclick(*at)
    until(lambda: seen(page, _TOLD) != "")
    assert seen(page, "document.documentElement.scrollWidth <= window.innerWidth")
    for _ in range(3):
        page.mouse.click(*at)
    assert seen(page, "document.querySelector('[name=name]').value") == "Aplikacja miasta"
    before.thawed.set()
    page.wait_for_selector("code.access-address")
    assert before.posts == 1
    assert [each.name for each in office.rows(Integrator)].count("Aplikacja miasta") == 1


def test_who_comes_back_to_the_form_may_send_it_again(
    office: SampleOffice, frozen: tuple[Frozen, Page]
) -> None:
    before, page = frozen
    before.thawed.set()
    for name in ("One", "Two"):
        page.fill("[name=name]", name)
        page.check("[name=scope_facts]")
        page.click("main form [type=submit]")
        page.wait_for_selector("code.access-address")
        page.go_back()
        page.wait_for_selector("[name=name]")
        assert page.locator(".staff-slow").count() == 0
    assert {"One", "Two"} <= {each.name for each in office.rows(Integrator)}
    assert before.posts == 2
