"""Drafts: each its owner's own, sealed, for two hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from server.services.booking import activation, drafts
from server.services.booking.hold import Held
from server.services.context import RuleBroken
from server.store.tables import Draft, PersonalKey
from tests.server.services.booking.booked_office import NOON, BookedOffice, guest


def test_a_draft_keeps_what_was_typed_sealed_and_when_it_was_begun(booked: BookedOffice) -> None:
    owner = booked.account()
    token = booked.draft(owner, name="Marker Markiewicz")
    booked.write(drafts.keep, owner, token, traces={"opened": [1, 2]})
    booked.office.clock.advance(seconds=2)
    found = booked.read(drafts.load, owner, token)
    assert found.details["name"] == "Marker Markiewicz"
    assert found.traces == {"opened": [1, 2]}
    assert found.starts_at == NOON
    assert booked.office.clock.now() - found.made_at == timedelta(seconds=2)
    row = booked.office.one(Draft)
    assert b"Marker" not in row.sealed_details
    assert token.encode() not in row.token_hash
    assert len(token) >= 32


def test_another_persons_draft_is_not_found(booked: BookedOffice) -> None:
    booked.rule(account_required=False)
    owner, stranger = booked.account(), booked.account()
    of_account, of_guest = booked.draft(owner), booked.draft(guest())
    for who, token in (
        (stranger, of_account),
        (guest(), of_account),
        (owner, of_guest),
        (guest("another"), of_guest),
        (guest(""), of_guest),
        (owner, "no such token"),
        (owner, "\ud800"),
        (owner, ""),
    ):
        with pytest.raises(RuleBroken) as broken:
            booked.read(drafts.load, who, token)
        assert broken.value.status == 404


def test_a_draft_is_over_after_two_hours_and_forgotten_with_its_key(booked: BookedOffice) -> None:
    owner = booked.account()
    old = booked.draft(owner)
    booked.office.clock.advance(hours=1)
    young = booked.draft(owner)
    held = booked.held(owner)
    booked.office.clock.advance(hours=1)
    with pytest.raises(RuleBroken):
        booked.read(drafts.load, owner, old)
    assert drafts.forget_old(booked.office.store, booked.context) == 1
    booked.read(drafts.load, owner, young)
    booked.office.clock.advance(hours=1)
    assert drafts.forget_old(booked.office.store, booked.context) == 2
    assert drafts.forget_old(booked.office.store, booked.context) == 0
    kept = {row.id for row in booked.office.rows(PersonalKey)}
    assert booked.office.reservation(held).personal_key_id in kept
    assert booked.shown(owner, held).applicant is not None


def test_an_account_is_needed_unless_the_service_does_without(booked: BookedOffice) -> None:
    with pytest.raises(RuleBroken, match="account_required"):
        booked.draft(guest())
    booked.rule(account_required=False)
    token = booked.draft(guest())
    booked.rule(account_required=True)
    with pytest.raises(RuleBroken, match="account_required"):
        booked.hold(guest(), token)


def test_a_service_that_is_not_booked_on_the_web_has_no_drafts(booked: BookedOffice) -> None:
    booked.rule(slots=[])
    with pytest.raises(RuleBroken, match="not_found"):
        booked.draft(booked.account())


def test_a_guest_who_logs_in_on_the_way_books_for_the_account(booked: BookedOffice) -> None:
    booked.rule(account_required=False)
    token, account = booked.draft(guest()), booked.account()
    with pytest.raises(RuleBroken):
        booked.read(drafts.load, account, token)
    both = replace(account, browser=guest().browser)
    assert booked.read(drafts.load, both, token).details
    held = booked.hold(both, token)
    assert isinstance(held, Held)
    assert booked.shown(account, held.reservation_id).status == "held"
    with pytest.raises(RuleBroken):
        booked.shown(guest(), held.reservation_id)


def test_too_much_is_not_kept(booked: BookedOffice) -> None:
    owner = booked.account()
    with pytest.raises(RuleBroken, match="too_long"):
        booked.draft(owner, name="x" * 30_000)


def test_nobody_types_twice_when_a_hold_was_too_slow(booked: BookedOffice) -> None:
    owner, me = booked.account(), booked.person()
    reservation_id = booked.held(owner, **me)
    booked.office.clock.advance(minutes=11)
    booked.sweep()
    token = booked.write(drafts.begin_again, owner, reservation_id)
    found = booked.read(drafts.load, owner, token)
    assert found.details["name"] == me["name"]
    assert found.starts_at is None
    booked.write(drafts.keep, owner, token, starts_at=NOON)
    held = booked.hold(owner, token)
    answer = booked.write(activation.activate, owner, held.reservation_id, booked.code(held.reservation_id))
    assert isinstance(answer, activation.Activated)
    with pytest.raises(RuleBroken):
        booked.write(drafts.begin_again, booked.account(), reservation_id)
