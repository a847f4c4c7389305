"""From the branch to the confirmation, as a visitor without scripts goes."""

from __future__ import annotations

import pytest

from tests.server.portal.booking_visitor import CALENDAR, DAY, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    return made


def test_a_visit_is_booked_from_the_branch_to_the_confirmation(visitor: Visitor, browser: Browser) -> None:
    visitor.log_in()
    visitor.open()
    services = browser.follow(browser.get("/en/book"))
    assert CALENDAR in services.links
    assert f"{CALENDAR}/{DAY}" in browser.get(CALENDAR).links
    shown = visitor.booked()
    assert shown.heading == "Your visit is booked"
    assert "Take your ticket by 09:45 at the kiosk in Sala A" in shown.words
    assert "Оксана Іванівна Шевченко-Kowalska" in shown.words
    (row,) = visitor.reservations()
    assert (row.status, row.language, visitor.taken()) == ("booked", "uk", 1)
    assert row.appointment_at == TOMORROW_TEN
