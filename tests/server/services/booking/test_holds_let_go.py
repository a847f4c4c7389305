"""Holds that are let go are limited for an account and for a person, with a pause that grows (rule 6)."""

from __future__ import annotations

from datetime import timedelta

from server.services.booking import visits
from server.services.booking.hold import Blocked, Held
from tests.server.services.booking.booked_office import BookedOffice, guest

HALF_AN_HOUR = timedelta(minutes=30)


def let_go(booked: BookedOffice, owner: object, times: int, **told: str) -> None:
    for _ in range(times):
        reservation_id = booked.held(owner, **told)
        booked.office.clock.advance(minutes=10, seconds=1)
        booked.sweep()
        assert booked.office.reservation(reservation_id).status == "lapsed"


def test_after_three_holds_let_go_an_account_waits_and_then_longer(booked: BookedOffice) -> None:
    owner = booked.account()
    let_go(booked, owner, 3)
    blocked = booked.hold(owner, booked.draft(owner))
    assert isinstance(blocked, Blocked)
    assert blocked.reason == "holds_let_go"
    assert blocked.until == booked.office.clock.now() + HALF_AN_HOUR
    booked.office.clock.advance(minutes=30)
    let_go(booked, owner, 1)
    again = booked.hold(owner, booked.draft(owner))
    assert again.until == booked.office.clock.now() + 2 * HALF_AN_HOUR
    booked.office.clock.advance(hours=24, seconds=1)


def test_a_person_waits_in_any_account_and_without_one(booked: BookedOffice) -> None:
    booked.rule(account_required=False)
    me = booked.person()
    for number in range(3):
        let_go(booked, guest(f"a browser of its own, number {number}"), 1, **me)
    other = guest("one more browser of its own")
    assert booked.hold(other, booked.draft(other, **me)).reason == "holds_let_go"
    assert isinstance(booked.hold(other, booked.draft(other)), Held)


def test_a_cancelled_hold_counts_too_and_an_activated_one_does_not(booked: BookedOffice) -> None:
    owner = booked.account()
    for _ in range(2):
        booked.write(visits.cancel, owner, booked.held(owner))
    booked.write(visits.cancel, owner, booked.activated(owner))
    booked.write(visits.cancel, owner, booked.held(owner))
    assert booked.hold(owner, booked.draft(owner)).reason == "holds_let_go"


def test_how_many_may_be_let_go_is_a_setting(booked: BookedOffice) -> None:
    booked.rule(holds_let_go=1)
    owner = booked.account()
    let_go(booked, owner, 1)
    assert booked.hold(owner, booked.draft(owner)).reason == "holds_let_go"
