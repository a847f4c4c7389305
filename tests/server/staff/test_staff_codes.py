"""The code of the staff's menu: a secret for each kiosk and enrolment; openings are facts."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.staff_code import STEP_SECONDS
from wire.vocabulary import Role

DEVICES = "/staff/at/wroclaw/devices"


def secret(office: SampleOffice, door: str = "kiosk:wroclaw") -> str | None:
    return office.door(door).get("/devices/me").get_json().get("staff_secret")


def code_shown(people: People, device_id: int, *, role: Role = Role.MANAGER) -> str | None:
    someone = people.signed_in(role)
    token = {"csrf_token": someone.get("/staff/at/wroclaw/hall").fields.get("csrf_token", "")}
    page = someone.send("POST", f"{DEVICES}/{device_id}/staff-code", token)
    found = re.search(r"<code>(\d{3}) (\d{3})</code>", page.text)
    return found[1] + found[2] if found and page.status == 200 else None


def test_each_kiosk_has_a_secret_of_its_own_and_no_other_device_has_one(office: SampleOffice) -> None:
    assert re.fullmatch(r"[A-Z2-7]{32}", secret(office) or "")
    assert secret(office) == secret(office) != secret(office, "kiosk:legnica")
    assert secret(office, "counter:wroclaw:7") is None
    status = office.kiosk.post("/devices/me/status", {"printer": "ready"}).get_json()
    assert status["staff_secret"] == secret(office)


def test_the_page_shows_the_code_that_the_kiosk_takes(office: SampleOffice, people: People) -> None:
    kiosk = office.kiosk.get("/devices/me").get_json()
    code = code_shown(people, kiosk["id"])
    totp = pyotp.TOTP(kiosk["staff_secret"], interval=STEP_SECONDS)
    assert code == totp.at(office.clock.now())
    assert code != totp.at(office.clock.now() + timedelta(seconds=STEP_SECONDS))


def test_the_page_shows_no_code_of_another_branch_or_device_nor_to_a_supervisor(
    office: SampleOffice, people: People
) -> None:
    ours, theirs, counter = (
        office.door(door).get("/devices/me").get_json()["id"]
        for door in ("kiosk:wroclaw", "kiosk:legnica", "counter:wroclaw:7")
    )
    assert code_shown(people, theirs) is None
    assert code_shown(people, counter) is None
    assert code_shown(people, ours, role=Role.SUPERVISOR) is None


def test_a_kiosk_that_is_enrolled_anew_has_another_secret(office: SampleOffice, people: People) -> None:
    before, kiosk = secret(office), office.kiosk.get("/devices/me").get_json()["id"]
    manager = people.signed_in(Role.MANAGER)
    token = {"csrf_token": manager.get(DEVICES).fields["csrf_token"]}
    page = manager.send("POST", f"{DEVICES}/{kiosk}/code", token)
    code = re.search(r"<code>([A-Z0-9-]{14})</code>", page.text)
    assert code is not None
    office.clock.advance(minutes=1)
    enrolled = office.door().post("/devices/enrol", {"enrolment_code": code[1]}).get_json()
    assert enrolled["device"]["staff_secret"] not in (before, None)


@pytest.mark.parametrize("late_minutes", [0, 300])
def test_an_opening_is_a_fact_also_when_it_is_told_late(office: SampleOffice, late_minutes: int) -> None:
    opened_at = office.clock.now()
    office.clock.advance(minutes=late_minutes)
    said = office.kiosk.post("/devices/me/staff-menu", {"opened_at": opened_at.isoformat()})
    assert said.status_code == 204
    (fact,) = office.facts("device.reported")
    assert fact.data["staff_menu"] == opened_at.isoformat()
    assert fact.data["device"] == office.kiosk.get("/devices/me").get_json()["id"]
