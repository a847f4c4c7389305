"""The page of co-signatures in Chromium: empty, with a kept one, with a fault; no barrier, nothing too wide."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from server.services.access import users
from server.staff.application import create_staff
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.services.audit.proved import MONDAY, Proved, night_after
from tests.server.services.audit.test_cosigning import OTHER, WITNESS
from tests.server.staff.audit.test_cosignatures import PAGE
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import Role


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (320, "light"), (390, "dark")])
def test_a_co_signature_is_handed_in(one_office: SampleOffice, width: int, theme: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    proved = Proved(one_office)
    proved.busy_day(MONDAY)
    one_office.wait_until_sealed()
    proved.prove(night_after(MONDAY))
    auditor = People(one_office).signed_in(Role.AUDITOR)
    one_office.store.write(lambda session: users.speak(session, auditor.user_id, "pl"))
    app = create_staff(replace(one_office.runtime, public_url="http://127.0.0.1", outside=outer_world()))
    wrong: list[str] = []
    with served(app) as at, chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        cookie = {"name": "numerek-staff", "value": auditor.cookie_named(COOKIE), "url": f"{at}/staff"}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()

        def look(state: str) -> None:
            wrong.extend(f"{state}: {each}" for each in complaints(page))
            if too_wide(page) > 0:
                wrong.append(f"{state}: too wide")

        open_page(page, at + PAGE)
        look("no witness")
        to = "swiadek.dziennika@bardzo-dluga-nazwa.example.org"
        one_office.set_policy(witnesses=[f"{WITNESS.key} {to}", f"{OTHER.key} https://w.example/{'a' * 60}"])
        text = WITNESS.cosigned(proved.note(), one_office.clock.now())
        open_page(page, at + PAGE)
        page.fill("#text", text.replace("day 2026-11-23", "day 2026-11-20"))
        page.click("main button[type=submit]")
        page.wait_for_selector("#problem")
        look("a fault")
        page.fill("#text", text)
        page.click("main button[type=submit]")
        page.wait_for_selector("text=Sprawdzono i zachowano")
        assert page.locator("#problem").count() == 0
        look("kept")
        context.close()
    assert wrong == []
