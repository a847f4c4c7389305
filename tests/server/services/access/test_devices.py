"""Devices: enrolled once, known by a token, heard about their trouble, and refused once they are revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server.services.access import devices
from server.services.access.brake import counted_source
from server.services.access.devices import NewDevice
from server.services.context import RuleBroken
from server.store.tables import Branch, Device
from tests.server.at_once import at_once
from tests.server.movable_clock import MovableClock
from tests.server.portal.browser import Browser
from tests.server.sample_office import Door, SampleOffice
from wire.vocabulary import DeviceRole


def enrolment_code(
    office: SampleOffice, role: DeviceRole = DeviceRole.KIOSK, counter: int | None = None
) -> str:
    """Prepare a device and return its one-time code."""
    context = office.runtime.context()
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    new = NewDevice(role, "A new one", "A", counter)
    return office.store.write(lambda session: devices.prepare_enrolment(session, context, branch, new))


def enrol(office: SampleOffice, code: str) -> Door:
    """Enrol and return the device's door."""
    response = office.door().post("/devices/enrol", {"enrolment_code": code})
    assert response.status_code == 201, response.text
    return Door(office.app, response.get_json()["token"])


def revoke(office: SampleOffice, name: str) -> None:
    """Revoke a device by its name."""
    device = office.one(Device, Device.name == name)
    office.store.write(lambda session: devices.revoke(session, office.runtime.context(), device.id))


def test_a_one_time_code_makes_a_device_that_knows_its_place(office: SampleOffice) -> None:
    me = enrol(office, enrolment_code(office)).get("/devices/me").get_json()
    assert (me["role"], me["branch"]["code"], me["hall"]["code"]) == ("kiosk", "wroclaw", "A")
    assert me["branch"]["zone"] == "Europe/Warsaw"
    assert me["settings"]["check_in_lead_minutes"] == 15
    assert me["settings"]["languages"] == ["pl", "en"]
    assert len(office.facts("device.enrolled")) == 1


def test_a_code_is_good_once_for_a_day_and_however_it_is_typed(office: SampleOffice) -> None:
    code = enrolment_code(office)
    typed = code.lower().replace("-", " ")
    assert office.door().post("/devices/enrol", {"enrolment_code": typed}).status_code == 201
    again = office.door().post("/devices/enrol", {"enrolment_code": code})
    assert (again.status_code, again.get_json()["reason"]) == (404, "unknown_enrolment_code")
    late = enrolment_code(office)
    office.clock.advance(hours=24)
    assert office.door().post("/devices/enrol", {"enrolment_code": late}).status_code == 404


def test_two_programs_with_the_same_code_do_not_both_become_the_device(office: SampleOffice) -> None:
    code = enrolment_code(office)
    anyone = office.door()
    answers = at_once(4, lambda _: anyone.post("/devices/enrol", {"enrolment_code": code}))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]


def test_a_counters_device_is_bound_to_its_counter(office: SampleOffice) -> None:
    device = enrol(office, enrolment_code(office, DeviceRole.COUNTER, 8))
    assert device.get("/devices/me").get_json()["counter"] == 8
    with pytest.raises(RuleBroken, match="counter_missing"):
        enrolment_code(office, DeviceRole.COUNTER)
    with pytest.raises(RuleBroken, match="counter_not_expected"):
        enrolment_code(office, DeviceRole.KIOSK, 8)


