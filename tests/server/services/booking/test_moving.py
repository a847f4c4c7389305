"""A visit is moved: the new place is taken before the old one is let go, once, and before the check-in ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.services.booking import integrators, moving, visits
from server.services.booking.moving import Moved, NotMoved
from server.services.booking.slots.places import NoPlace, return_places
from server.services.context import RuleBroken
from server.store.queries.booking import drafts
from server.store.tables import PlaceReturn, Slot
from server.workers.sweeper import sweep
from tests.server.at_once import at_once
from tests.server.services.booking.booked_office import NOON, BookedOffice, guest

LATER = NOON + timedelta(hours=1)


def test_a_moved_visit_stands_at_its_new_hour_with_the_same_code(booked: BookedOffice) -> None:
    owner = booked.account()
    booked.office.open_slot("L", LATER)
    reservation_id = booked.activated(owner)
    code = booked.shown(owner, reservation_id).code
    assert booked.write(moving.move, owner, reservation_id, LATER) == Moved(LATER)
    visit = booked.shown(owner, reservation_id)
    assert (visit.appointment_at, visit.code, visit.status) == (LATER, code, "booked")
    assert booked.office.one(Slot, Slot.starts_at == LATER).taken == 1
    assert booked.office.one(Slot, Slot.starts_at == NOON).taken == 1
    due = booked.office.one(PlaceReturn).due_at - booked.office.clock.now()
    assert timedelta(minutes=10) <= due <= timedelta(minutes=180)
    booked.office.clock.advance(hours=3, minutes=1)
    return_places(booked.office.store, booked.context)
    assert booked.office.one(Slot, Slot.starts_at == NOON).taken == 0
    sent = [each.kind for each in booked.messages(reservation_id, "queued")]
    assert sent.count("confirmation") == 1
    (fact,) = booked.office.facts("reservation.moved")
    assert fact.data["to"] == LATER.isoformat()


def test_it_is_moved_once_and_the_same_move_twice_is_once(booked: BookedOffice) -> None:
    owner = booked.account()
    for hours in (1, 2):
        booked.office.open_slot("L", NOON + timedelta(hours=hours))
    reservation_id = booked.activated(owner)
    assert booked.write(moving.move, owner, reservation_id, LATER) == Moved(LATER)
    assert booked.write(moving.move, owner, reservation_id, LATER) == Moved(LATER, repeat=True)
    assert booked.write(moving.move, owner, reservation_id, NOON + timedelta(hours=2)) == NotMoved(
        "moved_enough"
    )


def by_staff(session: Any, context: Any, reservation_id: int, to: datetime) -> Any:
    """Move a visit as the desk does."""
    row = drafts.reservation(session, reservation_id, locked=True)
    assert row is not None
    return moving.move_for(session, context, row, to, "other", 1)


def test_what_staff_move_is_none_of_the_visitors_own_moves(booked: BookedOffice) -> None:
    owner = booked.account()
    for hours in (1, 2, 3):
        booked.office.open_slot("L", NOON + timedelta(hours=hours))
    reservation_id = booked.activated(owner)
    for hours in (1, 2):
        to = NOON + timedelta(hours=hours)
        assert booked.write(by_staff, reservation_id, to) == Moved(to)
    last = NOON + timedelta(hours=3)
    assert booked.write(moving.move, owner, reservation_id, last) == Moved(last)
    assert booked.shown(owner, reservation_id).moves == 3, "a calendar takes each as a newer version"
    assert booked.write(moving.move, owner, reservation_id, NOON) == NotMoved("moved_enough")


def test_a_full_hour_leaves_the_visit_where_it_was(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER, capacity=1)
    booked.activated(booked.account(), LATER)
    owner = booked.account()
    reservation_id = booked.activated(owner)
    assert booked.write(moving.move, owner, reservation_id, LATER) == NoPlace("slot_full")
    assert booked.shown(owner, reservation_id).appointment_at == NOON
    assert booked.office.rows(PlaceReturn) == []


def test_of_many_who_move_to_the_last_place_one_does(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER, capacity=1)
    owners = [booked.account() for _ in range(6)]
    visits = [booked.activated(owner) for owner in owners]
    answers = at_once(6, lambda one: booked.write(moving.move, owners[one], visits[one], LATER))
    assert sum(isinstance(answer, Moved) for answer in answers) == 1
    assert booked.office.one(Slot, Slot.starts_at == LATER).taken == 1


def test_a_visit_whose_check_in_has_ended_is_not_moved(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER)
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.office.clock.set(NOON - timedelta(minutes=14, seconds=59))
    assert booked.write(moving.move, owner, reservation_id, LATER) == NotMoved("not_booked")
    assert not booked.read(moving.may_move, owner, reservation_id)


def test_a_reinstated_visit_is_for_its_own_hour_only(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER)
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.office.clock.set(NOON - timedelta(minutes=14, seconds=59))
    booked.write(sweep)
    booked.write(integrators.reinstate, reservation_id, "late_train")
    assert booked.write(moving.move, owner, reservation_id, LATER) == NotMoved("too_late")


def test_a_visit_is_moved_until_its_check_in_ends(booked: BookedOffice) -> None:
    booked.office.open_slot("L", LATER)
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.office.clock.set(NOON - timedelta(minutes=15))
    assert booked.read(moving.may_move, owner, reservation_id)
    assert booked.write(moving.move, owner, reservation_id, LATER) == Moved(LATER)


def test_a_cancelled_visit_is_not_moved_to_its_own_hour_either(booked: BookedOffice) -> None:
    owner = booked.account()
    reservation_id = booked.activated(owner)
    booked.write(visits.cancel, owner, reservation_id)
    assert booked.write(moving.move, owner, reservation_id, NOON) == NotMoved("not_booked")


def test_a_moved_visit_that_is_cancelled_gives_both_places_back(booked: BookedOffice) -> None:
    owner = booked.account()
    booked.office.open_slot("L", LATER)
    reservation_id = booked.activated(owner)
    booked.write(moving.move, owner, reservation_id, LATER)
    booked.write(visits.cancel, owner, reservation_id)
    booked.office.clock.advance(hours=3, minutes=1)
    return_places(booked.office.store, booked.context)
    assert [slot.taken for slot in booked.office.rows(Slot)] == [0, 0]


def test_nobody_moves_anothers_visit(booked: BookedOffice) -> None:
    reservation_id = booked.activated(booked.account())
    for other in (booked.account(), guest()):
        with pytest.raises(RuleBroken, match="not_found"):
            booked.write(moving.move, other, reservation_id, LATER)
