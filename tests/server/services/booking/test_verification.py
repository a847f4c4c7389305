"""The verification before a visit: asked by a link, answered once, decided by the office, else released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.services.booking import verification, verification_decisions
from server.services.booking.integrators import reinstate
from server.services.booking.owners import Owner
from server.services.booking.verification import Answered, State, Wrong
from server.services.context import RuleBroken
from server.services.office.set_up import set_up_office
from server.store.tables import PlaceReturn, Verification
from tests.server.sample_office import OFFICE
from tests.server.services.booking.booked_office import NOON, BookedOffice

LATE = NOON + timedelta(days=6)
QUESTIONS = [
    {"key": "case_number", "label": {"pl": "Numer sprawy"}},
    {"key": "filed_on", "label": {"pl": "Data złożenia"}, "kind": "date"},
    {
        "key": "kind",
        "label": {"pl": "Rodzaj wniosku"},
        "kind": "choice",
        "choices": [{"code": "temporary", "pl": "pobyt czasowy"}, {"code": "permanent", "pl": "pobyt stały"}],
    },
    {"key": "inspector", "label": {"pl": "Inspektor"}, "required": False},
]
ANSWERS = {"case_number": "SOC-OP.II/12", "filed_on": "2026-10-01", "kind": "permanent"}


@pytest.fixture
def asked(booked: BookedOffice) -> BookedOffice:
    """Have the service ask questions before a visit stands; a visit next week can be booked."""
    booked.rule(questions=QUESTIONS, verification_required=True)
    booked.office.open_slot("L", LATE)
    return booked


def pending(asked: BookedOffice, owner: Owner | None = None) -> tuple[int, str]:
    """Book a visit that waits for its answers; return its id and the secret of the link."""
    reservation_id = asked.activated(owner or asked.account(), LATE)
    (letter,) = [each for each in asked.messages(reservation_id) if each.kind == "questions"]
    return reservation_id, asked.values(letter)["url"].rpartition("/")[2]


def test_an_activated_visit_is_pending_and_its_owner_is_asked(asked: BookedOffice) -> None:
    owner, now = asked.account(), asked.office.clock.now()
    reservation_id, token = pending(asked, owner)
    row = asked.office.reservation(reservation_id)
    assert (row.status, row.lapses_at, row.code_hash) == ("pending", now + timedelta(hours=48), None)
    assert asked.shown(owner, reservation_id).code is None
    posted = [(each.kind, each.due_at, each.expires_at) for each in asked.messages(reservation_id)][1:]
    assert posted == [
        ("questions", now, now + timedelta(hours=48)),
        ("questions_reminder", now + timedelta(hours=24), now + timedelta(hours=48)),
    ]
    assert len(token) >= 32
    form = asked.read(verification.load_form, token)
    assert (form.reservation_id, form.state) == (reservation_id, State.UNANSWERED)
    assert [question.key for question in form.questions] == ["case_number", "filed_on", "kind", "inspector"]


def test_answers_are_kept_sealed_once_and_stop_the_reminder(asked: BookedOffice) -> None:
    reservation_id, token = pending(asked)
    assert asked.write(verification.answer, token, ANSWERS | {"extra": "ignored"}) == Answered()
    assert asked.write(verification.answer, token, ANSWERS | {"inspector": "x"}) is State.ANSWERED
    assert asked.read(verification.load_form, token).state is State.ANSWERED
    assert b"SOC-OP" not in asked.office.one(Verification).sealed_answers
    assert asked.messages(reservation_id, "queued") == []
    assert asked.office.reservation(reservation_id).lapses_at == LATE - timedelta(minutes=15)
    told = asked.read(verification_decisions.answers_of, reservation_id)
    assert {question.key: answer for question, answer in told.answers} == ANSWERS | {"inspector": None}
    assert "permanent" not in str([fact.data for fact in asked.office.facts()])


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"case_number": " "}, {"case_number": "missing"}),
        ({"case_number": None}, {"case_number": "missing"}),
        ({"case_number": "x" * 501}, {"case_number": "too_long"}),
        ({"case_number": "a\x00b"}, {"case_number": "characters"}),
        ({"filed_on": "1.10.2026"}, {"filed_on": "malformed"}),
        ({"filed_on": "2026-02-30", "kind": "none"}, {"filed_on": "malformed", "kind": "unknown"}),
    ],
)
def test_answers_are_checked_by_the_questions(
    asked: BookedOffice, change: dict[str, Any], problems: dict[str, str]
) -> None:
    _, token = pending(asked)
    assert asked.write(verification.answer, token, ANSWERS | change) == Wrong(problems)
    assert asked.read(verification.load_form, token).state is State.UNANSWERED


def test_unanswered_it_is_released_and_its_owner_is_told(asked: BookedOffice) -> None:
    reservation_id, token = pending(asked)
    asked.office.clock.advance(hours=48, seconds=1)
    assert asked.read(verification.load_form, token).state is State.EXPIRED
    assert asked.write(verification.answer, token, ANSWERS) is State.EXPIRED
    assert asked.sweep() == 1
    row = asked.office.reservation(reservation_id)
    assert (row.status, row.reason) == ("lapsed", "unanswered")
    assert [each.kind for each in asked.messages(reservation_id, "queued")] == ["released"]
    assert asked.office.one(PlaceReturn).reservation_id == reservation_id
    assert asked.read(verification.load_form, token).state is State.EXPIRED
    with pytest.raises(RuleBroken, match="not_allowed"):
        asked.write(reinstate, reservation_id, "a_favour")


def test_undecided_at_its_hour_it_lapses_and_a_manager_may_let_it_stand(asked: BookedOffice) -> None:
    owner = asked.account()
    reservation_id, token = pending(asked, owner)
    asked.write(verification.answer, token, ANSWERS)
    asked.office.clock.set(LATE - timedelta(minutes=14))
    assert asked.sweep() == 1
    assert asked.office.reservation(reservation_id).reason == "undecided"
    assert asked.office.rows(PlaceReturn) == []
    assert asked.read(verification.load_form, token).state is State.DECIDED
    asked.write(reinstate, reservation_id, "office_fault")
    code = asked.shown(owner, reservation_id).code
    assert asked.office.kiosk.post("/check-ins", {"code": code}).status_code == 201


def test_accepted_it_stands_with_codes_and_a_confirmation(asked: BookedOffice) -> None:
    owner = asked.account()
    reservation_id, token = pending(asked, owner)
    asked.write(verification.answer, token, ANSWERS)
    (waiting,) = asked.read(verification_decisions.pending)
    assert waiting.reservation_id == reservation_id
    assert waiting.answered_at == asked.office.clock.now()
    asked.write(verification_decisions.accept, reservation_id)
    shown = asked.shown(owner, reservation_id)
    assert (shown.status, shown.code is not None) == ("booked", True)
    assert {each.kind for each in asked.messages(reservation_id, "queued")} == {
        "confirmation",
        "reminder",
    } | ({"activation_code"} & {each.kind for each in asked.messages(reservation_id, "queued")})
    assert asked.read(verification.load_form, token).state is State.DECIDED
    assert asked.read(verification_decisions.pending) == []
    with pytest.raises(RuleBroken, match="not_allowed"):
        asked.write(verification_decisions.accept, reservation_id)
    assert [fact.type for fact in asked.office.facts("questions.asked", "questions.answered")] == [
        "questions.asked",
        "questions.answered",
    ]


def test_it_may_be_accepted_by_phone_before_anybody_answered(asked: BookedOffice) -> None:
    reservation_id, token = pending(asked)
    asked.write(verification_decisions.accept, reservation_id)
    assert asked.office.reservation(reservation_id).lapses_at == LATE - timedelta(minutes=15)
    assert asked.write(verification.answer, token, ANSWERS) is State.DECIDED
    assert "questions_reminder" not in {each.kind for each in asked.messages(reservation_id, "queued")}


def test_rejected_its_owner_is_told_why_and_the_place_comes_back(asked: BookedOffice) -> None:
    reservation_id, _ = pending(asked)
    asked.write(verification_decisions.reject, reservation_id, "wrong_service")
    row = asked.office.reservation(reservation_id)
    assert (row.status, row.reason) == ("rejected", "wrong_service")
    (letter,) = asked.messages(reservation_id, "queued")
    assert (letter.kind, letter.facts["reason"]) == ("rejection", "wrong_service")
    assert asked.office.one(PlaceReturn).reservation_id == reservation_id


def test_nobody_is_accepted_after_the_last_instant_to_check_in(asked: BookedOffice) -> None:
    reservation_id, token = pending(asked)
    asked.write(verification.answer, token, ANSWERS)
    asked.office.clock.set(LATE - timedelta(minutes=14))
    with pytest.raises(RuleBroken, match="too_late"):
        asked.write(verification_decisions.accept, reservation_id)
    with pytest.raises(RuleBroken, match="not_found"):
        asked.write(verification_decisions.accept, 999_999)


def test_the_time_to_answer_ends_with_the_time_to_check_in(asked: BookedOffice) -> None:
    reservation_id = asked.activated(asked.account(), NOON)
    until = NOON - timedelta(minutes=15)
    assert asked.office.one(Verification).answer_until == until
    assert asked.office.one(Verification).remind_at == asked.office.clock.now() + timedelta(hours=24)
    assert asked.office.reservation(reservation_id).lapses_at == until


def test_without_questions_somebody_phones_and_the_place_is_kept(asked: BookedOffice) -> None:
    asked.rule(verification_required=True)
    reservation_id = asked.activated(asked.account(), LATE)
    assert asked.office.rows(Verification) == []
    assert asked.office.reservation(reservation_id).lapses_at == LATE - timedelta(minutes=15)
    (waiting,) = asked.read(verification_decisions.pending)
    assert (waiting.asked_at, waiting.answered_at) == (None, None)
    assert asked.read(verification_decisions.answers_of, reservation_id).answers == ()


def test_another_lead_of_the_check_in_moves_no_time_to_answer(asked: BookedOffice) -> None:
    open_one, _ = pending(asked)
    answered, token = pending(asked)
    asked.write(verification.answer, token, ANSWERS)
    before = asked.office.reservation(open_one).lapses_at
    now = asked.office.clock.now()
    office = OFFICE | {"branch": [OFFICE["branch"][0] | {"check_in_lead_minutes": 30}, OFFICE["branch"][1]]}
    asked.office.store.write(lambda session: set_up_office(session, now, office))
    assert asked.office.reservation(open_one).lapses_at == before
    assert asked.office.reservation(answered).lapses_at == LATE - timedelta(minutes=30)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "1-AAAAAAAAAAAAAAAAAAAAAA", "a" * 10_000])
def test_a_link_that_is_none_leads_nowhere(asked: BookedOffice, token: str) -> None:
    with pytest.raises(RuleBroken, match="not_found"):
        asked.read(verification.load_form, token)
    with pytest.raises(RuleBroken, match="not_found"):
        asked.write(verification.answer, token, ANSWERS)


def test_what_another_program_booked_is_decided_without_a_letter_of_ours(asked: BookedOffice) -> None:
    booked = asked.office.book("K", LATE, email="someone@example.org")
    (waiting,) = asked.read(verification_decisions.pending)
    assert waiting.reservation_id == booked["id"]
    asked.write(verification_decisions.accept, booked["id"])
    shown = asked.office.integrator.get(f"/reservations/{booked['id']}").get_json()
    assert (shown["status"], shown["code"]) == ("booked", booked["code"])
    assert asked.messages(booked["id"]) == []
