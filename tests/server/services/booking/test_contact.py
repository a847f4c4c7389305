"""Contact data are corrected while the hour is held: the hour stays, the old code is void, twice at most."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.booking import activation, contact
from server.services.booking.activation import Activated, Expired, SentAgain
from server.services.booking.contact import Corrected, NotCorrected
from server.services.booking.owners import Owner
from server.services.context import RuleBroken
from tests.server.services.booking.booked_office import BookedOffice, guest


def correct(booked: BookedOffice, owner: object, reservation_id: int, email: str) -> object:
    return booked.write(contact.correct, owner, reservation_id, {"email": email})


def test_a_corrected_address_gets_a_new_code_and_the_hold_ends_as_before(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner, email="anna@gmial.com")
    ends, first = booked.office.reservation(reservation_id).lapses_at, booked.code(reservation_id)
    booked.office.clock.advance(minutes=3)
    assert correct(booked, owner, reservation_id, "anna@gmail.com") == Corrected("email")
    row = booked.office.reservation(reservation_id)
    assert (row.lapses_at, row.contact_corrections) == (ends, 1)
    assert [each.status for each in booked.messages(reservation_id)] == ["dropped", "queued"]
    assert booked.code(reservation_id) != first
    code = booked.code(reservation_id)
    assert isinstance(booked.write(activation.activate, owner, reservation_id, code), Activated)
    assert booked.read(contact.contact_of, owner, reservation_id) == Expired("booked")
    (fact,) = booked.office.facts("reservation.changed")
    assert fact.data == {"reservation": reservation_id, "change": "contact", "channel": "email"}


def test_it_is_corrected_twice_and_never_brings_fewer_codes(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    for number in range(2):
        assert correct(booked, owner, reservation_id, f"b{number}@example.org") == Corrected("email")
    assert correct(booked, owner, reservation_id, "c@example.org") == NotCorrected("corrected_enough", {})
    assert booked.write(activation.send_again, owner, reservation_id) == SentAgain(1)


def test_a_wrong_address_changes_nothing(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    answer = correct(booked, owner, reservation_id, "no address")
    assert answer == NotCorrected("incomplete", {"email": "malformed"})
    assert len(booked.messages(reservation_id)) == 1


def test_an_address_of_another_visit_is_refused_where_the_service_counts_addresses(
    booked: BookedOffice,
) -> None:
    booked.rule(one_per_email=True)
    booked.held(booked.account(), email="taken@example.org")
    owner = booked.account()
    reservation_id = booked.held(owner, email="mine@example.org")
    assert correct(booked, owner, reservation_id, "taken@example.org") == NotCorrected("email_used", {})
    assert correct(booked, owner, reservation_id, "mine@example.org") == Corrected("email")


def test_after_the_hold_nothing_is_corrected(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.held(owner)
    booked.office.clock.advance(minutes=10, seconds=1)
    assert correct(booked, owner, reservation_id, "b@example.org") == Expired("too_late")


def test_nobody_corrects_anothers_contact(booked: BookedOffice) -> None:
    reservation_id = booked.held(booked.account())
    for other in (booked.account(), guest()):
        with pytest.raises(RuleBroken, match="not_found"):
            correct(booked, other, reservation_id, "b@example.org")


def test_a_hold_that_is_let_go_gives_its_place_back_within_five_minutes(booked: BookedOffice) -> None:
    from server.services.booking.slots.places import return_places
    from server.store.tables import PlaceReturn, Slot

    owner = booked.account()
    booked.held(owner)
    booked.office.clock.advance(minutes=10, seconds=1)
    booked.sweep()
    due = booked.office.one(PlaceReturn).due_at - booked.office.clock.now()
    assert timedelta(minutes=1) <= due <= timedelta(minutes=5)
    booked.office.clock.advance(minutes=5, seconds=1)
    return_places(booked.office.store, booked.context)
    assert booked.office.one(Slot).taken == 0


def email_of(booked: BookedOffice, owner: Owner, reservation_id: int) -> str | None:
    shown = booked.read(contact.contact_of, owner, reservation_id)
    assert isinstance(shown, contact.Contact)
    return shown.email


def test_visits_follow_the_account_to_its_new_address_and_others_stay(booked: BookedOffice) -> None:
    booked.rule(account_limit=5)
    owner, other = booked.account(), booked.account()
    mine = booked.held(owner, email="Anna@example.org")
    elsewhere = booked.held(owner, name="Jan Nowak", document="ZZ 9", email="jan@example.org")
    foreign = booked.held(other, name="Ewa Lis", document="ZZ 8", email="anna@example.org")
    args = (owner.account_id, "anna@example.org", "new@example.org")
    assert booked.write(contact.follow_account, *args) == 1
    assert email_of(booked, owner, mine) == "new@example.org"
    assert email_of(booked, owner, elsewhere) == "jan@example.org"
    assert email_of(booked, other, foreign) == "anna@example.org"


def test_a_visit_keeps_its_address_where_the_new_one_is_used_already(booked: BookedOffice) -> None:
    booked.rule(one_per_email=True)
    booked.held(booked.account(), name="Ewa Lis", document="ZZ 8", email="new@example.org")
    owner = booked.account()
    mine = booked.held(owner, email="anna@example.org")
    args = (owner.account_id, "anna@example.org", "new@example.org")
    assert booked.write(contact.follow_account, *args) == 0
    assert email_of(booked, owner, mine) == "anna@example.org"
