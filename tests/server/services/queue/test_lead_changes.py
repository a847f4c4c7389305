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


def set_lead(office: SampleOffice, minutes: int) -> None:
    """Apply the set-up file with another lead."""
    said: dict[str, Any] = copy.deepcopy(OFFICE)
    for branch in said["branch"]:
        branch["check_in_lead_minutes"] = minutes
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
