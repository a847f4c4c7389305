"""Clerks sign in at a counter's device and out again; guessing is slowed down, and nothing tells who exists."""

from __future__ import annotations

from werkzeug.test import TestResponse

from server.store.tables import ClerkSession, Counter, User
from tests.server.movable_clock import MovableClock
from tests.server.sample_office import PASSWORD, Door, SampleOffice


def sign(
    office: SampleOffice, login: str = "wroclaw7", password: str = PASSWORD, at: int = 7
) -> TestResponse:
    """Sign in on a counter's device."""
    return office.door(f"counter:wroclaw:{at}").post("/sessions", {"login": login, "password": password})


def test_a_clerk_signs_in_at_the_counter_of_the_device(office: SampleOffice) -> None:
    response = sign(office)
    assert response.status_code == 201
    answer = response.get_json()
    assert (answer["counter"], answer["clerk"]["name"]) == (7, "Anna Nowak")
    assert answer["expires_at"].startswith("2026-11-23T21:00:00")
    clerk = Door(office.app, answer["token"])
    assert clerk.get("/counters/7").get_json()["clerk"]["login"] == "wroclaw7"
    assert clerk.post("/counters/7/call-next").status_code == 204


def test_wrong_login_wrong_password_and_another_branchs_clerk_look_the_same(office: SampleOffice) -> None:
    answers = [
        sign(office, password="wrong password"),
        sign(office, login="nobody"),
        sign(office, login="legnica1"),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].get_json()["reason"] == "wrong_login_or_password"
    facts = office.facts("sign_in.refused")
    assert len(facts) == 3
    assert all("nobody" not in str(fact.data) for fact in facts)


def test_a_counters_device_alone_may_not_act_on_tickets(office: SampleOffice) -> None:
    device = office.door("counter:wroclaw:7")
    response = device.post("/counters/7/call-next")
    assert (response.status_code, response.get_json()["reason"]) == (403, "sign_in_required")


def test_signing_out_ends_the_session_and_closes_the_counter(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    assert clerk.delete("/sessions/me").status_code == 204
    response = clerk.get("/counters/7")
    assert (response.status_code, response.get_json()["reason"]) == (401, "token_unknown")
    assert office.one(Counter, Counter.number == 7).state == "closed"
    assert len(office.facts("clerk.signed_out")) == 1


def test_a_clerk_has_one_session_and_a_counter_too(office: SampleOffice) -> None:
    first = Door(office.app, sign(office, at=7).get_json()["token"])
    elsewhere = Door(office.app, sign(office, at=8).get_json()["token"])
    assert first.get("/counters/7").status_code == 401
    assert elsewhere.get("/counters/8").status_code == 200
    sign(office, login="wroclaw8", at=8)
    assert elsewhere.get("/counters/8").status_code == 401
    assert [row.clerk_id is None for row in office.rows(Counter, Counter.number == 7)] == [True]


def test_tokens_change_at_each_sign_in_and_are_kept_as_hashes(office: SampleOffice) -> None:
    tokens = {sign(office).get_json()["token"] for _ in range(2)}
    assert len(tokens) == 2
    assert all(token.encode() not in row.token_hash for token in tokens for row in office.rows(ClerkSession))


def test_a_session_ends_after_twelve_hours(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    office.clock.advance(hours=11, minutes=59)
    assert clerk.get("/counters/7").status_code == 200
    office.clock.advance(minutes=1)
    assert clerk.get("/counters/7").status_code == 401


def test_a_disabled_clerk_is_refused_at_the_next_request(office: SampleOffice) -> None:
    clerk = office.clerk(7)
    table = User.__table__
    office.store.write(lambda session: session.execute(table.update().values(disabled_at=office.clock.now())))
    assert clerk.get("/counters/7").status_code == 401
    assert sign(office).status_code == 403


def test_wrong_passwords_slow_the_device_down_for_that_login_and_nobody_else(
    office: SampleOffice, clock: MovableClock
) -> None:
    for _ in range(5):
        assert sign(office, password="wrong password").status_code == 403
    waits = []
    for _ in range(8):
        slowed = sign(office)
        assert (slowed.status_code, slowed.get_json()["reason"]) == (429, "slow_down")
        waits.append(int(slowed.headers["Retry-After"]) - 1)
        clock.advance(seconds=waits[-1])
        assert sign(office, password="wrong password").status_code == 403
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert sign(office, at=8).status_code == 201
    assert sign(office, login="wroclaw8").status_code == 201
    clock.advance(seconds=60)
    assert sign(office).status_code == 201
    assert sign(office, password="wrong password").status_code == 403
