"""Who is found at the reservations desk, by what, and that each look is on record without what was typed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from server.services.privacy.erasure import erase
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DAY, DESK, HOSTILE, TOMORROW_TEN, Scene
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role


def clerk(people: People) -> Colleague:
    return people.signed_in(Role.CLERK)


def found(desk: Colleague, typed: str, day: str = DAY) -> list[int]:
    page = desk.post(DESK, {"typed": typed, "day": day})
    assert page.status == 200, page.words
    return [int(link.rpartition("/")[2]) for link in page.links if link.rpartition("/")[2].isdigit()]


def test_a_day_lists_its_reservations_and_no_other(scene: Scene, people: People) -> None:
    number = scene.book()
    desk = clerk(people)
    page = desk.get(f"{DESK}?day={DAY}")
    assert "Оксана Шевченко-Kowalska" in page.words
    assert "10:00" in page.words
    assert scene.fact("reservation.looked_at") == {
        "user": desk.user_id, "reservations": [number], "way": "day",
    }  # fmt: skip
    assert "Шевченко" not in desk.get(f"{DESK}?day=2026-11-25").words
    assert "Шевченко" not in desk.get(f"{DESK}?day={DAY}&service=P").words


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("шевченко", "name"),
        ("kowalska oksana", None),
        ("KOWALSKA Окс", "name"),
        ("601 234 567", "phone"),
        ("+48 601-234-567", "phone"),
        ("601 234 568", None),
        ("OKSANA@example.org", "email"),
        ("oksana@example.com", None),
        ("Nowak", None),
    ],
)
def test_somebody_is_found_on_the_day_by_name_phone_and_email(
    scene: Scene, people: People, typed: str, way: str | None
) -> None:
    number = scene.book()
    desk = clerk(people)
    assert found(desk, typed) == ([number] if way else [])
    if way:
        assert scene.fact("reservation.looked_at")["way"] == way
    assert found(desk, typed, "2026-11-26") == []


def test_a_code_is_found_on_any_day(scene: Scene, people: People, office: SampleOffice) -> None:
    visit = office.book("P", TOMORROW_TEN, name="Jan Nowak")
    desk = clerk(people)
    assert found(desk, visit["code"], "2026-12-20") == [visit["id"]]
    assert scene.fact("reservation.looked_at")["way"] == "code"
    assert found(desk, visit["qr"], "2026-12-20") == [visit["id"]]


def test_where_the_service_keeps_their_hashes_a_phone_and_an_email_are_found_on_any_day(
    scene: Scene, people: People
) -> None:
    scene.rule(one_per_email=True, one_per_phone=True)
    number = scene.book()
    desk = clerk(people)
    assert found(desk, "oksana@example.org", "2026-12-20") == [number]
    assert found(desk, "+48 601 234 567", "2026-12-20") == [number]
    assert found(desk, "oksana@example.com", "2026-12-20") == []


def test_nothing_that_was_typed_or_found_is_in_a_fact_an_address_or_a_log(
    scene: Scene, people: People, office: SampleOffice, caplog: pytest.LogCaptureFixture
) -> None:
    number = scene.book()
    desk = clerk(people)
    with caplog.at_level("DEBUG"):
        for typed in ("шевченко", "601234567", "oksana@example.org"):
            assert found(desk, typed) == [number]
        desk.get(f"{DESK}/{number}")
    told = json.dumps([fact.data for fact in office.facts()], ensure_ascii=False) + caplog.text
    for value in ("Шевченко", "шевченко", "601234567", "oksana", "123456", "1990"):
        assert value not in told


def test_another_branchs_reservation_looks_like_none(scene: Scene, people: People) -> None:
    scene.rule("P", "legnica")
    other = scene.book("P", branch="legnica")
    desk = people.signed_in(Role.MANAGER)
    assert found(desk, "шевченко") == []
    for path in ("", "/contact", "/move", "/confirmation.pdf"):
        assert desk.get(f"{DESK}/{other}{path}").status == 404
        assert desk.get(f"{DESK}/99999{path}").status == 404
    token = desk.get(DESK).fields
    for path in ("/step", "/again", "/contact", "/move"):
        sent = token | {"step": "cancel", "reason": "other", "email": "", "phone": ""}
        assert desk.send("POST", f"{DESK}/{other}{path}", sent).status == 404, path
    assert scene.row(other).status == "booked"
    assert desk.get(f"/staff/at/legnica/reservations/{other}").status == 404


def test_hostile_names_are_text_wherever_they_stand(
    scene: Scene, people: People, office: SampleOffice
) -> None:
    visit = office.book("P", TOMORROW_TEN, name="<script>alert(1)</script>{{7*7}}")
    desk = clerk(people)
    for path in (f"?day={DAY}", f"/{visit['id']}", f"/print?day={DAY}"):
        page = desk.get(DESK + path)
        assert page.status == 200
        assert "<script>alert(1)" not in page.text
        assert "<script>alert(1)</script>{{7*7}}" in page.words
        assert page.html.problems == []
    page = desk.post(DESK, {"typed": HOSTILE, "day": HOSTILE, "service": HOSTILE})
    assert page.status == 200
    assert "<script>alert(1)" not in page.text
    for query in ("?day=9999-99-99", "?day=0001-01-01", "?day=%00", "?service=%27"):
        assert desk.get(DESK + query).status in (200, 400)


def test_of_an_erased_reservation_numbers_remain(scene: Scene, people: People, office: SampleOffice) -> None:
    number = scene.book()
    office.set_reservation(number, status="cancelled", ended_at=office.clock.now())
    office.clock.advance(days=40)
    assert erase(office.store, office.runtime.context()) > 0
    looks = len(office.facts("reservation.looked_at"))
    desk = clerk(people)
    for path in (f"?day={DAY}", f"/{number}", f"/print?day={DAY}"):
        page = desk.get(DESK + path)
        assert page.status == 200
        assert "Шевченко" not in page.text
        assert "oksana" not in page.text
    assert "erased" in desk.get(f"{DESK}?day={DAY}").words
    assert found(desk, "шевченко") == []
    assert len(office.facts("reservation.looked_at")) == looks


def test_an_office_with_many_visits_lists_them_in_order(scene: Scene, people: People) -> None:
    later = scene.book(
        hour=TOMORROW_TEN + timedelta(hours=1), name="Ewa Maj", document="ZZ 1", birth_date="1980-01-01"
    )
    first = scene.book()
    page = clerk(people).get(f"{DESK}?day={DAY}")
    assert page.words.index("Оксана") < page.words.index("Ewa Maj")
    assert later < first
