"""Booking at the desk: for several people, under the rules of the web, and the code shown once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.server.portal.outer import outer_world
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DESK, HOSTILE, TOMORROW_TEN, Scene
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

NEW = f"{DESK}/new"
WHO = {"name_0": "Jan Nowak", "birth_date_0": ["1", "5", "1990"], "document_0": "ABC 123"}
SECOND = {"name_1": "Ewa Maj", "birth_date_1": ["2", "6", "1980"], "document_1": "XYZ 987"}


@pytest.fixture
def desk(people: People) -> Colleague:
    """Sign a clerk in."""
    return people.signed_in(Role.CLERK)


def book(desk: Colleague, **typed: Any) -> Any:
    page = desk.get(f"{NEW}?service=L&day=2026-11-24")
    sent = {"hour": f"{TOMORROW_TEN:%Y-%m-%dT%H:%MZ}", "language": "uk", "email": "", "phone": ""}
    return desk.submit(page, NEW, sent | typed)


def test_one_person_without_a_contact_gets_a_code_that_is_shown_once(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 2)
    done = book(desk, **WHO)
    assert done.status == 303
    page = desk.follow(done)
    number = scene.reservations()[-1].id
    assert scene.row(number).status == "booked"
    assert scene.row(number).language == "uk"
    code = page.html.texts["p"]
    assert any(len(each.strip().replace(" ", "")) == 9 and each.strip()[0].isdigit() for each in code)
    again = desk.get(f"{DESK}/booked")
    assert again.status == 303
    assert scene.fact("reservation.booked")["user"] == desk.user_id


def test_several_people_are_booked_at_once_or_nobody(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 2)
    page = desk.get(f"{NEW}?service=L&day=2026-11-24")
    more = desk.submit(page, NEW, WHO | {"more": "1"})
    assert more.fields["name_0"] == "Jan Nowak"
    assert more.fields["people"] == "2"
    hour = {"hour": f"{TOMORROW_TEN:%Y-%m-%dT%H:%MZ}", "language": "pl"}
    assert desk.submit(more, NEW, WHO | SECOND | hour).status == 303
    assert [row.status for row in scene.reservations()] == ["booked", "booked"]


def test_when_the_last_place_is_gone_nobody_of_them_is_booked(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 1)
    page = book(desk, people="2", **WHO, **SECOND)
    assert page.status == 422
    assert page.mistakes == ["All places of this hour are taken"]
    assert scene.reservations() == []
    assert scene.slots("L", TOMORROW_TEN)[0].taken == 0


def test_one_visit_a_person_holds_at_the_desk_too(scene: Scene, desk: Colleague) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    assert book(desk, **WHO).status == 303
    page = book(desk, **WHO)
    assert page.mistakes == ["This person has another reservation for this service"]
    assert len(scene.reservations()) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_0", ""),
        ("name_0", "12345"),
        ("birth_date_0", ["1", "1", "2020"]),
        ("birth_date_0", ["31", "2", "1990"]),
        ("document_0", ""),
        ("email", "nobody"),
        ("phone", "12"),
        ("hour", "2026-11-24T03:00Z"),
        ("hour", HOSTILE),
        ("language", "xx"),
        ("name_0", HOSTILE),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nobody_is_booked(
    scene: Scene, desk: Colleague, field: str, value: Any
) -> None:
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    page = book(desk, **WHO | {field: value})
    assert page.status == 422
    assert page.mistakes
    assert "<script>alert(1)" not in page.text
    assert scene.reservations() == []


def test_a_stay_that_ends_before_the_visit_is_warned_of_once(scene: Scene, desk: Colleague) -> None:
    scene.rule(ask_legal_stay=True)
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    stay = {"legal_stay_0": "until", "legal_stay_until_0": ["23", "11", "2026"]}
    page = book(desk, **WHO, **stay)
    assert page.mistakes == ["The legal stay of person 1 ends before this visit"]
    assert book(desk, **WHO, **stay, anyway="y").status == 303


def test_a_visit_to_be_verified_waits_and_its_questions_go_out(scene: Scene, desk: Colleague) -> None:
    question = {"key": "case", "label": {"pl": "Numer sprawy"}}
    scene.rule(verification_required=True, questions=[question])
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    assert book(desk, **WHO, email="jan@example.org").status == 303
    (row,) = scene.reservations()
    assert row.status == "pending"
    assert len(scene.letters("questions", row.id)) == 1


def test_the_confirmation_is_printed_by_who_booked_and_for_a_quarter_of_an_hour(
    scene: Scene, desk: Colleague, people: People, office: SampleOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_papers = replace(office.runtime, outside=outer_world())
    monkeypatch.setitem(office.app.extensions["staff"]().extensions, "numerek", with_papers)
    scene.office.open_slot("L", TOMORROW_TEN, 5)
    assert book(desk, **WHO).status == 303
    (row,) = scene.reservations()
    path = f"{DESK}/{row.id}/confirmation.pdf"
    assert desk.get(path).headers["Content-Type"] == "application/pdf"
    assert people.signed_in(Role.MANAGER).get(path).status == 404
    office.clock.advance(minutes=16)
    assert desk.get(path).status == 404
