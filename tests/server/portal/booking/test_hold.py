"""Holding the hour: gone meanwhile, sent twice, the way back, not for this person; and what refusing costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.services.guard.refusals import write_refusals
from server.store.tables import Evidence, Fact, Slot
from tests.server.movable_clock import at
from tests.server.portal.booking_visitor import CALENDAR, PERSON, TOMORROW_TEN, Visitor
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

LATER = TOMORROW_TEN + timedelta(hours=1)


@pytest.fixture
def visitor(office: SampleOffice, browser: Browser) -> Visitor:
    made = Visitor(office, browser)
    made.rule()
    made.open()
    made.log_in()
    made.begin()
    made.fill_in()
    return made


def test_an_hour_that_went_while_typing_is_told_with_the_nearest_ones_and_nothing_is_lost(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.open(LATER)
    visitor.office.book("L", TOMORROW_TEN)
    answer = visitor.hold()
    assert answer.status == 303
    page = browser.follow(answer)
    assert page.heading.endswith("This hour has just gone")
    assert "Somebody else took Tuesday, 24 November 2026, 10:00" in page.words
    (button,) = (each for each in page.html.named("button") if each.get("name") == "hour")
    moved = browser.submit(page, visitor.path("hour"), {"hour": button["value"]})
    assert moved.headers["Location"] == visitor.path("check")
    check = browser.follow(moved)
    assert "11:00" in check.words
    assert "FA 123456" in check.words
    assert "/reservations/" in visitor.hold().headers["Location"]


def test_an_hour_is_refused_by_a_look_that_writes_nothing(visitor: Visitor, monkeypatch: Any) -> None:
    visitor.office.book("L", TOMORROW_TEN)
    before = len(visitor.office.rows(Fact))

    def forbidden(_: object) -> None:
        raise AssertionError("written")

    check = visitor.browser.get(visitor.path("check"))
    monkeypatch.setattr(visitor.office.store, "write", forbidden)
    answer = visitor.browser.submit(check, visitor.path("hold"))
    assert answer.headers["Location"] == visitor.path("hour") + "?gone=slot_full"
    assert len(visitor.office.rows(Fact)) == before


def test_a_form_that_is_sent_twice_makes_one_reservation(visitor: Visitor, browser: Browser) -> None:
    check = browser.get(visitor.path("check"))
    answers = [browser.submit(check, visitor.path("hold")) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert len(visitor.reservations()) == 1
    assert visitor.taken() == 1


def test_the_way_back_after_the_hold_leads_to_the_reservation(visitor: Visitor, browser: Browser) -> None:
    place = visitor.hold().headers["Location"]
    for step in ("details", "contact", "check", "hour", "refused"):
        page = browser.get(visitor.path(step))
        assert (page.status, page.headers["Location"]) == (303, place), step


def test_a_form_without_its_token_or_of_another_session_books_nothing(
    visitor: Visitor, browser: Browser
) -> None:
    check = browser.get(visitor.path("check"))
    assert browser.send("POST", visitor.path("hold"), {}).status == 400
    assert browser.send("POST", visitor.path("hold"), {"csrf_token": "forged"}).status == 400
    stranger = Browser(visitor.office.app)
    assert stranger.submit(check, visitor.path("hold")).status == 400
    browser.post("/en/log-out")
    visitor.log_in("again@example.org")
    assert browser.submit(check, visitor.path("hold")).status == 400
    assert visitor.reservations() == []


def test_a_person_who_has_a_reservation_is_told_so(visitor: Visitor, browser: Browser) -> None:
    visitor.open(LATER)
    visitor.hold()
    browser.post("/en/log-out")
    visitor.log_in("again@example.org")
    visitor.begin(LATER)
    visitor.fill_in(document="AB 999999")
    answer = visitor.hold()
    assert answer.headers["Location"] == visitor.path("refused") + "?why=already_booked"
    page = browser.follow(answer)
    assert page.heading.endswith("There is a reservation for this person already")
    # Who has no account has no page of reservations either.
    assert "open it by the link in our message, or under My reservations if you have an account" in page.words
    assert visitor.path("check") in page.links
    assert browser.get(visitor.path("refused") + "?why=<script>").heading.endswith(
        "This visit cannot be booked now"
    )


def test_how_it_was_made_is_kept_as_evidence(visitor: Visitor) -> None:
    visitor.office.clock.advance(seconds=40)
    visitor.hold()
    (row,) = visitor.office.rows(Evidence)
    assert row.fill_ms == 40_000
    assert row.challenge_ms is None


def test_another_hour_is_chosen_from_another_day_and_stays_a_choice(
    visitor: Visitor, browser: Browser
) -> None:
    day = TOMORROW_TEN + timedelta(days=2)
    visitor.open(day)
    page = browser.get(visitor.path("hour"))
    assert page.heading.endswith("Choose another hour")
    there = visitor.path("hour") + "?day=2026-11-26"
    assert there in page.links
    assert "Thursday, 26 November 2026" in browser.get(there).words
    assert "This day has no free hours" in browser.get(visitor.path("hour") + "?day=2026-11-27").words
    for forged in ("never", "", "2026-11-26"):
        assert browser.submit(page, visitor.path("hour"), {"hour": forged}).status == 200
    assert browser.get(visitor.path("hour") + "?day=x&gone=x").status == 200
    assert "10:00" in browser.get(visitor.path("check")).words


def test_a_guest_books_where_the_service_lets_guests_in(office: SampleOffice) -> None:
    guest = Visitor(office, Browser(office.app))
    guest.rule(account_required=False)
    guest.open()
    page = guest.booked()
    assert page.heading == "Your visit is booked"
    assert "the address of this page is the way back" in page.words
    assert guest.browser.get(guest.path("check")).headers["Location"].startswith("/en/v/")
    assert guest.browser.get("/en/reservations").headers["Location"].startswith("/en/log-in")
    link = next(each for each in page.links if each.endswith("/cancel")).removesuffix("/cancel")
    assert link.startswith("/en/v/")
    elsewhere = Browser(office.app)
    assert elsewhere.get(link).heading == "Your visit is booked"
    assert elsewhere.get(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404
    number = guest.reservations()[0].id
    assert elsewhere.get(f"/en/reservations/{number}").headers["Location"].startswith("/en/log-in")
    elsewhere.post(f"{link}/cancel")
    assert guest.reservations()[0].status == "cancelled"
    assert "This reservation was cancelled" in guest.browser.get(link).heading


def test_a_draft_of_a_guest_is_the_browsers_alone(office: SampleOffice) -> None:
    guest = Visitor(office, Browser(office.app))
    guest.rule(account_required=False)
    guest.open()
    guest.begin()
    assert guest.browser.get(guest.path("details")).status == 200
    assert Browser(office.app).get(guest.path("details")).status == 404
    assert CALENDAR in guest.browser.get(guest.path("details")).links


def test_a_guest_who_logs_in_on_the_way_takes_the_draft_along(office: SampleOffice) -> None:
    guest = Visitor(office, Browser(office.app))
    guest.rule(account_required=False)
    guest.open()
    guest.begin()
    guest.fill_in()
    account_id = guest.log_in()
    assert guest.hold().headers["Location"].startswith("/en/reservations/")
    assert guest.reservations()[0].account_id == account_id
    other = Visitor(office, Browser(office.app))
    other.log_in("ola@example.org")
    other.draft = guest.draft
    assert other.hold_without_looking().status == 404


def test_who_is_not_let_in_yet_keeps_the_answers_and_is_told_where_to_wait(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.rule(release="daily", release_at="12:00")
    service_id = visitor.office.service_id("L")
    visitor.office.store.write(
        lambda session: session.execute(
            update(Slot).where(Slot.service_id == service_id).values(bookable_from=at("12:00"))
        )
    )
    answer = visitor.hold()
    assert answer.headers["Location"] == visitor.path("refused") + "?why=not_released"
    page = browser.follow(answer)
    assert page.heading.endswith("It is not your turn yet")
    assert CALENDAR in page.links
    assert visitor.path("check") in page.links


def test_every_refused_attempt_becomes_a_fact(visitor: Visitor) -> None:
    visitor.begin()
    visitor.send("details", given_names="", surname="", document="", birth_date=["", "", ""])
    visitor.fill_in()
    others = Visitor(visitor.office, Browser(visitor.office.app))
    others.log_in("other@example.org")
    others.begin()
    others.fill_in(document="ZZ 999999", surname="Other", email="other@example.org")
    visitor.browser.follow(visitor.hold())
    others.hold()
    assert write_refusals(visitor.office.store, visitor.office.runtime.context()) == 2
    reasons = [fact.data["reason"] for fact in visitor.office.facts("booking.refused")]
    assert sorted(reasons) == ["details", "slot_full"]
    assert "Other" not in str([fact.data for fact in visitor.office.facts("booking.refused")])
    place = visitor.browser.get("/en/reservations").links
    activate = next(link for link in place if link.startswith("/en/reservations/"))
    visitor.browser.post(f"{activate}/activate", {"code": f"{(int(visitor.code()) + 1) % 10**6:06d}"})
    assert visitor.office.facts("booking.refused")[-1].data["reason"] == "wrong_code"


def test_a_person_with_a_visit_hears_it_on_the_calendar_and_before_all_else_is_asked(
    visitor: Visitor, browser: Browser
) -> None:
    assert "You have a visit" not in browser.get(CALENDAR).words
    visitor.open(LATER)
    visitor.hold()
    (row,) = visitor.reservations()
    calendar = browser.get(CALENDAR)
    assert "You have a visit for this service already" in calendar.words
    assert f"/en/reservations/{row.id}" in calendar.links
    visitor.begin(LATER)
    told = visitor.send("details", **PERSON)
    assert told.headers["Location"] == visitor.path("refused") + "?why=already_booked"
    somebody_else = PERSON | {"given_names": "Olena", "surname": "Bondar", "document": "FB 1"}
    assert visitor.send("details", **somebody_else).headers["Location"] == visitor.path("contact")


def test_where_a_person_may_have_several_nobody_is_stopped(visitor: Visitor, browser: Browser) -> None:
    visitor.rule(one_per_person=False, account_limit=5)
    visitor.open(LATER)
    visitor.hold()
    assert "You have a visit" not in browser.get(CALENDAR).words
    visitor.begin(LATER)
    assert visitor.send("details", **PERSON).headers["Location"] == visitor.path("contact")
