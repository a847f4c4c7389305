"""An office's file is taken as TOML reads it."""

from __future__ import annotations

import copy
import tomllib
from datetime import date
from typing import Any

from server.services.office.set_up import set_up_office
from tests.server.sample_office import OFFICE, SampleOffice

_DAYS = tomllib.loads(
    """
closures = [{ first = 2026-12-24, last = 2026-12-26T08:00:00, why = { pl = "Święta" } }]
[booking]
slots = [{ days = ["mon"], hours = "08:00-15:00", every_minutes = 10, first = 2026-12-01, last = 2027-03-31 }]
"""
)


def test_days_may_stand_bare_as_toml_has_them(office: SampleOffice) -> None:
    said: dict[str, Any] = copy.deepcopy(OFFICE)
    said["branch"][0]["closures"] = _DAYS["closures"]
    said["branch"][0]["service"][0]["booking"] = _DAYS["booking"]
    office.store.write(lambda session: set_up_office(session, office.clock.now(), said))
    office.runtime.office.forget()
    branch = office.runtime.context().office.branch_named(said["branch"][0]["code"])
    assert branch is not None
    closure = branch.policy.closures[0]
    assert (closure.first, closure.last) == (date(2026, 12, 24), date(2026, 12, 26))
    slot = branch.services[said["branch"][0]["service"][0]["letter"]].policy.booking.slots[0]
    assert (slot.first, slot.last) == (date(2026, 12, 1), date(2027, 3, 31))
