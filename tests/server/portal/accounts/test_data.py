"""The copy of one's data: all of it, only one's own, only with the password."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from server.services.queue import feedback
from server.store.tables import Evidence, Reservation, Ticket
from tests.server.portal.booking_visitor import CONTACT, PERSON, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.sample_office import KEYS, PASSWORD, SampleOffice

PATH = "/en/account/data"


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser, portal: Flask) -> Visitor:
    """Give somebody who is logged in and has booked a visit."""
    portal.extensions["numerek_limiter"].reset()
    made = Visitor(office, browser)
    made.rule()
    made.open()
    made.log_in()
    made.booked()
    return made


def ask(visitor: Visitor, password: str = PASSWORD) -> Page:
    return visitor.browser.post(PATH, {"password": password})


def data(visitor: Visitor) -> dict[str, Any]:
    page = ask(visitor)
    assert page.status == 200, page.words
    said: dict[str, Any] = page.response.get_json()
    return said


def test_the_file_has_what_was_told_with_what_it_is_kept_for(visitor: Visitor) -> None:
    said = data(visitor)
    account = said["account"]
    assert account["data"][0]["email"] == "anna.nowak@example.org"
    assert account["kept_for"][0]["what"] == "E-mail address"
    assert account["kept_for"][0]["why"].startswith("To know you again")
    (booked,) = said["reservations"]["data"]
    assert booked["person"]["name"] == f"{PERSON['given_names']} {PERSON['surname']}"
    assert booked["person"]["email"] == CONTACT["email"]
    assert booked["traces"]["address_block"] == "198.51.100.0/24"
    assert len(booked["code"].replace(" ", "")) == 9
    assert {each["kind"] for each in said["messages"]["data"]} >= {"activation_code", "confirmation"}
    assert len(said["sessions"]["data"]) == 1
    assert said["unfinished_bookings"]["data"] == []


def test_what_was_written_about_the_visit_is_in_it(visitor: Visitor) -> None:
    office = visitor.office
    assert "feedback" not in data(visitor)["reservations"]["data"][0]
    booked = office.rows(Reservation)[-1].id
    ticket = office.walk_in("P")["id"]
    office.set_policy(feedback=True)
    table: Any = Ticket.__table__
    done = {"reservation_id": booked, "status": "finished", "finished_at": office.clock.now()}
    row = table.update().where(table.c.id == ticket).values(**done)
    office.store.write(lambda session: session.execute(row))
    context, token = office.runtime.context(), KEYS.track_token(ticket)
    office.store.write(lambda session: feedback.give(session, context, token, 2, "Za długo"))
    (told,) = data(visitor)["reservations"]["data"]
    assert told["feedback"] == {"mark": 2, "words": "Za długo"}


def test_nobody_on_the_way_keeps_the_file_and_that_it_was_given_is_on_record(visitor: Visitor) -> None:
    page = ask(visitor)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert page.headers["Content-Type"] == "application/json; charset=utf-8"
    (fact,) = visitor.office.facts("personal_data.given")
    assert set(fact.data) == {"account"}


def test_the_file_is_given_for_the_password_only(visitor: Visitor) -> None:
    assert visitor.browser.get(PATH).heading == "A copy of your data"
    assert ask(visitor, "another password").mistakes == ["This is not your password"]
    assert ask(visitor, "").mistakes == ["Enter your password"]
    assert visitor.office.facts("personal_data.given") == []


def test_who_is_not_logged_in_is_sent_to_the_log_in(office: SampleOffice) -> None:
    stranger = Browser(office.app)
    assert stranger.get(PATH).headers["Location"] == "/en/log-in?next=/en/account/data"


def test_nothing_of_anybody_else_is_in_it(office: SampleOffice, visitor: Visitor) -> None:
    other = Visitor(office, Browser(office.app, "203.0.113.9"))
    other.log_in("jan.kowalski@example.org")
    said = data(other)
    assert said["account"]["data"][0]["email"] == "jan.kowalski@example.org"
    assert said["reservations"]["data"] == said["messages"]["data"] == []
    assert "oksana" not in ask(other).response.text.casefold()


def test_it_is_given_five_times_an_hour(visitor: Visitor) -> None:
    for _ in range(5):
        assert ask(visitor).status == 200
    refused = ask(visitor)
    assert refused.status == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    visitor.office.clock.advance(minutes=20)
    visitor.browser.get("/en/account")
    visitor.office.clock.advance(minutes=20)
    visitor.browser.get("/en/account")
    visitor.office.clock.advance(minutes=21)
    assert ask(visitor).status == 200


def test_the_page_leads_there_and_speaks_the_visitors_language(visitor: Visitor) -> None:
    assert PATH in visitor.browser.get("/en/account").links
    assert visitor.browser.get(PATH).html.problems == []


def test_evidence_is_kept_with_each_booking_and_sealed(visitor: Visitor) -> None:
    (row,) = visitor.office.rows(Reservation)
    kept = visitor.office.one(Evidence)
    assert kept.reservation_id == row.id
    assert kept.account_id == row.account_id
    assert b"198.51" not in bytes(kept.sealed_details)
