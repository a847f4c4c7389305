"""The pages in a real browser: accessible and narrow enough in every language, with scripts and without."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from server.portal.application import create_portal
from server.services.booking.slots.planning import plan_slots
from server.texts import LANGUAGES
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.portal.rich_services import tell_everything
from tests.server.sample_office import SampleOffice, sample_office

_PAGES = ("/", "/services", "/services/wroclaw/P", "/services/wroclaw/K", "/terms", "/privacy")
_MORE = (
    "/accessibility",
    "/contact",
    "/country",
    "/terms/send",
    "/nothing",
    "/account/new",
    "/log-in",
    "/book",
    "/book/wroclaw/P",
)
# In how many lines the word stands, in columns of growing width.
_LINES_OF_MAIL = """said => Array.from({length: 100}, (_, more) => {
  const column = document.querySelector('main').appendChild(document.createElement('p'));
  column.style.width = `${60 + 3 * more}px`;
  column.textContent = said;
  const word = document.createRange(), at = said.indexOf('e-');
  word.setStart(column.firstChild, at);
  word.setEnd(column.firstChild, said.indexOf('mail') + 4);
  return new Set(Array.from(word.getClientRects()).map(each => each.top)).size;
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def told_office(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[SampleOffice]:
    """Give an office that tells everything; what a page looks like does not depend on the database."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        tell_everything(office)
        plan_slots(office.store, office.runtime.context(), None)
        yield office


@pytest.fixture
def address(told_office: SampleOffice) -> Iterator[str]:
    """Give the address at which the pages of that office are served."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    runtime = replace(told_office.runtime, public_url="http://127.0.0.1", outside=outer_world())
    with served(create_portal(runtime)) as at:
        yield at


@pytest.mark.parametrize(
    ("language", "width"), [(language, (320, 1280)[place % 2]) for place, language in enumerate(LANGUAGES)]
)
def test_a_program_that_looks_for_barriers_finds_none(
    browser: Browser, address: str, language: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    said: list[str] = []
    folded = 0
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for path in (*_PAGES, *_MORE):
        open_page(page, f"{address}/{language}{path}")
        assert complaints(page) == [], path
        folded += page.locator("details[open]").count()
        page.set_viewport_size({"width": 320, "height": 800})
        assert too_wide(page) <= 0, path
        page.set_viewport_size({"width": width, "height": 800})
    context.close()
    assert folded > 0
    # A page that is not there says so; nothing else, no policy above all, was broken.
    assert [each for each in said if "404" not in each] == []


def test_the_longest_day_wraps_on_the_smallest_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 800})
    open_page(page, f"{address}/ru/book/wroclaw/P")
    day = page.locator(".booking-next").first
    day.evaluate("each => { each.textContent = 'понедельник, 28 сентября 2026\u202fг.' }")
    edge = "each => each.parentElement.getBoundingClientRect().right - each.getBoundingClientRect().right"
    assert day.evaluate(edge) >= 0
    day.evaluate("each => { each.style.whiteSpace = 'nowrap' }")
    assert day.evaluate(edge) < 0, "a control: in one line it is too long"
    page.close()


def test_no_line_ends_within_e_mail(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 600, "height": 800})
    open_page(page, f"{address}/pl/")
    text = page.get_by_text("Potrzebujesz adresu").text_content()
    assert text is not None
    for said, is_whole in ((text, True), (text.replace("\N{WORD JOINER}", ""), False)):
        lines = page.evaluate(_LINES_OF_MAIL, said)
        assert (max(lines) == 1) == is_whole, "the control: without its joiner the word is broken"
    page.close()


def test_control_barriers_are_found(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>Visit</title><main><h1>Visit</h1><img src='data:,'>"
        "<p style='color: #bbb'>pale<p style='color: #bbb'>as pale</main></html>"
    )
    found = dict(each.split(": ", 1) for each in complaints(page))
    assert found == {"image-alt": '<img src="data:,">', "color-contrast": '<p style="color: #bbb">pale</p>'}
    page.close()


def test_a_mistake_is_summed_up_and_has_the_focus(browser: Browser, address: str) -> None:
    page = browser.new_page()
    open_page(page, f"{address}/en/terms/send")
    page.fill("#email", "nobody")
    page.click("text=Send >> nth=-1")
    page.wait_for_selector(".govuk-error-summary")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
    assert complaints(page) == []
    page.click(".govuk-error-summary a")
    assert page.evaluate("document.activeElement.id") == "email"
    page.close()


def test_the_whole_foot_works_with_scripts_and_nothing_dead_is_shown_without(
    browser: Browser, address: str
) -> None:
    page = browser.new_page()
    open_page(page, f"{address}/en/terms")
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.click("text=Print")
    assert page.title() == "printed"
    page.close()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/en/terms")
    assert not page.is_visible("text=Print")
    assert page.is_visible("text=Send to someone")
    assert page.is_visible("text=Book a visit")
    context.close()


def test_everything_is_reached_by_the_keyboard_and_seen(browser: Browser, address: str) -> None:
    page = browser.new_page()
    open_page(page, f"{address}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to the content"
    seen = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim()"))
        style = page.evaluate(
            "(({backgroundColor}) => backgroundColor)(getComputedStyle(document.activeElement))"
        )
        if page.evaluate("document.activeElement !== document.body"):
            assert style == "rgb(255, 196, 46)"
    assert {"Polski", "Book a visit", "Services", "Terms", "Contact"} <= seen
    page.close()


def test_on_paper_there_is_the_text_and_no_button(browser: Browser, address: str) -> None:
    page = browser.new_page()
    open_page(page, f"{address}/en/services/wroclaw/P")
    page.emulate_media(media="print")
    for gone in (
        "text=Polski",
        "text=Send to someone",
        ".govuk-button",
        ".govuk-back-link",
        ".portal-footer",
    ):
        assert not page.is_visible(gone), gone
    assert page.is_visible("text=identity card")
    page.close()


def test_what_points_onward_points_the_way_that_is_read(browser: Browser, address: str) -> None:
    page = browser.new_page(bypass_csp=True)
    found = {}
    for language in ("pl", "ar"):
        page.goto(f"{address}/{language}/")
        page.add_style_tag(content=(files("server.portal") / "static/booking.css").read_text())
        page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<p class=booking-chosen>')"
        )
        found[language] = page.evaluate(
            """() => {
                const style = (name) => getComputedStyle(document.querySelector(name));
                const chosen = style('.booking-chosen');
                return [style('.govuk-button__start-icon').transform, chosen.paddingLeft, chosen.paddingRight];
            }"""
        )
    page.close()
    assert found == {"pl": ["none", "15px", "0px"], "ar": ["matrix(-1, 0, 0, 1, 0, 0)", "0px", "15px"]}
