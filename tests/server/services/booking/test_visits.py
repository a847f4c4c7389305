"""Visits as their owner sees them: cancelled, removed by staff, and never another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.booking import ending, visits
from server.services.booking.owners import Owner, reservation_of_link
from server.services.booking.slots.places import return_places
from server.services.booking.visits import Cancelled, NotCancelled
from server.services.context import RuleBroken
from server.store.tables import Evidence, PlaceReturn, Slot
from tests.server.services.booking.booked_office import NOON, BookedOffice, by_link, guest


def test_a_cancelled_visit_loses_its_codes_its_messages_and_later_its_place(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.activated(owner)
    code = booked.shown(owner, reservation_id).code
    assert booked.write(visits.cancel, owner, reservation_id) == Cancelled()
    assert booked.write(visits.cancel, owner, reservation_id) == Cancelled(repeat=True)
    shown = booked.shown(owner, reservation_id)
    assert (shown.status, shown.code, shown.qr) == ("cancelled", None, None)
    assert booked.office.reservation(reservation_id).sealed_codes is None
    assert [each.kind for each in booked.messages(reservation_id, "queued")] == ["cancellation"]
    assert booked.office.one(Slot).taken == 1
    refused = booked.office.kiosk.post("/check-ins", {"code": code})
    assert refused.get_json()["reason"] == "cancelled"
    booked.office.clock.advance(hours=4)
    return_places(booked.office.store, booked.context)
    assert booked.office.one(Slot).taken == 0
    assert len(booked.office.facts("reservation.cancelled")) == 1


def test_a_held_place_is_given_up_without_a_letter(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    assert booked.write(visits.cancel, owner, reservation_id) == Cancelled()
    assert booked.messages(reservation_id, "queued") == []
    assert len(booked.office.rows(PlaceReturn)) == 1


def test_what_is_over_cannot_be_cancelled(booked: BookedOffice) -> None:
    owner = booked.account()
    here, missed = booked.activated(owner), booked.activated(owner)
    code = booked.shown(owner, here).code
    booked.office.clock.set(NOON - timedelta(minutes=20))
    assert booked.office.kiosk.post("/check-ins", {"code": code}).status_code == 201
    booked.office.clock.set(NOON)
    assert booked.write(visits.cancel, owner, here) == NotCancelled("checked_in")
    assert booked.write(visits.cancel, owner, missed) == NotCancelled("lapsed")
    assert booked.shown(owner, missed).status == "lapsed"
    assert booked.shown(owner, missed).code is None


def test_a_visit_that_was_missed_keeps_its_place_and_gets_no_letter(booked: BookedOffice) -> None:
    reservation_id = booked.activated(booked.account())
    booked.office.clock.set(NOON)
    before = len(booked.messages(reservation_id))
    assert booked.sweep() == 1
    assert booked.office.reservation(reservation_id).reason is None
    assert (booked.office.one(Slot).taken, booked.office.rows(PlaceReturn)) == (1, [])
    assert len(booked.messages(reservation_id)) == before


def test_who_removes_a_reservation_gives_a_reason_that_its_owner_is_told(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.write(ending.remove, reservation_id, "automation")
    row = booked.office.reservation(reservation_id)
    assert (row.status, row.reason, row.sealed_codes) == ("cancelled", "removed:automation", None)
    (letter,) = booked.messages(reservation_id, "queued")
    assert (letter.kind, letter.facts["reason"]) == ("removal", "automation")
    assert booked.office.one(Evidence).held_until == booked.office.clock.now() + timedelta(days=90)
    (fact,) = booked.office.facts("reservation.removed")
    assert fact.data == {"reservation": reservation_id, "reason": "automation"}
    assert len(booked.office.rows(PlaceReturn)) == 1
    with pytest.raises(RuleBroken, match="not_allowed"):
        booked.write(ending.remove, reservation_id, "automation")
    with pytest.raises(RuleBroken, match="not_found"):
        booked.write(ending.remove, 999_999, "automation")


def test_anothers_visit_looks_like_none(booked: BookedOffice) -> None:
    owner, stranger = booked.account(), booked.account()
    reservation_id = booked.activated(owner)
    of_program = booked.office.book("P", NOON)["id"]
    link = booked.context.keys.visit_token(reservation_id)
    for who in (stranger, guest(), Owner(), Owner(link=link)):
        for which in (reservation_id, of_program, 999_999):
            with pytest.raises(RuleBroken) as broken:
                booked.shown(who, which)
            assert (broken.value.status, broken.value.facts) == (404, {"what": "reservation"})
            with pytest.raises(RuleBroken):
                booked.write(visits.cancel, who, which)
    assert booked.shown(owner, reservation_id).status == "booked"


def test_a_guest_sees_the_visit_in_the_browser_and_later_by_the_link(booked: BookedOffice) -> None:
    booked.rule(account_required=False)
    reservation_id = booked.activated(guest())
    shown = booked.shown(guest(), reservation_id)
    head, _, link = shown.url.rpartition("/")
    assert head == "https://numerek.test/pl/v"
    assert len(link) >= 24
    holder = by_link(guest(), link)
    assert (
        booked.read(visits.show, holder, reservation_of_link(booked.context, link), "en").code == shown.code
    )
    other = booked.context.keys.visit_token(reservation_id + 1)

    def shown_to(token: str) -> object:
        owner = by_link(guest(), token)
        return booked.read(visits.show, owner, reservation_of_link(booked.context, token), "en")

    for wrong in (other, link[:-1], link + "x", "", "zzz", "\ud800", f"{reservation_id:x}-"):
        with pytest.raises(RuleBroken, match="not_found"):
            shown_to(wrong)
    assert booked.write(visits.cancel, holder, reservation_id) == Cancelled()


def test_the_outbox_worker_writes_a_visit_out_in_the_language_of_the_letter(booked: BookedOffice) -> None:
    reservation_id = booked.activated(booked.account())
    shown = booked.read(visits.visit_of, reservation_id, "en")
    assert shown.service_name == "Service L"
    assert shown.code is not None
    with pytest.raises(RuleBroken, match="not_found"):
        booked.read(visits.visit_of, 999_999, "en")


def test_a_key_that_is_gone_leaves_a_visit_without_names(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.office.set_reservation(reservation_id, sealed_person=None, sealed_codes=None)
    shown = booked.shown(owner, reservation_id)
    assert (shown.applicant, shown.code, shown.children) == (None, None, ())
