"""The office changes how early visitors must come: open reservations follow, reinstated ones keep theirs."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest

from server.services.booking import integrators
from server.services.office.set_up import set_up_office
from server.workers.sweeper import Sweeper
from tests.server.movable_clock import at
from tests.server.sample_office import OFFICE, SampleOffice


def set_lead(office: SampleOffice, minutes: int | None, of_p: int | None = None) -> None:
    """Apply the set-up file with another lead of the branches, and of their service P."""
    said: dict[str, Any] = copy.deepcopy(OFFICE)
    for branch in said["branch"]:
        if minutes is not None:
            branch["check_in_lead_minutes"] = minutes
        for service in branch["service"]:
            if of_p is not None and service["letter"] == "P":
                service["check_in_lead_minutes"] = of_p
    office.store.write(lambda session: set_up_office(session, office.clock.now(), said))
    office.runtime.office.forget()


@pytest.mark.parametrize(
    ("lead", "arrives", "answer"),
    [(30, "11:30", 201), (30, "11:31", 409), (5, "11:50", 201), (5, "11:56", 409)],
)
def test_a_new_lead_holds_for_reservations_made_before(
    office: SampleOffice, lead: int, arrives: str, answer: int
) -> None:
    booked = office.book("P", "12:00")
    set_lead(office, lead)
    office.clock.set(arrives)
    Sweeper(office.store, office.runtime.context).look()
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == answer
    assert office.reservation(booked["id"]).lapses_at == at("12:00") - timedelta(minutes=lead)


def test_what_was_reinstated_keeps_its_own_end(office: SampleOffice) -> None:
    booked = office.book("P", "12:00")
    office.clock.set("11:50")
    Sweeper(office.store, office.runtime.context).look()
    context = office.runtime.context()
    office.store.write(lambda session: integrators.reinstate(session, context, booked["id"], "train_late"))
    set_lead(office, 30)
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201


@pytest.mark.parametrize(
    ("arrives", "of_p", "of_l"),
    [("11:30", 201, 201), ("11:31", 409, 201), ("11:45", 409, 201), ("11:46", 409, 409)],
)
def test_a_service_has_a_lead_of_its_own(office: SampleOffice, arrives: str, of_p: int, of_l: int) -> None:
    booked = {letter: office.book(letter, "12:00") for letter in "PL"}
    set_lead(office, None, of_p=30)
    office.clock.set(arrives)
    Sweeper(office.store, office.runtime.context).look()
    answers = {
        letter: office.kiosk.post("/check-ins", {"code": each["code"]}) for letter, each in booked.items()
    }
    assert (answers["P"].status_code, answers["L"].status_code) == (of_p, of_l)
    assert office.reservation(booked["P"]["id"]).lapses_at == at("11:30")
    if of_p == 409:
        assert answers["P"].get_json()["facts"]["check_in_until"] == "2026-11-23T10:30:00+00:00"


def test_the_branchs_lead_does_not_move_a_service_with_its_own(office: SampleOffice) -> None:
    booked = {letter: office.book(letter, "12:00") for letter in "PL"}
    set_lead(office, 20, of_p=30)
    assert office.reservation(booked["P"]["id"]).lapses_at == at("11:30")
    assert office.reservation(booked["L"]["id"]).lapses_at == at("11:40")
    assert office.kiosk.get("/devices/me").get_json()["settings"]["check_in_lead_minutes"] == 30


def test_a_service_has_an_earliest_of_its_own(office: SampleOffice) -> None:
    office.set_policy("P", check_in_earliest_minutes=60)
    booked = {letter: office.book(letter, "12:00") for letter in "PL"}
    office.clock.set("10:59")
    early = office.kiosk.post("/check-ins", {"code": booked["P"]["code"]})
    assert (early.status_code, early.get_json()["reason"]) == (409, "too_early")
    assert office.kiosk.post("/check-ins", {"code": booked["L"]["code"]}).status_code == 201
    office.clock.set("11:00")
    assert office.kiosk.post("/check-ins", {"code": booked["P"]["code"]}).status_code == 201


def test_an_earliest_of_the_branch_that_leaves_no_room_shuts_nobody_out(office: SampleOffice) -> None:
    office.set_policy(check_in_earliest_minutes=20)
    office.set_policy("P", check_in_lead_minutes=30)
    booked = office.book("P", "12:00")
    office.clock.set("11:00")
    assert office.kiosk.post("/check-ins", {"code": booked["code"]}).status_code == 201
