"""*What if?* in Chromium, wide, narrow and dark, in each state: no barrier, nothing too wide."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from server.services.access import users
from server.staff.application import create_staff
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.sample_office import SampleOffice
from tests.server.services.queue.test_what_if import lives
from tests.server.staff.people import COOKIE, People
from tests.server.staff.queue.days import PlayedHere, outside_with
from tests.server.staff.queue.test_what_if import DAY, OPENED, PAGE
from tests.server.staff.statistics.test_overview import PlotsKept
from wire.vocabulary import Role

ASKED = DAY.partition("?")[2] + "&counter1=10&what1=also&letters1=N&more.N=20"
STATES = (PAGE, DAY, OPENED, f"{PAGE}?day=2026-12-24&counter1=77", f"{PAGE}/put-in-force?{ASKED}")
LATER = (f"{PAGE}/kept", f"{PAGE}/compared?trial=1", f"{PAGE}/compared?trial=1&trial=2", f"{PAGE}/planned")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_barrier_and_nothing_too_wide(one_office: SampleOffice, width: int, theme: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    lives(one_office)
    one_office.clock.advance(days=1)
    people = People(one_office)
    manager = people.signed_in(Role.MANAGER)
    one_office.store.write(lambda session: users.speak(session, manager.user_id, "pl"))
    outside = outside_with(PlayedHere(), PlotsKept())
    app = create_staff(replace(one_office.runtime, public_url="http://127.0.0.1", outside=outside))
    wrong = []
    with served(app) as at, chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        cookie = {"name": "numerek-staff", "value": manager.cookie_named(COOKIE), "url": f"{at}/staff"}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()

        def look(state: str) -> None:
            found = complaints(page)
            wrong.extend(f"{state}: {each}" for each in found)
            if too_wide(page) > 0:
                wrong.append(f"{state}: too wide")

        for state in STATES:
            open_page(page, f"{at}{state}")
            look(state)
        page.click("button:has-text('Wprowadź od tego dnia')")
        page.wait_for_url("**/what-if/planned")
        for name in ("Jedna", "Druga"):
            open_page(page, f"{at}{OPENED}")
            page.fill("#name", name)
            page.click("button:has-text('Zachowaj')")
            page.wait_for_url("**/what-if/kept")
        for state in LATER:
            open_page(page, f"{at}{state}")
            assert "404" not in page.title()
            look(state)
        context.close()
    assert wrong == []
