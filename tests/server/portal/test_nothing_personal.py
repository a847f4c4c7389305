"""Through a whole booking nothing personal is in addresses, in the log or in facts; after its end, in no file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy.engine import make_url

from server.app import JsonLines
from server.services.privacy.erasure import erase
from server.store.tables import Fact, PersonalKey, Reservation
from tests.server.portal.booking_visitor import Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import PASSWORD, SampleOffice

EMAIL = "sentinella.adres@example.org"
TOLD = {
    "given_names": "Sentinella",
    "surname": "Ziółkowska",
    "document": "ZZ 987654",
    "email": EMAIL,
}
WORDS = (
    "sentinella",
    "ziółkowska",
    "zi\\u00f3\\u0142kowska",
    "987654",
    "example.org",
    "198.51.100",
    "1990",
    PASSWORD,
)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser, portal: Flask) -> Visitor:
    portal.extensions["numerek_limiter"].reset()
    made = Visitor(office, browser)
    made.rule()
    made.open()
    return made


def whole_booking(visitor: Visitor) -> None:
    """Log in, make mistakes, book, look, get a copy, cancel."""
    visitor.log_in(EMAIL)
    visitor.browser.post("/en/account/data", {"password": "wrong password"})
    visitor.begin()
    visitor.send("details", given_names="Sentinella", surname="\u202eZiółkowska")
    visitor.booked(**TOLD)
    (row,) = visitor.reservations()
    visitor.browser.get(f"/en/reservations/{row.id}")
    assert visitor.browser.post("/en/account/data", {"password": PASSWORD}).status == 200
    visitor.browser.get(f"/en/nothing/{row.id}")


def personal_in(text: str) -> list[str]:
    return [word for word in WORDS if word in text.casefold()]


def test_nothing_personal_is_in_the_log(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        whole_booking(visitor)
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any('"event": "request"' in line for line in lines)
    assert personal_in("\n".join(lines)) == []


def test_nothing_personal_is_in_an_address(visitor: Visitor, portal: Flask) -> None:
    seen: list[str] = []

    def note(response: Any) -> Any:
        seen.append(f"{request.full_path} {response.headers.get('Location', '')}")
        return response

    portal.after_request_funcs.setdefault(None, []).append(note)
    try:
        whole_booking(visitor)
    finally:
        portal.after_request_funcs[None].remove(note)
    assert len(seen) > 10
    assert personal_in("\n".join(seen)) == []


def test_nothing_personal_is_in_the_fact_log(visitor: Visitor) -> None:
    whole_booking(visitor)
    facts = json.dumps([[fact.type, fact.data] for fact in visitor.office.rows(Fact)])
    assert "reservation.activated" in facts
    assert personal_in(facts) == []


def test_after_the_account_is_deleted_no_value_is_left_in_any_file(visitor: Visitor) -> None:
    office = visitor.office
    whole_booking(visitor)
    keys = [bytes(row.sealed_key) for row in office.rows(PersonalKey)]
    sealed = [bytes(row.sealed_person) for row in office.rows(Reservation)]
    assert visitor.browser.post("/en/account/delete", {"password": PASSWORD}).status == 303
    office.clock.advance(hours=3)
    erase(office.store, office.runtime.context())
    assert [row.sealed_person for row in office.rows(Reservation)] == [None]
    # What is left is the key of the last letter, until that is sent.
    left = {bytes(row.sealed_key) for row in office.rows(PersonalKey)}
    if office.store.sqlite:
        folder = Path(make_url(office.url).database or "").parent
        files = b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())
        assert not any(word.encode() in files for word in ("Sentinella", "Ziółkowska", "987654", EMAIL))
        assert not any(value in files for value in [key for key in keys if key not in left] + sealed)
    office.clock.advance(days=15)
    erase(office.store, office.runtime.context())
    assert office.rows(PersonalKey) == []
