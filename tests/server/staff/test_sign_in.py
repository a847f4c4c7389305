"""Coming in: the first administrator, the password, the second factor; and everything that does not come in."""

from __future__ import annotations

from dataclasses import replace

import pyotp
import pytest
from flask import Flask

from server.domain.access.links import StaffLinkKind
from server.domain.access.roles import Held, Permission
from server.services.access import second_factors, users
from server.services.context import RuleBroken
from server.services.ports import NotWritten
from server.staff.application import create_staff
from server.store.tables import User
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

NEW = "ein ganz neues Wort"


def first_link(office: SampleOffice) -> str:
    context = office.runtime.context()
    token = office.store.write(lambda session: users.make_link(session, context, StaffLinkKind.FIRST))
    return f"/staff/first/{token}"


def code_of(page_text: str, office: SampleOffice) -> str:
    secret = page_text.split("<code>")[1].split("</code>")[0]
    return pyotp.TOTP(secret).at(office.clock.now())


def test_the_first_administrator_is_made_once_and_sets_up_a_second_factor(
    office: SampleOffice, people: People
) -> None:
    link, browser = first_link(office), people.nobody()
    page = browser.post(link, {"name": "Ewa Maj", "login": "ewa", "password": NEW})
    assert (page.status, page.headers["Location"]) == (303, "/staff/")
    assert browser.get("/staff/").headers["Location"] == "/staff/me/app"
    app = browser.get("/staff/me/app")
    done = browser.submit(app, "/staff/me/app", {"code": code_of(app.text, office)})
    assert done.status == 303
    assert browser.get("/staff/").status == 200
    assert people.nobody().get(link).status == 410


def test_the_first_address_is_over_after_an_hour_and_when_somebody_administers(
    office: SampleOffice, people: People
) -> None:
    link = first_link(office)
    people.add(Role.ADMINISTRATOR, branch=None)
    page = people.nobody().post(link, {"name": "Ewa", "login": "ewa", "password": NEW})
    assert page.status == 410
    office.clock.advance(minutes=60)
    assert people.nobody().get(link).status == 410


@pytest.mark.parametrize(
    ("field", "value"), [("password", "short"), ("password", "password123"), ("login", "a b"), ("name", " ")]
)
def test_what_cannot_be_taken_is_said_at_its_field_and_the_address_still_works(
    office: SampleOffice, people: People, field: str, value: str
) -> None:
    link, browser = first_link(office), people.nobody()
    good = {"name": "Ewa Maj", "login": "ewa", "password": NEW}
    page = browser.post(link, good | {field: value})
    assert (page.status, len(page.mistakes)) == (422, 1)
    assert browser.post(link, good).status == 303


def test_a_clerk_signs_in_with_the_password_and_out_again(office: SampleOffice, people: People) -> None:
    people.add(Role.CLERK, login="anna")
    browser = people.nobody()
    assert browser.post("/staff/sign-in", {"login": "anna", "password": "wrong one"}).status == 422
    assert browser.get("/staff/me").status == 303
    page = browser.post("/staff/sign-in?next=/staff/me", {"login": "anna", "password": people.password})
    assert page.headers["Location"] == "/staff/me"
    me = browser.get("/staff/me")
    assert me.status == 200
    left = browser.send("POST", "/staff/sign-out", {"csrf_token": me.fields["csrf_token"]})
    assert left.headers["Location"] == "/staff/sign-in"
    assert browser.get("/staff/me").status == 303


def with_app(office: SampleOffice, people: People, login: str) -> tuple[int, pyotp.TOTP]:
    user_id = people.add(Role.MANAGER, login=login)
    context, secret = office.runtime.context(), second_factors.new_secret()
    totp = pyotp.TOTP(secret)
    code = totp.at(office.clock.now())
    office.store.write(lambda session: second_factors.set_up(session, context, user_id, secret, code))
    office.clock.advance(seconds=60)
    return user_id, totp


def half_way(people: People, login: str) -> Colleague:
    browser = people.nobody()
    page = browser.post("/staff/sign-in", {"login": login, "password": people.password})
    assert page.headers["Location"] == "/staff/sign-in/code"
    return browser


def test_with_a_second_factor_a_password_alone_opens_nothing(office: SampleOffice, people: People) -> None:
    _, totp = with_app(office, people, "ewa")
    browser = half_way(people, "ewa")
    assert browser.get("/staff/me").headers["Location"].startswith("/staff/sign-in")
    assert browser.post("/staff/sign-in/code", {"code": "000000"}).status == 422
    assert browser.post("/staff/sign-in/code", {"code": totp.at(office.clock.now())}).status == 303
    assert browser.get("/staff/me").status == 200


