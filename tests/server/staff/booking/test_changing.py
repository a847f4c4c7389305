"""What the desk does with a reservation: right after the step, refused where the table refuses, all on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DESK, HOSTILE, TOMORROW_TEN, Scene
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role


@pytest.fixture
def desk(people: People) -> Colleague:
    """Sign a clerk in."""
    return people.signed_in(Role.CLERK)


def take(desk: Colleague, number: int, step: str, reason: str = "visitor_asked") -> int:
    card = desk.get(f"{DESK}/{number}")
    return desk.submit(card, f"{DESK}/{number}/step", {"step": step, "reason": reason}).status


def test_a_visit_is_cancelled_for_a_reason_and_its_owner_is_told(scene: Scene, desk: Colleague) -> None:
    number = scene.book()
    assert take(desk, number, "cancel") == 303
    assert (scene.row(number).status, scene.row(number).reason) == ("cancelled", "visitor_asked")
    assert scene.fact("reservation.cancelled") == {
        "reservation": number, "reason": "visitor_asked", "user": desk.user_id,
    }  # fmt: skip
    assert len(scene.letters("cancellation", number)) == 2
    assert take(desk, number, "cancel") == 409
    assert f"Cancelled: The visitor asked for it ({'Anna clerk'})" in desk.get(f"{DESK}/{number}").words


@pytest.mark.parametrize("reason", ["", "nonsense", HOSTILE])
def test_without_a_reason_of_the_list_nothing_is_done(scene: Scene, desk: Colleague, reason: str) -> None:
    number = scene.book()
    assert take(desk, number, "cancel", reason) == 422
    assert scene.row(number).status == "booked"


def test_what_the_table_does_not_have_is_refused(scene: Scene, desk: Colleague) -> None:
    number = scene.book()
    for step in ("accept", "reject", "reinstate"):
        assert take(desk, number, step) == 409
    assert take(desk, number, "delete") == 200
    assert scene.row(number).status == "booked"


def test_a_pending_visit_is_accepted_or_rejected(scene: Scene, desk: Colleague) -> None:
    scene.rule("K", verification_required=True)
    first = scene.book("K")
    second = scene.book("K", name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1", email="", phone="")
    assert take(desk, first, "accept", "other") == 303
    assert take(desk, second, "reject", "wrong_data") == 303
    assert (scene.row(first).status, scene.row(second).status) == ("booked", "rejected")
    assert scene.fact("reservation.accepted")["user"] == desk.user_id
    assert len(scene.letters("confirmation", first)) == 2
    assert scene.letters("rejection", second) == []


def test_accepting_asks_for_no_reason_and_rejecting_does(scene: Scene, desk: Colleague) -> None:
    scene.rule("K", verification_required=True)
    first = scene.book("K")
    second = scene.book("K", name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1", email="", phone="")
    assert take(desk, second, "reject", "") == 422
    assert take(desk, first, "accept", "") == 303
    assert (scene.row(first).status, scene.row(second).status) == ("booked", "pending")
    assert "reason" not in scene.fact("reservation.accepted")


def test_who_sees_the_records_sees_who_looked_and_a_clerk_does_not(
    scene: Scene, desk: Colleague, people: People
) -> None:
    number, other = scene.book(), scene.book(name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1")
    card = desk.get(f"{DESK}/{number}")
    assert f"{DESK}/{number}/looks" not in card.links
    assert desk.get(f"{DESK}/{number}/looks").status == 403
    manager = people.signed_in(Role.MANAGER)
    assert f"{DESK}/{number}/looks" in manager.get(f"{DESK}/{number}").links
    auditor = people.signed_in(Role.AUDITOR)
    found = auditor.get(f"{DESK}/looks?number={number}")
    assert found.status == 303
    page = auditor.follow(found)
    assert (page.status, page.words.count("opened it")) == (200, 2)
    assert "Anna clerk" in page.words
    assert "Anna manager" in page.words
    assert "Шевченко" not in page.text, "the records tell who looked, not whose visit it is"
    assert "Nobody has looked at it" in auditor.get(f"{DESK}/{other}/looks").words
    assert auditor.get(f"{DESK}/999999/looks").status == 404
    assert auditor.get(f"{DESK}/looks?number=x").status == 303
    elsewhere = scene.book("P", branch="legnica")
    assert auditor.get(f"{DESK}/{elsewhere}/looks").status == 404


def test_a_lapsed_visit_is_reinstated_on_its_day_and_not_later(
    scene: Scene, desk: Colleague, office: SampleOffice
) -> None:
    number = scene.book()
    office.set_reservation(number, status="lapsed", ended_at=TOMORROW_TEN)
    office.clock.advance(days=1, minutes=120)
    desk = scene.again(desk)
    assert take(desk, number, "reinstate", "office_fault") == 303
    assert scene.row(number).status == "booked"
    assert scene.fact("reservation.reinstated")["user"] == desk.user_id
    office.set_reservation(number, status="lapsed")
    office.clock.advance(days=1)
    assert take(scene.again(desk), number, "reinstate") == 409


def test_a_removed_one_keeps_its_evidence_and_the_reason(scene: Scene, desk: Colleague) -> None:
    number = scene.book()
    assert take(desk, number, "remove", "automation") == 303
    assert scene.row(number).reason == "removed:automation"
    assert scene.fact("reservation.removed") == {
        "reservation": number, "reason": "automation", "user": desk.user_id,
    }  # fmt: skip


def test_a_visit_moves_to_a_free_hour_whose_place_is_taken_first(scene: Scene, desk: Colleague) -> None:
    later = TOMORROW_TEN + timedelta(hours=1)
    number = scene.book()
    scene.office.open_slot("L", later, 1)
    path = f"{DESK}/{number}/move"
    page = desk.get(path)
    sent = {"hour": f"{later:%Y-%m-%dT%H:%MZ}", "reason": "visitor_asked"}
    assert desk.submit(page, path, sent).status == 303
    assert scene.row(number).appointment_at == later
    assert scene.slots("L", later)[0].taken == 1
    moved = scene.fact("reservation.moved")
    assert (moved["user"], moved["reason"]) == (desk.user_id, "visitor_asked")
    other = scene.book(name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1")
    full = desk.submit(desk.get(f"{DESK}/{other}/move"), f"{DESK}/{other}/move", sent)
    assert full.status == 422
    assert scene.row(other).appointment_at == TOMORROW_TEN


def test_the_code_goes_again_to_the_known_contact_and_three_times_a_day(
    scene: Scene, desk: Colleague, office: SampleOffice
) -> None:
    number = scene.book()
    before = len(scene.letters("confirmation", number))
    for _ in range(4):
        card = desk.get(f"{DESK}/{number}")
        sent = {"email": "thief@example.org", "to": "thief@example.org"}
        assert desk.submit(card, f"{DESK}/{number}/again", sent).status == 303
        office.clock.advance(seconds=1)
    letters = scene.letters("confirmation", number)
    assert len(letters) == before + 3 * 2
    assert {scene.address_of(each) for each in letters} == {"oksana@example.org", "+48601234567"}
    assert len(office.facts("code.sent_again")) == 3
    assert "three times" in desk.get(f"{DESK}/{number}").words


def test_a_corrected_contact_gets_what_is_still_to_be_sent(scene: Scene, desk: Colleague) -> None:
    number = scene.book()
    path = f"{DESK}/{number}/contact"
    assert desk.get(path).fields["email"] == "oksana@example.org"
    assert desk.post(path, {"email": "new@example.org", "phone": ""}).status == 303
    waiting = [each for kind in ("confirmation", "reminder") for each in scene.letters(kind, number)]
    assert waiting
    assert {scene.address_of(each) for each in waiting} == {"new@example.org"}
    assert scene.fact("reservation.changed") == {
        "reservation": number, "change": "contact", "user": desk.user_id,
    }  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [("email", "nobody"), ("phone", "12"), ("email", HOSTILE)])
def test_a_contact_that_is_none_is_told_at_its_field(
    scene: Scene, desk: Colleague, field: str, value: str
) -> None:
    number = scene.book()
    page = desk.post(f"{DESK}/{number}/contact", {field: value})
    assert (page.status, len(page.mistakes)) == (422, 1)
    assert len(scene.letters("confirmation", number)) == 2


def test_another_visits_address_is_refused_where_the_service_allows_one(
    scene: Scene, desk: Colleague
) -> None:
    scene.rule(one_per_email=True)
    scene.book()
    number = scene.book(name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1", email="ewa@example.org")
    page = desk.post(f"{DESK}/{number}/contact", {"email": "oksana@example.org"})
    assert page.mistakes == ["This e-mail address belongs to another reservation for this service"]
