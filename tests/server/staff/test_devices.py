"""Devices on the staff's pages: a code for a new one, its state, and the one that is refused."""

from __future__ import annotations

import re

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.codes import MalformedCode, enrolment_text, parse_enrolment
from wire.vocabulary import FactType, Role

DEVICES = "/staff/at/wroclaw/devices"


def code_on(text: str) -> str:
    found = re.search(r"<code>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})</code>", text)
    assert found is not None
    return found[1]


def enrol(office: SampleOffice, code: str) -> int:
    return office.door().post("/devices/enrol", {"enrolment_code": code}).status_code


def test_a_code_of_the_page_enrols_one_device_once(office: SampleOffice, people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    page = manager.post(f"{DEVICES}/new", {"role": "kiosk", "hall": "A", "counter": ""})
    assert (page.status, page.heading) == (200, "Biletomat A2")
    code = code_on(page.text)
    assert "Biletomat A2" in manager.get(DEVICES).words
    assert enrol(office, code) == 201
    assert enrol(office, code) == 404


def test_a_counter_program_needs_its_counter_and_is_where_it_is(people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    assert len(manager.post(f"{DEVICES}/new", {"role": "counter", "hall": "A", "counter": ""}).mistakes) == 1
    assert (
        manager.post(f"{DEVICES}/new", {"role": "counter", "hall": "A", "counter": "7"}).heading
        == "Stanowisko 7"
    )


def test_a_new_code_makes_the_old_one_worthless(office: SampleOffice, people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    old = code_on(manager.post(f"{DEVICES}/new", {"role": "board", "hall": "A", "counter": ""}).text)
    listed = manager.get(DEVICES)
    waiting = re.findall(r'action="([^"]+/code)"', listed.text)
    for action in waiting:
        page = manager.send("POST", action, {"csrf_token": listed.fields["csrf_token"]})
        if page.heading == "Tablica A2":
            new = code_on(page.text)
    assert enrol(office, old) == 404
    assert enrol(office, new) == 201


def test_a_device_of_another_branch_looks_like_none_and_one_s_own_is_refused_at_once(
    office: SampleOffice, people: People
) -> None:
    token = {"csrf_token": (manager := people.signed_in(Role.MANAGER)).get(DEVICES).fields["csrf_token"]}
    ids = {
        device["name"]: device["id"]
        for door in ("kiosk:wroclaw", "kiosk:legnica")
        for device in [office.door(door).get("/devices/me").json | {"name": door}]
    }
    assert manager.send("POST", f"{DEVICES}/{ids['kiosk:legnica']}/revoke", token).status == 404
    assert office.door("kiosk:legnica").get("/devices/me").status_code == 200
    assert manager.send("POST", f"{DEVICES}/{ids['kiosk:wroclaw']}/revoke", token).status == 303
    assert office.door("kiosk:wroclaw").get("/devices/me").status_code == 401


def test_a_device_is_asked_to_start_again_and_another_branchs_looks_like_none(
    office: SampleOffice, people: People
) -> None:
    manager = people.signed_in(Role.MANAGER)
    token = {"csrf_token": manager.get(DEVICES).fields["csrf_token"]}
    kiosk, elsewhere = (
        office.door(name).get("/devices/me").json for name in ("kiosk:wroclaw", "kiosk:legnica")
    )
    assert kiosk["restarts_asked"] == 0
    assert manager.send("POST", f"{DEVICES}/{kiosk['id']}/restart", token).status == 303
    assert manager.send("POST", f"{DEVICES}/{elsewhere['id']}/restart", token).status == 404
    assert office.door("kiosk:wroclaw").get("/devices/me").json["restarts_asked"] == 1
    assert office.door("kiosk:legnica").get("/devices/me").json["restarts_asked"] == 0
    (fact,) = office.facts(FactType.DEVICE_RESTART_ASKED)
    assert fact.data == {"device": kiosk["id"], "by": manager.user_id}


def test_a_new_roll_is_told_to_the_kiosk_and_to_none_of_another_branch(
    office: SampleOffice, people: People
) -> None:
    for name in ("kiosk:wroclaw", "kiosk:legnica"):
        supplies = [{"slips": 900, "metres_left": 12, "slips_left": 92}, {"slips": 5}]
        office.door(name).post("/devices/me/status", {"printer": "ready", "supplies": supplies})
    manager = people.signed_in(Role.MANAGER)
    page = manager.get(DEVICES)
    assert "papier: około 12 m (bilety: około 92)" in page.text
    assert "druga drukarka: wydrukowane bilety: 5" in page.text
    token = {"csrf_token": page.fields["csrf_token"]}
    kiosk, elsewhere = (
        office.door(name).get("/devices/me").json for name in ("kiosk:wroclaw", "kiosk:legnica")
    )
    assert kiosk["new_rolls"] == []
    assert manager.send("POST", f"{DEVICES}/{kiosk['id']}/new-roll/1", token).status == 303
    assert manager.send("POST", f"{DEVICES}/{kiosk['id']}/new-roll/2", token).status == 404
    assert manager.send("POST", f"{DEVICES}/{elsewhere['id']}/new-roll/0", token).status == 404
    assert office.door("kiosk:wroclaw").get("/devices/me").json["new_rolls"] == [0, 1]
    assert office.door("kiosk:legnica").get("/devices/me").json["new_rolls"] == []


@pytest.mark.parametrize(
    "text", ["", "NQ1:ABC", "NQE1:", "NQE1:http://x", "NQE1:ftp://x#A", "nqe1:http://x#A"]
)
def test_what_is_no_qr_of_a_new_device_is_said(text: str) -> None:
    with pytest.raises(MalformedCode):
        parse_enrolment(text)


def test_the_qr_of_a_new_device_holds_address_and_code() -> None:
    text = enrolment_text("https://numerek.example.org", "ABCD-EFGH-JKLM")
    assert parse_enrolment(f" {text}\n") == ("https://numerek.example.org", "ABCD-EFGH-JKLM")


def test_devices_are_named_in_the_language_of_the_page_and_counted_not_spelled(people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    for number in ("10", "7"):
        manager.post(f"{DEVICES}/new", {"role": "counter", "hall": "A", "counter": number})
    manager.post(
        f"{DEVICES}/new", {"role": "board", "hall": "A", "name": "Counter by the door", "counter": ""}
    )
    page = manager.get(DEVICES)
    assert re.findall(r'<th scope="row">(Stanowisko .+?)</th>', page.text) == [
        "Stanowisko 7",
        "Stanowisko 10",
    ]
    assert '<th scope="row">Counter by the door</th>' in page.text
