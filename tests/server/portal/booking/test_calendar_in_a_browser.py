"""The calendar and the hours in a real browser: widths, jumps, the button in sight, colours of one's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import update

from server.portal.application import create_portal
from server.services.booking.slots.planning import plan_slots
from server.store.tables import Slot
from server.texts import LANGUAGES
from tests.server.movable_clock import WARSAW, MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice, sample_office

_SLOTS = [
    {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-18:00", "every_minutes": 10, "capacity": 4}
]
_DAY = "/book/wroclaw/P/2026-11-24"
_LOOKS = """name => {
  const day = document.querySelector(`.booking-month .booking-day--${name}:not(.booking-day--today)`);
  const style = getComputedStyle(day);
  const paper = getComputedStyle(document.body).backgroundColor;
  return [style.backgroundColor !== paper && !/^rgba.*, 0\\)$/.test(style.backgroundColor),
    style.borderTopColor === paper ? 'none' : style.borderTopStyle, style.textDecorationLine].join(' ');
}"""
_BOTTOM = "id => document.getElementById(id).nextElementSibling.getBoundingClientRect().bottom"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def address(tmp_path: Path, migrated_file: Path, clock: MovableClock) -> Iterator[str]:
    """Serve an office whose calendar has a day of each kind."""
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with sample_office(f"sqlite:///{file}", clock) as office:
        _fill(office)
        runtime = replace(office.runtime, public_url="http://127.0.0.1", outside=outer_world())
        with served(create_portal(runtime)) as at:
            yield at


def _fill(office: SampleOffice) -> None:
    """Open hours of six weeks; one day is used up, one comes later, and some hours have few places."""
    office.set_policy("P", booking={"slots": _SLOTS, "horizon_days": 45, "account_required": False})
    plan_slots(office.store, office.runtime.context(), None)
    slot: Any = Slot.__table__

    def change(of_day: str, first: str = "00:00", end: str = "23:59", **values: Any) -> None:
        which = slot.c.starts_at.between(_at(of_day, first), _at(of_day, end))
        office.store.write(lambda session: session.execute(update(slot).where(which).values(values)) and None)

    change("2026-11-24", "10:00", "11:00", taken=3)
    change("2026-11-25", taken=4)
    change("2026-11-26", bookable_from=_at("2026-11-24", "08:00"))


def _at(day: str, hour: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=WARSAW)


def _shown(browser: Browser, address: str, width: int, height: int = 800, **more: Any) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}, **more).new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize(
    ("language", "width"), [(each, (320, 390, 1280)[place % 3]) for place, each in enumerate(LANGUAGES)]
)
def test_no_barrier_and_nothing_too_wide(browser: Browser, address: str, language: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for path in ("/book/wroclaw", "/book/wroclaw/P", _DAY):
        open_page(page, f"{address}/{language}{path}")
        assert complaints(page) == [], path
        assert too_wide(page) <= 0, path
    page.close()


@pytest.mark.parametrize(("width", "columns"), [(320, 1), (880, 1), (900, 2), (1280, 2)])
def test_two_months_stand_side_by_side_where_there_is_room(
    browser: Browser, address: str, width: int, columns: int
) -> None:
    page = _shown(browser, f"{address}/en/book/wroclaw/P", width)
    tops = page.evaluate("[...document.querySelectorAll('.booking-month')].map(each => each.offsetTop)")
    assert len(tops) == 3
    assert tops.count(tops[0]) == columns
    assert too_wide(page) <= 0
    page.context.close()


def test_the_hours_are_a_short_page_with_targets_for_fingers(browser: Browser, address: str) -> None:
    page = _shown(browser, f"{address}/en{_DAY}", 390, 844, java_script_enabled=False)
    boxes = [label.bounding_box() or {} for label in page.locator(".booking-hour").all()]
    assert len(boxes) == 60
    assert min(min(box["height"], box["width"]) for box in boxes) >= 44
    assert len({box["x"] for box in boxes}) >= 4
    assert page.evaluate("document.documentElement.scrollHeight") < 2_300
    page.context.close()


def test_a_jump_leads_to_the_hours_of_its_part_and_on_from_there_by_keyboard(
    browser: Browser, address: str
) -> None:
    page = _shown(browser, f"{address}/en{_DAY}", 390, 600)
    page.focus("text=Later (from 15:00) >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.value === '2026-11-24T14:00Z'")
    page.wait_for_function("document.querySelectorAll('h2')[2].getBoundingClientRect().top < 300")
    heading = page.locator("h2", has_text="Later (from 15:00)").bounding_box() or {}
    assert heading["y"] >= 0
    assert page.locator(":checked").count() == 0
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector(':checked').value") == "2026-11-24T14:10Z"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Continue"
    page.keyboard.press("Enter")
    page.wait_for_url("**/details#*")
    page.context.close()


@pytest.mark.parametrize("height", [600, 300])
def test_the_button_stays_in_sight_and_never_lies_on_the_focus(
    browser: Browser, address: str, height: int
) -> None:
    page = _shown(browser, f"{address}/en{_DAY}", 390, height)
    bar = page.locator(".booking-onward")
    top = (bar.bounding_box() or {})["y"]
    assert (top < height) == (height == 600)
    page.focus("#hour")
    page.keyboard.press("Space")
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        chosen = page.evaluate("document.activeElement.id")
        assert page.evaluate(_BOTTOM, chosen) <= (bar.bounding_box() or {})["y"], chosen
    page.context.close()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_days_differ_from_each_other_in_colours_of_ones_own(
    browser: Browser, address: str, scheme: Any
) -> None:
    page = _shown(browser, f"{address}/en/book/wroclaw/P", 1280, forced_colors="active", color_scheme=scheme)
    looks = {name: page.evaluate(_LOOKS, name) for name in ("free", "full", "later", "closed")}
    assert looks == {
        "free": "true solid none",
        "full": "false solid line-through",
        "later": "false dashed none",
        "closed": "false none none",
    }
    page.context.close()