def test_who_came_in_before_the_app_was_set_up_is_asked_for_its_code(
    office: SampleOffice, people: People
) -> None:
    people.add(Role.CLERK, login="ewa")
    guest, owner = people.nobody(), people.nobody()
    for each in (guest, owner):
        assert each.post("/staff/sign-in", {"login": "ewa", "password": people.password}).status == 303
        assert each.get("/staff/me").status == 200
    app = owner.get("/staff/me/app")
    assert owner.submit(app, "/staff/me/app", {"code": code_of(app.text, office)}).status == 303
    assert owner.get("/staff/me").status == 200
    assert guest.get("/staff/me").status == 303


def test_a_code_opens_once(office: SampleOffice, people: People) -> None:
    _, totp = with_app(office, people, "ewa")
    code = totp.at(office.clock.now())
    assert half_way(people, "ewa").post("/staff/sign-in/code", {"code": code}).status == 303
    assert half_way(people, "ewa").post("/staff/sign-in/code", {"code": code}).status == 422


def test_who_waits_longer_than_five_minutes_begins_anew(office: SampleOffice, people: People) -> None:
    _, totp = with_app(office, people, "ewa")
    browser = half_way(people, "ewa")
    page = browser.get("/staff/sign-in/code")
    office.clock.advance(minutes=5)
    late = browser.submit(page, "/staff/sign-in/code", {"code": totp.at(office.clock.now())})
    assert late.headers["Location"] == "/staff/sign-in"


def test_guessing_slows_down_and_the_owner_elsewhere_stays_free(people: People) -> None:
    people.add(Role.CLERK, login="anna")
    guesser = people.nobody()
    statuses = [
        guesser.post("/staff/sign-in", {"login": "anna", "password": f"guess number {n}"}).status
        for n in range(8)
    ]
    assert statuses[:5] == [422] * 5
    assert 429 in statuses
    page = (
        people.nobody()
        .from_elsewhere()
        .post("/staff/sign-in", {"login": "anna", "password": people.password})
    )
    assert page.status == 303


def test_a_session_ends_when_idle_and_when_it_is_over(office: SampleOffice, people: People) -> None:
    idle, busy = people.signed_in(Role.CLERK), people.signed_in(Role.CLERK)
    for _ in range(14):
        office.clock.advance(minutes=50)
        assert busy.get("/staff/me").status == 200
    assert idle.get("/staff/me").status == 303
    office.clock.advance(minutes=20)
    assert busy.get("/staff/me").status == 303


def test_a_session_ends_when_its_holder_is_disabled(office: SampleOffice, people: People) -> None:
    gone = people.signed_in(Role.CLERK)
    assert gone.get("/staff/me").status == 200
    context = office.runtime.context()
    office.store.write(lambda session: users.disable(session, context, gone.user_id))
    assert gone.get("/staff/me").status == 303


def test_the_last_administrator_stays(office: SampleOffice, people: People) -> None:
    only = people.add(Role.ADMINISTRATOR, branch=None)
    context = office.runtime.context()
    with pytest.raises(RuleBroken, match="last_administrator"):
        office.store.write(lambda session: users.disable(session, context, only))
    branch = context.office.branch_named("wroclaw")
    assert branch is not None
    with pytest.raises(RuleBroken, match="last_administrator"):
        office.store.write(
            lambda session: users.set_roles(session, context, only, {Held(Role.CLERK, branch.id)})
        )
    people.add(Role.ADMINISTRATOR, branch=None)
    office.store.write(lambda session: users.disable(session, context, only))
    assert office.store.read(lambda session: session.get(User, only)).disabled_at is not None


def test_from_outside_the_offices_networks_there_is_nothing(office: SampleOffice, people: People) -> None:
    own = office.runtime.staff.model_copy(update={"networks": ("203.0.113.0/24",)})
    app = create_staff(replace(office.runtime, staff=own))
    assert Browser(app, "198.51.100.7").get("/staff/sign-in").status == 404
    assert Browser(app, "203.0.113.9").get("/staff/sign-in").status == 200


def test_a_paper_that_cannot_be_written_now_is_told_with_the_time_to_wait(
    people: People, staff: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = people.signed_in(Role.CLERK)

    def busy() -> None:
        raise NotWritten("busy")

    busy.staff_permission = Permission.OWN  # type: ignore[attr-defined]
    monkeypatch.setitem(staff.view_functions, "me.show", busy)
    page = clerk.get("/staff/me")
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert page.heading == "Teraz nie możemy odpowiedzieć"
