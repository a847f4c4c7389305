"""No GET changes a row, whoever asks (quality.md, Safe 3): the whole database is hashed before and after each."""

from __future__ import annotations

from collections import Counter

from flask import Flask

from server.store.tables import Reservation
from tests.server.portal.addresses import addresses, print_of
from tests.server.portal.booking_visitor import TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice


def test_a_stranger_changes_nothing_by_reading(office: SampleOffice, browser: Browser, portal: Flask) -> None:
    before = print_of(office)
    for address in addresses(portal, "GET"):
        browser.get(address)
        assert print_of(office) == before, address


def test_who_has_a_reservation_and_a_draft_changes_nothing_by_reading(
    office: SampleOffice, browser: Browser, portal: Flask
) -> None:
    visitor = Visitor(office, browser)
    visitor.rule()
    visitor.open(capacity=3)
    visitor.log_in()
    visitor.booked()
    reservation = office.one(Reservation)
    visitor.begin()
    visitor.fill_in(given_names="Petro", document="XX 999999")
    words = {
        "letter": "L",
        "day": f"{TOMORROW_TEN:%Y-%m-%d}",
        "number": str(reservation.id),
        "token": visitor.draft,
    }
    before, seen = print_of(office), Counter[int]()
    for address in addresses(portal, "GET", **words):
        office.clock.advance(seconds=2)  # so that the session would be noted as seen
        seen[browser.get(address).status] += 1
        assert print_of(office) == before, address
    assert seen[200] > 30
    assert not [status for status in seen if status >= 500]


def test_what_changes_something_is_seen(office: SampleOffice) -> None:
    before = print_of(office)
    office.walk_in("P")
    assert print_of(office) != before
