"""Holding a place: one a person, once a draft, exactly as many as there are, and hostile details refused."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.services.booking import drafts, visits
from server.services.booking.hold import AlreadyHeld, Blocked, Held, NoPlace
from server.services.context import RuleBroken
from server.store.queries.booking.drafts import count_standing
from server.store.tables import Message, Reservation, Slot
from tests.server.at_once import at_once
from tests.server.movable_clock import at
from tests.server.services.booking.booked_office import NOON, BookedOffice, guest

LATER = NOON + timedelta(hours=1)


def test_the_same_draft_again_gives_the_same_reservation(booked: BookedOffice) -> None:
    owner = booked.account()
    token = booked.draft(owner)
    held = booked.hold(owner, token)
    assert isinstance(held, Held)
    assert booked.hold(owner, token) == AlreadyHeld(held.reservation_id)
    booked.write(drafts.keep, owner, token, booked.person())
    assert booked.read(drafts.load, owner, token).details == {}
    assert booked.office.one(Slot).taken == 1


def test_a_draft_that_is_submitted_many_times_at_once_is_held_once(booked: BookedOffice) -> None:
    owner = booked.account()
    token = booked.draft(owner)
    answers = at_once(6, lambda _: booked.hold(owner, token))
    assert sum(isinstance(answer, Held) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyHeld) for answer in answers) == 5
    assert booked.office.one(Slot).taken == 1
    assert len(booked.office.rows(Message)) == 1


def test_of_many_at_once_exactly_as_many_as_there_are_places_hold_one(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER, capacity=5)
    owners = [booked.account() for _ in range(16)]
    tokens = [booked.draft(owner, LATER) for owner in owners]
    answers = at_once(16, lambda place: booked.hold(owners[place], tokens[place]))
    assert sum(isinstance(answer, Held) for answer in answers) == 5
    assert [answer for answer in answers if not isinstance(answer, Held)] == [NoPlace("slot_full")] * 11
    assert booked.office.one(Slot, Slot.starts_at == LATER).taken == 5
    assert len(booked.office.rows(Reservation)) == 5


def test_a_person_who_submits_from_many_accounts_at_once_gets_one(booked: BookedOffice) -> None:
    owners = [booked.account() for _ in range(8)]
    me = booked.person()
    tokens = [booked.draft(owner, **me) for owner in owners]
    answers = at_once(8, lambda place: booked.hold(owners[place], tokens[place]))
    assert sum(isinstance(answer, Held) for answer in answers) == 1
    assert sum(answer == Blocked("already_booked") for answer in answers) == 7
    assert booked.office.one(Slot).taken == 1


def test_an_account_that_submits_many_drafts_at_once_keeps_its_limit(booked: BookedOffice) -> None:
    owner = booked.account()
    tokens = [booked.draft(owner) for _ in range(8)]
    answers = at_once(8, lambda place: booked.hold(owner, tokens[place]))
    assert sum(isinstance(answer, Held) for answer in answers) == 3
    assert sum(answer == Blocked("account_limit") for answer in answers) == 5


def test_control_counting_before_the_lock_gives_an_account_too_many(
    booked: BookedOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, gate = booked.account(), threading.Barrier(8)
    tokens = [booked.draft(owner) for _ in range(8)]
    counted: list[int] = []

    def count_first(session: Session, account_id: int, service_id: int, now: datetime) -> int:
        return counted.pop()

    def one(place: int) -> Any:
        now = booked.office.clock.now()
        assert owner.account_id is not None
        who, which = owner.account_id, booked.service.id
        counted.append(booked.office.store.read(lambda session: count_standing(session, who, which, now)))
        gate.wait(10)
        return booked.hold(owner, tokens[place])

    monkeypatch.setattr("server.services.booking.hold.rows.count_standing", count_first)
    assert sum(isinstance(answer, Held) for answer in at_once(8, one)) == 8


@pytest.mark.parametrize(
    "change",
    [
        {"document": "ZZ999999"},
        {"name": "Oksana Kowalenka"},
        {"name": "КOVALЕNКО oksana", "document": "ZZ999999"},
        {"name": "Oks\u200bana\u202e Ｋovalenko", "document": "ZZ999999"},
        {"document": "f a-12 34 5O", "name": "Oksana Kowalenko"},
        {"birth_date": "1990-05-02"},
    ],
)
def test_either_hash_finds_the_same_person_in_another_account(
    booked: BookedOffice, change: dict[str, str]
) -> None:
    me = booked.person(name="Oksana Kovalenko", document="FA12345O")
    booked.held(booked.account(), **me)
    other = booked.account()
    assert booked.hold(other, booked.draft(other, **(me | change))) == Blocked("already_booked")


def test_a_cancelled_visit_is_no_longer_in_the_way(booked: BookedOffice) -> None:
    owner, me = booked.account(), booked.person()
    reservation_id = booked.activated(owner, **me)
    booked.write(visits.cancel, owner, reservation_id)
    booked.held(owner, **me)


def test_where_the_service_allows_it_a_person_may_have_several(booked: BookedOffice) -> None:
    booked.rule(one_per_person=False)
    me = booked.person()
    booked.held(booked.account(), **me)
    booked.held(booked.account(), **me)
    rows = booked.office.rows(Reservation)
    assert {(row.person_hash, row.document_hash, row.email_hash) for row in rows} == {(None, None, None)}


def test_one_visit_an_email_and_a_phone_where_the_service_says_so(booked: BookedOffice) -> None:
    booked.rule(one_per_email=True, one_per_phone=True)
    booked.held(booked.account(), email="Jan@Example.org", phone="+48601234567")
    owner = booked.account()
    same_email = booked.draft(owner, email="jan+again@example.org", phone="+48601234568")
    same_phone = booked.draft(owner, email="ewa@example.org", phone="+48601234567")
    assert booked.hold(owner, same_email) == Blocked("email_used")
    assert booked.hold(owner, same_phone) == Blocked("phone_used")
    without = booked.hold(owner, booked.draft(owner, phone=""))
    assert without == Blocked("incomplete", problems={"phone": "missing"})


@pytest.mark.parametrize(
    ("told", "problems"),
    [
        ({"name": "x" * 10_000}, {"name": "too_long"}),
        ({"name": "Jan\x00 Nowak"}, {"name": "characters"}),
        ({"name": "Jan\ud800"}, None),
        ({"name": "J" + "\u0301" * 50}, {"name": "characters"}),
        ({"name": "😀😀"}, {"name": "no_letters"}),
        ({"name": "\u202e\u200b"}, {"name": "missing"}),
        ({"name": ["a", "list"]}, {"name": "missing"}),
        ({"birth_date": "2010-05-01"}, {"birth_date": "not_adult"}),
        ({"birth_date": "2030-01-01"}, {"birth_date": "in_future"}),
        ({"birth_date": "31.12.1990"}, {"birth_date": "malformed"}),
        ({"document": "---"}, {"document": "characters"}),
        ({"email": "a@b"}, {"email": "malformed"}),
        ({"email": "a@example.org\r\nBcc: x@example.org"}, {"email": "malformed"}),
        ({"phone": "112"}, {"phone": "malformed"}),
        ({"language": "<b>"}, {"language": "malformed"}),
        ({"children": [{"name": "Ola", "birth_year": 2020}]}, {"children": "too_many"}),
    ],
)
def test_details_are_checked_again_whatever_the_pages_did(
    booked: BookedOffice, told: dict[str, Any], problems: dict[str, str] | None
) -> None:
    owner = booked.account()
    if problems is None:
        with pytest.raises(UnicodeEncodeError):
            booked.draft(owner, **told)
        return
    assert booked.hold(owner, booked.draft(owner, **told)) == Blocked("incomplete", problems=problems)
    assert booked.office.one(Slot).taken == 0


def test_a_slot_that_vanished_keeps_what_was_typed_for_another_hour(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER, capacity=1)
    booked.held(booked.account(), LATER)
    owner, me = booked.account(), booked.person()
    token = booked.draft(owner, LATER, **me)
    assert booked.hold(owner, token) == NoPlace("slot_full")
    assert booked.read(drafts.load, owner, token).details == me
    booked.write(drafts.keep, owner, token, starts_at=NOON)
    assert isinstance(booked.hold(owner, token), Held)
    (refused,) = booked.office.facts("booking.refused")
    assert refused.data == {"reason": "slot_full", "service": "L", "account": owner.account_id}


@pytest.mark.parametrize(
    "hour", [at("10:30"), at("9:00"), NOON + timedelta(days=400), NOON + timedelta(minutes=1)]
)
def test_an_hour_that_is_not_offered_is_none(booked: BookedOffice, hour: Any) -> None:
    booked.office.open_slot("L", at("10:30"))
    owner = booked.account()
    assert booked.hold(owner, booked.draft(owner, hour)) == NoPlace("no_such_slot")


def test_who_must_wait_for_the_release_is_told(booked: BookedOffice) -> None:
    booked.rule(release="draw")
    owner = booked.account()
    answer = booked.hold(owner, booked.draft(owner))
    assert isinstance(answer, Blocked)
    assert answer.reason == "not_released"
    assert answer.gate is not None


def test_a_deleted_account_holds_nothing(booked: BookedOffice) -> None:
    owner = booked.account()
    token = booked.draft(owner)
    with pytest.raises(RuleBroken, match="not_found"):
        booked.hold(booked.account(), token)
    with pytest.raises(RuleBroken, match="not_found"):
        booked.hold(guest(), token)
    assert isinstance(booked.hold(owner, token), Held)
