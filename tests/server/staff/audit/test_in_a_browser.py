"""The auditor's page in Chromium: empty, filled, with a reason that is gone; no barrier, nothing too wide."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from server.services.access import users
from server.staff.application import create_staff
from server.store.tables import Fact
from tests.server.portal.chromium import chromium, complaints, open_page, served, too_wide
from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.staff.audit.test_treatment import PAGE, hand_call
from tests.server.staff.people import COOKIE, People
from wire.vocabulary import FactType, Role


def _strip(session: Any) -> None:
    fact = session.execute(
        select(Fact).where(Fact.type == FactType.TICKET_CALLED).order_by(Fact.id).limit(1)
    ).scalar_one()
    fact.data = {name: value for name, value in fact.data.items() if name != "reason"}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "light"), (390, "dark")])
def test_no_barrier_and_nothing_too_wide(one_office: SampleOffice, width: int, theme: str) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    people = People(one_office)
    manager = people.signed_in(Role.AUDITOR)
    one_office.store.write(lambda session: users.speak(session, manager.user_id, "pl"))
    hand_call(one_office)
    one_office.store.write(_strip)
    app = create_staff(replace(one_office.runtime, public_url="http://127.0.0.1", outside=outer_world()))
    wrong = []
    with served(app) as at, chromium() as browser:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
        cookie = {"name": "numerek-staff", "value": manager.cookie_named(COOKIE), "url": f"{at}/staff"}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        for state, tables in (("period=today", 2), ("period=yesterday", 0)):
            open_page(page, f"{at}{PAGE}?{state}")
            assert page.locator("table").count() == tables
            wrong += [f"{state}: {each}" for each in complaints(page)]
            if too_wide(page) > 0:
                wrong.append(f"{state}: too wide")
        context.close()
    assert wrong == []
