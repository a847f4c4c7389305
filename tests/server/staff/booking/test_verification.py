"""The verification desk: what waits and until when, the phone log, questions once more, figures."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from server.services.booking import verification
from tests.server.sample_office import SampleOffice
from tests.server.staff.booking.scene import DESK, HOSTILE, VERIFICATION, Scene
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

QUESTION = {"key": "case", "label": {"pl": "Numer sprawy", "en": "Case number"}}


@pytest.fixture
def desk(people: People) -> Colleague:
    """Sign a clerk in."""
    return people.signed_in(Role.CLERK)


@pytest.fixture
def asked(scene: Scene) -> int:
    """Book a visit of which questions were asked."""
    scene.rule("K", verification_required=True, questions=[QUESTION], answer_hours=12)
    return scene.book("K")


def press(desk: Colleague, number: int, step: str, **sent: Any) -> Any:
    card = desk.get(f"{DESK}/{number}")
    return desk.submit(card, f"{VERIFICATION}/{number}/{step}", sent)


def answer(office: SampleOffice, number: int, said: str) -> None:
    context = office.runtime.context()
    token = verification.path_of(context, number).rpartition("/")[2]
    office.store.write(lambda session: verification.answer(session, context, token, {"case": said}))


def badge(desk: Colleague) -> list[str]:
    return re.findall(r'staff-badge">(\d+)<', desk.get(DESK).text)


def test_what_waits_stands_with_its_turn_and_deadline_and_the_badge_counts_the_offices(
    scene: Scene, desk: Colleague, asked: int, office: SampleOffice
) -> None:
    page = desk.get(VERIFICATION)
    assert "waits for answers" in page.words
    assert "22:00" in page.words
    assert badge(desk) == []
    answer(office, asked, "WSC-II.6151.1.2026 " + HOSTILE)
    page = desk.get(VERIFICATION)
    assert "answered, decide" in page.words
    assert "09:45" in page.words
    assert badge(desk) == ["1"]
    card = desk.get(f"{DESK}/{asked}")
    assert "WSC-II.6151.1.2026" in card.words
    assert "<script>alert(1)" not in card.text
    assert scene.fact("reservation.looked_at")["reservations"] == [asked]


def test_a_call_is_on_record_with_who_when_and_what_came_of_it(
    scene: Scene, desk: Colleague, asked: int, office: SampleOffice
) -> None:
    assert press(desk, asked, "call", result="no_answer").status == 303
    assert press(desk, asked, "call", result="call_back", call_back_at="2026-11-24T08:30").status == 303
    assert scene.fact("visitor.phoned") == {
        "reservation": asked, "user": desk.user_id, "reason": "call_back",
    }  # fmt: skip
    page = desk.get(VERIFICATION)
    assert "call back: 24 November 2026, 08:30 (Anna clerk" in page.words
    assert "Phoned: no answer" in desk.get(f"{DESK}/{asked}").words


@pytest.mark.parametrize(
    "sent",
    [
        {"result": ""},
        {"result": HOSTILE},
        {"result": "call_back"},
        {"result": "call_back", "call_back_at": "2026-11-22T08:30"},
        {"result": "call_back", "call_back_at": HOSTILE},
    ],
)
def test_a_call_that_says_nothing_is_not_noted(
    desk: Colleague, asked: int, office: SampleOffice, sent: dict[str, str]
) -> None:
    assert press(desk, asked, "call", **sent).status == 303
    assert office.facts("visitor.phoned") == []


def test_asked_again_a_new_time_to_answer_begins_and_the_old_answers_stay_until_then(
    scene: Scene, desk: Colleague, asked: int, office: SampleOffice
) -> None:
    answer(office, asked, "first answer")
    office.clock.advance(minutes=50)
    assert press(desk, asked, "ask").status == 303
    assert scene.row(asked).lapses_at == office.clock.now() + timedelta(hours=12)
    assert "first answer" in desk.get(f"{DESK}/{asked}").words
    assert len(scene.letters("questions", asked)) == 2
    answer(office, asked, "second answer")
    assert "second answer" in desk.get(f"{DESK}/{asked}").words
    assert scene.fact("questions.asked")["user"] == desk.user_id


def test_who_cannot_be_asked_is_not_asked(scene: Scene, desk: Colleague, office: SampleOffice) -> None:
    scene.rule("K", verification_required=True)
    number = scene.book("K")
    before = len(office.facts("questions.asked"))
    press(desk, number, "ask")
    booked = scene.book("L", name="Ewa Maj", birth_date="1980-01-01", document="ZZ 1")
    press(desk, booked, "ask")
    assert len(office.facts("questions.asked")) == before
    assert badge(desk) == ["1"]


def test_another_branchs_reservation_looks_like_none(scene: Scene, desk: Colleague) -> None:
    scene.rule("P", "legnica", verification_required=True)
    other = scene.book("P", branch="legnica")
    assert "Шевченко" not in desk.get(VERIFICATION).words
    token = desk.get(DESK).fields
    for step in ("call", "ask"):
        sent = token | {"result": "reached"}
        assert desk.send("POST", f"{VERIFICATION}/{other}/{step}", sent).status == 404
        assert desk.send("POST", f"{VERIFICATION}/99999/{step}", sent).status == 404


def serve(office: SampleOffice, outcome: str, **more: Any) -> int:
    office.walk_in("P")
    clerk = office.clerk(7)
    called = clerk.post("/counters/7/call-next").get_json()["ticket"]["id"]
    clerk.post(f"/tickets/{called}/start")
    return clerk.post(f"/tickets/{called}/finish", {"outcome": outcome} | more).status_code


def test_what_visitors_came_without_comes_back_as_figures(office: SampleOffice, desk: Colleague) -> None:
    office.set_policy("P", checklist=["identity", "photograph"])
    assert serve(office, "served") == 200
    assert serve(office, "without_documents", missing=["photograph"]) == 200
    assert serve(office, "without_documents", missing=["photograph", "identity"]) == 200
    assert serve(office, "without_documents") == 200
    assert serve(office, "without_documents", missing=["passport"]) == 422
    words = desk.get(VERIFICATION).words
    assert "3 (75 %)" in words
    assert "photograph 2, identity document 1" in words
    assert office.facts("ticket.finished")[1].data["missing"] == ["photograph"]
