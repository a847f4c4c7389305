"""The list of a decided draw on a phone: who got which place is in sight without scrolling sideways."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from server.portal.application import create_portal
from server.texts import LANGUAGES
from tests.server.movable_clock import MovableClock
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import sample_office
from tests.server.services.release.crowd import Crowd


def test_the_place_is_in_sight_at_390_pixels(
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
            page = browser.new_page(viewport={"width": 390, "height": 800})
            for language in LANGUAGES:
                open_page(page, f"{at}/{language}/draws/{crowd.draw_row.public_id}")
                (row, *_) = page.locator("tbody tr").all()
                place = row.locator("td").nth(1).bounding_box()
                assert place is not None
                assert place["x"] + place["width"] <= 390, language
                assert page.locator("thead th").count() == 4
                assert too_wide(page) <= 0, language
                assert complaints(page) == [], language
