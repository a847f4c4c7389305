"""The activation: few guesses, few sends, once; and what lapses goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.booking import activation
from server.services.booking.activation import Activated, Expired, NoMoreSends, SentAgain, WrongCode
from server.services.booking.integrators import reinstate
from server.services.booking.slots.places import return_places
from server.services.context import RuleBroken
from server.services.office.set_up import set_up_office
from server.store.tables import PlaceReturn, Slot
from tests.server.sample_office import OFFICE
from tests.server.services.booking.booked_office import NOON, BookedOffice, guest


def test_the_fifth_wrong_code_gives_the_place_back(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    right, wrong = booked.code(reservation_id), booked.wrong_code(reservation_id)
    answers = [booked.write(activation.activate, owner, reservation_id, wrong) for _ in range(5)]
    assert answers == [*(WrongCode(left) for left in (4, 3, 2, 1)), Expired("too_many_tries")]
    assert booked.write(activation.activate, owner, reservation_id, right) == Expired("too_many_tries")
    row = booked.office.reservation(reservation_id)
    assert (row.status, row.reason, row.activation_hash) == ("lapsed", "not_activated", None)
    assert booked.office.one(PlaceReturn).reservation_id == reservation_id


def test_a_code_sent_again_voids_the_one_before_but_gives_no_more_guesses(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    first, wrong = booked.code(reservation_id), booked.wrong_code(reservation_id)
    booked.write(activation.activate, owner, reservation_id, wrong)
    assert booked.write(activation.send_again, owner, reservation_id) == SentAgain(1)
    again = booked.code(reservation_id)
    if again != first:
        assert booked.write(activation.activate, owner, reservation_id, first) == WrongCode(3)
    assert booked.write(activation.send_again, owner, reservation_id) == SentAgain(0)
    assert booked.write(activation.send_again, owner, reservation_id) == NoMoreSends()
    answer = booked.write(activation.activate, owner, reservation_id, booked.code(reservation_id))
    assert isinstance(answer, Activated)
    sent = [each for each in booked.messages(reservation_id) if each.kind == "activation_code"]
    assert len(sent) == 3


def test_a_code_opens_once_and_only_its_own_reservation(booked: BookedOffice) -> None:
    one, other = booked.account(), booked.account()
    mine, theirs = booked.held(one), booked.held(other)
    code = booked.code(theirs)
    if code != booked.code(mine):
        assert booked.write(activation.activate, one, mine, code) == WrongCode(4)
    answer = booked.write(activation.activate, other, theirs, code)
    assert answer == Activated(theirs, "booked")
    assert booked.write(activation.activate, other, theirs, code) == Activated(theirs, "booked", repeat=True)
    assert booked.write(activation.send_again, other, theirs) == Activated(theirs, "booked", repeat=True)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣", "9" * 100_000, "12\x003456"])
def test_what_can_be_no_code_is_wrong_and_costs_no_guess(booked: BookedOffice, typed: str) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    assert booked.write(activation.activate, owner, reservation_id, typed) == WrongCode(5, is_code=False)


def test_a_code_may_be_typed_with_spaces(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    code = booked.code(reservation_id)
    typed = f" {code[:3]} {code[3:]} "
    assert isinstance(booked.write(activation.activate, owner, reservation_id, typed), Activated)


def test_the_code_is_kept_as_a_keyed_hash_only(booked: BookedOffice) -> None:
    reservation_id = booked.held(booked.account())
    row = booked.office.reservation(reservation_id)
    code = booked.code(reservation_id)
    assert row.activation_hash == booked.context.keys.lookup("activation", f"{reservation_id}:{code}")
    assert all(code.encode() not in each.sealed_values for each in booked.messages(reservation_id))
    assert all(code not in str(each.facts) for each in booked.messages(reservation_id))


def test_a_hold_that_is_over_lapses_and_its_place_comes_back_later(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    code = booked.code(reservation_id)
    booked.office.clock.advance(minutes=10, seconds=1)
    assert booked.sweep() == 1
    row = booked.office.reservation(reservation_id)
    assert (row.status, row.reason) == ("lapsed", "not_activated")
    assert booked.write(activation.activate, owner, reservation_id, code) == Expired("too_late")
    assert [each.status for each in booked.messages(reservation_id)] == ["dropped"]
    (fact,) = booked.office.facts("reservation.lapsed")
    assert fact.data["reason"] == "not_activated"
    assert booked.office.one(Slot).taken == 1
    booked.office.clock.advance(hours=4)
    return_places(booked.office.store, booked.context)
    assert booked.office.one(Slot).taken == 0
    booked.held(owner)


def test_who_is_late_hears_it_before_the_sweeper_was_there(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    code = booked.code(reservation_id)
    booked.office.clock.advance(minutes=10, seconds=1)
    assert booked.write(activation.activate, owner, reservation_id, code) == Expired("too_late")
    assert booked.write(activation.send_again, owner, reservation_id) == Expired("too_late")
    assert booked.office.reservation(reservation_id).status == "lapsed"
    assert booked.sweep() == 0
    assert len(booked.office.rows(PlaceReturn)) == 1


def test_what_was_not_activated_cannot_be_reinstated(booked: BookedOffice) -> None:
    reservation_id = booked.held(booked.account())
    booked.office.clock.advance(minutes=11)
    booked.sweep()
    with pytest.raises(RuleBroken, match="not_allowed"):
        booked.write(reinstate, reservation_id, "a_favour")


def test_another_lead_of_the_check_in_moves_no_deadline_of_a_hold(booked: BookedOffice) -> None:
    held, stands = booked.held(booked.account()), booked.activated(booked.account())
    before = booked.office.reservation(held).lapses_at
    office = OFFICE | {"branch": [OFFICE["branch"][0] | {"check_in_lead_minutes": 30}, OFFICE["branch"][1]]}
    now = booked.office.clock.now()
    booked.office.store.write(lambda session: set_up_office(session, now, office))
    assert booked.office.reservation(held).lapses_at == before
    assert booked.office.reservation(stands).lapses_at == NOON - timedelta(minutes=30)


def test_anothers_reservation_looks_like_none(booked: BookedOffice) -> None:
    booked.rule(account_required=False)
    reservation_id, of_guest = booked.held(booked.account()), booked.held(guest())
    for owner in (booked.account(), guest("another browser"), guest("")):
        for mine in (reservation_id, of_guest, 999_999):
            for use_case in (activation.activate, activation.send_again):
                typed = ("123456",) if use_case is activation.activate else ()
                with pytest.raises(RuleBroken) as broken:
                    booked.write(use_case, owner, mine, *typed)
                assert (broken.value.status, broken.value.facts) == (404, {"what": "reservation"})


def test_a_code_by_sms_goes_to_the_phone_alone(booked: BookedOffice) -> None:
    booked.rule(activation="choice")
    reservation_id = booked.held(booked.account(), activation="sms", phone="+380501234567")
    assert [(each.kind, each.channel) for each in booked.messages(reservation_id)] == [
        ("activation_code", "sms")
    ]
