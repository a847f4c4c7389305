"""Clerks, programs and devices: let in once, refused at the next request."""

from __future__ import annotations

import pytest

from server.admin.access.passwords import weakness
from server.store.facts import facts_after
from tests.server_admin.conftest import Desk

PASSWORD = "a long enough password"


def test_a_clerk_signs_in_until_the_login_is_disabled(either_desk: Desk) -> None:
    desk = either_desk
    desk.good("user", "add", "anna", "--branch", "wroclaw", "--name", "Anna N", typed=f"{PASSWORD}\n")
    enrolment = desk.good("device", "add", "counter", "--branch", "wroclaw", "--hall", "A", "--counter", 7)
    running = desk.serve()
    try:
        device = running.enrol(enrolment)
        status, session = running.post("/sessions", {"login": "anna", "password": PASSWORD}, device)
        assert status == 201
        assert running.post("/counters/7/state", {"state": "open"}, session["token"])[0] == 200
        desk.good("user", "disable", "anna")
        assert running.post("/counters/7/call-next", {}, session["token"])[0] == 401
        assert running.post("/sessions", {"login": "anna", "password": PASSWORD}, device)[0] == 403
        desk.good("user", "enable", "anna")
        desk.good("user", "password", "anna", typed="another good one\n")
        assert running.post("/sessions", {"login": "anna", "password": PASSWORD}, device)[0] == 403
        assert running.post("/sessions", {"login": "anna", "password": "another good one"}, device)[0] == 201
        desk.good("device", "revoke", desk.good("device", "list").splitlines()[1].split()[0])
        assert running.post("/sessions", {"login": "anna", "password": "another good one"}, device)[0] == 401
    finally:
        running.stop()
    store = desk.store()
    types = [fact.type for fact in store.read(lambda session: facts_after(session, 0))]
    store.close()
    assert types.count("user.changed") == 4
    assert "device.revoked" in types


def test_who_is_there_already_or_not_at_all_is_said(desk: Desk) -> None:
    add = ("user", "add", "anna", "--branch", "wroclaw", "--name", "Anna N")
    desk.good(*add, typed=f"{PASSWORD}\n")
    assert "there is a user 'anna' already" in desk.refused(*add, typed=f"{PASSWORD}\n")
    assert "there is no user 'ana'" in desk.refused("user", "disable", "ana")
    assert "there are wroclaw, legnica" in desk.refused("user", "add", "x", "--branch", "w", "--name", "X")
    assert "anna" in desk.good("user", "list")
    assert PASSWORD not in desk.good("user", "list")


@pytest.mark.parametrize(
    "password", ["", "short", "zaq12wsx", "PASSWORD123", "aaaaaaaaaa", "12345678", "asdfghjkl", "a.kowalska1"]
)
def test_a_password_that_everybody_tries_first_is_refused(desk: Desk, password: str) -> None:
    assert "password" in desk.refused(
        *("user", "add", "a.kowalska", "--branch", "wroclaw", "--name", "A K"), typed=f"{password}\n"
    )
    assert "a.kowalska" not in desk.good("user", "list")


def test_two_typed_passwords_must_be_the_same(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, "something else entirely", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    add = ("user", "add", "anna", "--branch", "wroclaw", "--name", "Anna N")
    assert "the two passwords differ" in desk.refused(*add, typed=None)
    assert "may sign in" in desk.good(*add, typed=None)


def test_length_counts_and_composition_does_not() -> None:
    assert weakness("kolorowy parasol", "anna") is None
    assert weakness("żółw w ogrodzie", "anna") is None


def test_a_code_that_was_used_or_belongs_to_a_revoked_device_enrols_nobody(desk: Desk) -> None:
    first = desk.good("device", "add", "board", "--branch", "wroclaw", "--hall", "A", "--name", "Wall")
    second = desk.good("device", "add", "kiosk", "--branch", "wroclaw", "--hall", "A")
    assert "./numerek board --enrol " in first
    desk.good("device", "revoke", 2)
    running = desk.serve()
    try:
        running.enrol(first)
        for printed in (first, second):
            code = printed.rpartition(" ")[2].strip()
            assert running.post("/devices/enrol", {"enrolment_code": code})[0] >= 400
    finally:
        running.stop()
    _, wall, kiosk = desk.good("device", "list").splitlines()
    assert "enrolled" in wall
    assert "revoked" in kiosk
    assert "there is no such device" in desk.refused("device", "revoke", 2)


def test_a_counter_client_needs_a_counter_and_the_others_none(desk: Desk) -> None:
    place = ("--branch", "wroclaw", "--hall", "A")
    assert "needs --counter" in desk.refused("device", "add", "counter", *place)
    assert "needs --counter" in desk.refused("device", "add", "kiosk", *place, "--counter", 7)
    assert "there is no such counter" in desk.refused("device", "add", "counter", *place, "--counter", 99)
    assert "there is no such hall" in desk.refused(
        "device", "add", "kiosk", "--branch", "wroclaw", "--hall", "Z"
    )


def test_what_a_device_says_cannot_steer_the_console(desk: Desk) -> None:
    desk.good("device", "add", "board", "--branch", "wroclaw", "--hall", "A", "--name", "\x1b[2Jgone")
    said = desk.good("device", "list")
    assert "\x1b" not in said
    assert "gone" in said


def test_a_program_books_until_it_is_revoked(desk: Desk) -> None:
    said = desk.good("integrator", "add", "Portal")
    token = next(line.strip() for line in said.splitlines() if line.startswith("    "))
    body = {
        "branch": "wroclaw",
        "service": "P",
        "appointment_at": "2099-01-05T10:00:00+01:00",
        "applicant": {"name": "Jan Nowak"},
    }
    running = desk.serve()
    try:
        assert running.post("/reservations", body, token)[1]["reason"] == "no_such_slot"
        desk.good("integrator", "revoke", 1)
        assert running.post("/reservations", body, token)[0] == 401
    finally:
        running.stop()
    assert "revoked" in desk.good("integrator", "list")
    assert "there is no integrator 1" in desk.refused("integrator", "revoke", 1)