def test_a_revoked_device_is_refused_at_its_next_request(office: SampleOffice) -> None:
    assert office.kiosk.get("/devices/me").status_code == 200
    revoke(office, "kiosk:wroclaw")
    response = office.kiosk.get("/devices/me")
    assert (response.status_code, response.get_json()["reason"]) == (401, "token_unknown")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_the_clerks_session_on_a_revoked_device_ends_with_it(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    assert clerk.get("/counters/7").status_code == 200
    revoke(office, "counter:wroclaw:7")
    assert clerk.get("/counters/7").status_code == 401
    assert clerk.post("/counters/7/call-next").status_code == 401


def test_trouble_is_seen_by_the_clerks_of_the_hall_and_mended_trouble_is_not(office: SampleOffice) -> None:
    office.kiosk.post("/devices/me/status", {"printer": "ready", "paper": "paper_out", "version": "1.0"})
    clerk = office.clerk(7)
    (trouble,) = clerk.get("/counters/7").get_json()["troubles"]
    assert (trouble["device"], trouble["part"], trouble["state"]) == ("kiosk:wroclaw", "paper", "paper_out")
    office.clock.advance(minutes=1)
    office.kiosk.post("/devices/me/status", {"paper": "ok"})
    assert clerk.get("/counters/7").get_json()["troubles"] == []


def test_a_kiosk_without_paper_is_told_once_and_each_of_two_printers_for_itself(office: SampleOffice) -> None:
    said = {"printer": "paper_out", "paper": "out", "second_printer": "no_answer"}
    office.kiosk.post("/devices/me/status", said)
    clerk = office.clerk(7)
    troubles = clerk.get("/counters/7").get_json()["troubles"]
    assert [(each["part"], each["state"]) for each in troubles] == [
        ("printer", "paper_out"),
        ("second_printer", "no_answer"),
    ]
    # The second printer was taken away from the kiosk: nobody is to look for it.
    office.kiosk.post("/devices/me/status", {"printer": "ready", "paper": "ok"})
    assert clerk.get("/counters/7").get_json()["troubles"] == []


def test_a_roll_that_ends_is_told_and_what_is_left_is_no_fact(office: SampleOffice) -> None:
    said = {"printer": "ready", "paper": "ok", "roll": "ending"}
    for slips in (60, 59, 58):
        left = {"slips": 1000 - slips, "metres_left": 8, "slips_left": slips}
        assert office.kiosk.post("/devices/me/status", said | {"supplies": [left]}).status_code == 200
    assert len(office.facts("device.reported")) == 1
    clerk = office.clerk(7)
    assert [each["part"] for each in clerk.get("/counters/7").get_json()["troubles"]] == ["roll"]
    # The printer says so itself: once is enough.
    office.kiosk.post("/devices/me/status", said | {"printer": "paper_low", "paper": "low"})
    assert [each["part"] for each in clerk.get("/counters/7").get_json()["troubles"]] == ["paper"]
    office.kiosk.post("/devices/me/status", {"printer": "ready", "paper": "ok", "roll": "ok"})
    assert clerk.get("/counters/7").get_json()["troubles"] == []


@pytest.mark.parametrize("supplies", [[{"slips": -1}], [{}] * 3, [{"metres_left": "x"}], {"slips": 1}])
def test_nonsense_about_paper_is_refused(office: SampleOffice, supplies: object) -> None:
    assert office.kiosk.post("/devices/me/status", {"supplies": supplies}).status_code == 422


def test_only_a_change_becomes_a_fact(office: SampleOffice) -> None:
    for _ in range(3):
        clock = (office.clock.now() + timedelta(seconds=5)).isoformat()
        office.kiosk.post("/devices/me/status", {"printer": "ready", "clock": clock})
        office.clock.advance(seconds=30)
    (fact,) = office.facts("device.reported")
    assert fact.data["printer"] == "ready"
    late = (office.clock.now() - timedelta(hours=1)).isoformat()
    office.kiosk.post("/devices/me/status", {"clock": late})
    assert office.facts("device.reported")[-1].data["clock"] == "wrong"


def test_a_change_of_the_offices_settings_reaches_devices_without_a_restart(office: SampleOffice) -> None:
    office.set_policy(check_in_lead_minutes=20, notices={"pl": "Prosimy o ciszę."})
    settings = office.kiosk.get("/devices/me").get_json()["settings"]
    assert settings["check_in_lead_minutes"] == 20
    assert settings["notices"] == {"pl": "Prosimy o ciszę."}
    assert office.one(Branch, Branch.code == "wroclaw").policy["check_in_lead_minutes"] == 20


def test_whoever_guesses_codes_has_to_wait_on_every_way_and_a_right_one_then_counts(
    office: SampleOffice, clock: MovableClock
) -> None:
    code, anyone, browser = enrolment_code(office), office.door(), Browser(office.app)

    def tried(typed: str) -> int:
        return anyone.post("/devices/enrol", {"enrolment_code": typed}).status_code

    assert [tried(f"AAAA-BBBB-CCC{digit}") for digit in range(2, 8)] == [404] * 5 + [429]
    assert tried(code) == 429, "the right one is not looked at either"
    guesses = [browser.send("POST", "/board", {"code": f"1234-5678-901{digit}"}) for digit in range(6)]
    assert [each.status for each in guesses] == [422] * 5 + [429], "another address has tries of its own"
    assert "Too many" in guesses[5].text or "Za dużo" in guesses[5].text
    clock.advance(seconds=2)
    assert tried(code) == 201
    assert tried("AAAA-BBBB-CCCC") == 404, "the wrong ones before are forgotten"


@pytest.mark.parametrize(
    ("address", "other", "is_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("", "nonsense", False),
    ],
)
def test_tries_are_counted_by_network_where_one_has_many_addresses(
    address: str, other: str, is_one: bool
) -> None:
    assert (counted_source(address) == counted_source(other)) is is_one
