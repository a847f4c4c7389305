"""Many hands at one reservation in the same instant (quality.md, Safe 2): one thing happens, and it is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from server.services.booking.owners import Owner
from server.services.booking.visits import show
from server.store.tables import Draft, Message, Reservation, Verification
from tests.server.at_once import at_once
from tests.server.portal.booking_visitor import TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser, Page
from tests.server.portal.safe_scene import QUESTIONS
from tests.server.sample_office import PASSWORD, SampleOffice


@pytest.fixture
def visitor(office: SampleOffice, portal: Flask) -> Iterator[Visitor]:
    portal.extensions["numerek_limiter"].enabled = False
    made = Visitor(office, Browser(office.app))
    made.rule()
    made.open(capacity=3)
    made.log_in()
    yield made
    portal.extensions["numerek_limiter"].enabled = True


def held(visitor: Visitor) -> str:
    """Hold an hour; return the address of the reservation."""
    visitor.begin()
    visitor.fill_in()
    there: str = visitor.hold().headers["Location"]
    return there


def sends(
    visitor: Visitor, path: str, data: list[dict[str, str]], paths: list[str] | None = None
) -> list[Page]:
    """Send forms from as many tabs of the same browser at once."""
    token = visitor.browser.get("/en/terms/send").fields["csrf_token"]
    cookie = visitor.browser.cookie or ""

    def send(place: int) -> Page:
        tab = Browser(visitor.office.app)
        tab._client.set_cookie("__Host-numerek", cookie, domain="numerek.test", secure=True)
        where = paths[place] if paths else path
        return tab.send("POST", where, {"csrf_token": token, **data[place]})

    pages = at_once(len(data), send)
    assert [page.status for page in pages if page.status >= 500] == []
    return pages


def test_many_guesses_of_a_code_at_once_are_five(visitor: Visitor) -> None:
    there, right = held(visitor), visitor.code()
    wrong = [
        {"code": f"{number:06}"} for number in range(100_000, 100_030) if f"{number:06}" != visitor.code()
    ]
    pages = sends(visitor, f"{there}/activate", wrong)
    (row,) = visitor.reservations()
    assert row.status == "lapsed"
    assert row.activation_tries == 5
    assert sum(page.status == 422 for page in pages) <= 5
    visitor.browser.post(f"{there}/activate", {"code": right})
    assert visitor.reservations()[0].status == "lapsed"


def test_the_right_code_many_times_at_once_activates_once(visitor: Visitor) -> None:
    there = held(visitor)
    sends(visitor, f"{there}/activate", [{"code": visitor.code()}] * 8)
    assert visitor.reservations()[0].status == "booked"
    assert len(visitor.office.rows(Message, Message.kind == "confirmation")) == 1
    assert len(visitor.office.facts("reservation.activated")) == 1


def test_a_cancelling_and_an_activation_at_once_leave_one_end(visitor: Visitor) -> None:
    there = held(visitor)
    code = {"code": visitor.code()}
    paths = [f"{there}/activate", f"{there}/cancel"] * 4
    sends(visitor, "", [code, {}] * 4, paths)
    (row,) = visitor.reservations()
    assert row.status == "cancelled"
    assert len(visitor.office.facts("reservation.cancelled")) == 1
    assert row.sealed_codes is None


def test_a_visit_that_is_cancelled_many_times_at_once_is_cancelled_once(visitor: Visitor) -> None:
    there = held(visitor)
    visitor.browser.post(f"{there}/activate", {"code": visitor.code()})
    sends(visitor, f"{there}/cancel", [{}] * 8)
    assert visitor.reservations()[0].status == "cancelled"
    assert len(visitor.office.facts("reservation.cancelled")) == 1
    assert len(visitor.office.rows(Message, Message.kind == "cancelled")) <= 1


def test_who_cancels_and_checks_in_at_once_does_one_of_them(visitor: Visitor) -> None:
    there = held(visitor)
    visitor.browser.post(f"{there}/activate", {"code": visitor.code()})
    (row,) = visitor.reservations()
    owner, context = Owner(account_id=row.account_id), visitor.office.runtime.context()
    told = visitor.office.store.read(lambda session: show(session, context, owner, row.id, "en"))
    visitor.office.clock.set(TOMORROW_TEN - timedelta(minutes=30))
    visitor.browser.post("/en/log-in", {"email": "anna.nowak@example.org", "password": PASSWORD})
    token = visitor.browser.get(f"{there}/cancel").fields["csrf_token"]

    def work(place: int) -> int:
        if place == 0:
            return visitor.browser.send("POST", f"{there}/cancel", {"csrf_token": token}).status
        return visitor.office.kiosk.post("/check-ins", {"code": told.qr}).status_code

    _, ticket = at_once(2, work)
    (row,) = visitor.reservations()
    assert row.status == ("checked_in" if ticket == 201 else "cancelled"), (row.status, ticket)


def test_answers_from_two_tabs_at_once_are_kept_once(visitor: Visitor) -> None:
    visitor.rule(verification_required=True, questions=QUESTIONS)
    there = held(visitor)
    visitor.browser.post(f"{there}/activate", {"code": visitor.code()})
    link = next(each for each in visitor.browser.get(there).links if "/questions/" in each)
    sends(visitor, link, [{"q-case": f"SOC-{number}", "do": "send"} for number in range(6)])
    (row,) = visitor.office.rows(Verification)
    assert row.answered_at == visitor.office.clock.now()
    assert len(visitor.office.facts("questions.answered")) == 1


def test_hours_chosen_in_many_tabs_are_drafts_and_no_more(visitor: Visitor) -> None:
    path = f"/en/book/wroclaw/L/{TOMORROW_TEN:%Y-%m-%d}"
    pages = sends(visitor, path, [{"hour": f"{TOMORROW_TEN:%Y-%m-%dT%H:%MZ}"}] * 8)
    assert Counter(page.status for page in pages) == {303: 8}
    assert len(visitor.office.rows(Draft)) == 8
    assert visitor.office.rows(Reservation) == []
    assert visitor.taken() == 0
