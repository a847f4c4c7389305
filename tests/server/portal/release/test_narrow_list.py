"""The list of a decided draw: on a phone each entry is a list of its own, and nothing is scrolled sideways."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from server.portal.application import create_portal
from server.texts import LANGUAGES
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import sample_office
from tests.server.services.release.crowd import Crowd

_LABEL = "cell => getComputedStyle(cell, '::before').content"
_SCROLLS = """() => [...document.querySelectorAll('main *')].some(
    each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible'
        && each.clientWidth > 1)"""


def test_nothing_is_scrolled_sideways_and_each_value_has_its_label(
    tmp_path: Path, migrated_file: Path, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "werkzeug")
    file = tmp_path / "numerek.db"
    file.write_bytes(migrated_file.read_bytes())
    with sample_office(f"sqlite:///{file}", clock) as office:
        crowd = Crowd(office)
        crowd.open_draw()
        for one in crowd.people(3):
            crowd.apply(one, "2026-12-03 00:00-12:00", "any")
        crowd.close()
        crowd.give()
        runtime = replace(office.runtime, public_url="http://127.0.0.1", outside=outer_world())
        with served(create_portal(runtime)) as at, chromium() as browser:
            page = browser.new_page()
            for language, width in product(LANGUAGES, (320, 390, 1280)):
                page.set_viewport_size({"width": width, "height": 800})
                open_page(page, f"{at}/{language}/draws/{crowd.draw_row.public_id}")
                where = f"{language} at {width}"
                (row, *_) = page.get_by_role("table").locator("tbody").get_by_role("row").all()
                order, place, wishes = row.get_by_role("cell").all()
                boxes = [each.bounding_box() or {} for each in (order, place, wishes)]
                is_stacked = boxes[0]["y"] < boxes[1]["y"] < boxes[2]["y"]
                assert is_stacked is (width < 640), where
                assert (place.evaluate(_LABEL) != "none") is is_stacked, where
                assert page.get_by_role("columnheader").count() == 4, where
                assert too_wide(page) <= 0, where
                assert not page.evaluate(_SCROLLS), where
                assert complaints(page) == [], where
