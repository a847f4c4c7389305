"""People of the staff on the pages: added, given roles, helped and switched off, by whoever may."""

from __future__ import annotations

import re
import threading
import time

import pytest
from sqlalchemy.orm import Session

from server.domain.access.roles import Held, may_change_roles, may_touch
from server.services.access import colleagues, users
from server.services.access.users import UserView
from server.services.context import RuleBroken
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

HOSTILE = "<script>alert(1)</script>\"'>{{ 7*7 }}"
NEW = "ein ganz neues Wort"
AT = "/staff/at/wroclaw/users"
OFFICE = "/staff/office/users"


def branch_id(office: SampleOffice, code: str = "wroclaw") -> int:
    found = office.runtime.context().office.branch_named(code)
    assert found is not None
    return found.id


def seen(office: SampleOffice, user_id: int) -> UserView:
    return office.store.read(lambda session: users.person(session, user_id))


def press(browser: Colleague, page: str, action: str) -> Page:
    """Press one of a page's buttons, whether or not the page has it."""
    token = browser.get("/staff/me").fields["csrf_token"]
    return browser.send("POST", f"{page}{action}", {"csrf_token": token})


def save(browser: Colleague, address: str, *held: str) -> Page:
    page = browser.get(address)
    fields = {name: page.fields[name] for name in ("csrf_token", "was")}
    return browser.send("POST", address, fields | {"roles": list(held)})


def boxes(page: Page) -> set[str]:
    return {each["value"] for each in page.html.named("input") if each.get("name") == "roles"}


def changes(office: SampleOffice) -> list[tuple[object, object, object]]:
    """List what the records say of changed people: who, what, by whom."""
    found = office.facts("user.changed")
    return [(each.data["user"], each.data["change"], each.data["by"]) for each in found]


def test_a_manager_adds_a_clerk_who_chooses_a_password_once(office: SampleOffice, people: People) -> None:
    manager, here = people.signed_in(Role.MANAGER), branch_id(office)
    page = manager.post(f"{AT}/new", {"name": HOSTILE, "login": "j.nowak", "roles": f"clerk.{here}"})
    assert page.status == 200
    assert "<script>alert" not in page.text
    (link,) = re.findall(r"https://numerek\.test(/staff/welcome/[\w-]+)", page.words)
    listed = manager.get(AT)
    assert HOSTILE in listed.words
    assert "<script>alert" not in listed.text
    assert "zaproszony" in listed.words
    newcomer = people.nobody()
    assert newcomer.post(link, {"password": NEW}).status == 303
    assert newcomer.get("/staff/me").status == 200
    assert people.nobody().get(link).status == 410


@pytest.mark.parametrize(
    ("field", "value"), [("login", "a b"), ("login", "anna"), ("name", " "), ("roles", "manager.1")]
)
def test_what_cannot_be_taken_adds_nobody(
    office: SampleOffice, people: People, field: str, value: str
) -> None:
    people.add(Role.CLERK, login="anna")
    manager = people.signed_in(Role.MANAGER)
    before = len(office.store.read(users.people))
    good = {"name": "Jan", "login": "jan", "roles": f"clerk.{branch_id(office)}"}
    page = manager.post(f"{AT}/new", good | {field: value})
    assert (page.status, len(page.mistakes)) == (422, 1)
    assert len(office.store.read(users.people)) == before
    assert manager.post(f"{AT}/new", good).status == 200


def test_the_pages_offer_what_the_reader_may_give(office: SampleOffice, people: People) -> None:
    here, there = branch_id(office), branch_id(office, "legnica")
    assert boxes(people.signed_in(Role.MANAGER).get(f"{AT}/new")) == {f"clerk.{here}", f"supervisor.{here}"}
    every = boxes(people.signed_in(Role.ADMINISTRATOR, branch=None).get(f"{OFFICE}/new"))
    assert {"administrator.0", "auditor.0", f"manager.{here}", f"manager.{there}"} <= every


@pytest.mark.parametrize("giver", [Role.MANAGER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("branch", ["wroclaw", "legnica", None])
@pytest.mark.parametrize("role", [*Role])
def test_nobody_touches_a_colleague_beyond_what_they_may_give(
    office: SampleOffice, people: People, giver: Role, role: Role, branch: str | None
) -> None:
    me = people.signed_in(giver)
    other = people.add(role, branch=branch)
    people.sign_in(other)
    before = seen(office, other)
    is_here = branch != "legnica"
    is_mine = branch == "wroclaw" and (giver is Role.ADMINISTRATOR or role in (Role.CLERK, Role.SUPERVISOR))
    address = f"{AT}/{other}"
    assert me.get(address).status == (200 if is_here else 404)
    refused = 403 if is_here else 404
    assert press(me, address, "/second-factor").status == (303 if is_mine else refused)
    assert press(me, address, "/address").status == (200 if is_mine else refused)
    assert press(me, address, "/disable").status == (303 if is_mine else refused)
    after = seen(office, other)
    assert after.is_disabled == is_mine
    assert after.has_second_factor == (not is_mine)
    assert press(me, address, "/enable").status == (303 if is_mine else refused)
    assert not seen(office, other).is_disabled
    assert seen(office, other).held == before.held
    assert press(me, f"{OFFICE}/{other}", "/disable").status == 403


def test_roles_at_other_branches_stay_when_a_manager_changes_their_own(
    office: SampleOffice, people: People
) -> None:
    here, there = branch_id(office), branch_id(office, "legnica")
    other = people.add(Role.CLERK)
    context = office.runtime.context()
    both = {Held(Role.CLERK, here), Held(Role.CLERK, there)}
    office.store.write(lambda session: users.set_roles(session, context, other, both))
    manager = people.signed_in(Role.MANAGER)
    assert save(manager, f"{AT}/{other}", f"supervisor.{here}").status == 303
    assert seen(office, other).held == {Held(Role.SUPERVISOR, here), Held(Role.CLERK, there)}
    assert changes(office)[-1] == (other, "roles", manager.user_id)
    assert press(manager, f"{AT}/{other}", "/disable").status == 403
    assert save(manager, f"{AT}/{other}", f"clerk.{there}").status == 422
    assert save(manager, f"{AT}/{other}", f"manager.{here}").status == 422
    assert seen(office, other).held == {Held(Role.SUPERVISOR, here), Held(Role.CLERK, there)}


def test_what_a_page_showed_must_still_be_so(office: SampleOffice, people: People) -> None:
    here, other = branch_id(office), people.add(Role.CLERK)
    one, two = people.signed_in(Role.MANAGER), people.signed_in(Role.MANAGER)
    page = one.get(f"{AT}/{other}")
    assert save(two, f"{AT}/{other}", f"supervisor.{here}").status == 303
    fields = {name: page.fields[name] for name in ("csrf_token", "was")}
    late = one.send("POST", f"{AT}/{other}", fields | {"roles": [f"clerk.{here}"]})
    assert late.status == 409
    assert "W międzyczasie" in late.words
    assert seen(office, other).held == {Held(Role.SUPERVISOR, here)}
    for forged in ("king.1", f"clerk.{here},manager.{here}"):
        sent = fields | {"was": forged, "roles": [f"clerk.{here}"]}
        assert one.send("POST", f"{AT}/{other}", sent).status in (400, 409)
    assert seen(office, other).held == {Held(Role.SUPERVISOR, here)}


def test_the_last_administrator_stays_and_the_page_says_why(office: SampleOffice, people: People) -> None:
    only = people.signed_in(Role.ADMINISTRATOR, branch=None)
    own = f"{OFFICE}/{only.user_id}"
    page = save(only, own, f"clerk.{branch_id(office)}")
    assert (page.status, "ostatni administrator" in page.words) == (409, True)
    assert press(only, own, "/disable").status == 409
    assert "To Twoje konto" in press(only, own, "/disable").words
    people.add(Role.ADMINISTRATOR, branch=None)
    assert save(only, own, f"clerk.{branch_id(office)}").status == 303
    assert only.get(OFFICE).status == 403


def test_of_two_administrators_who_switch_each_other_off_one_stays(
    office: SampleOffice, people: People
) -> None:
    one, two = (people.add(Role.ADMINISTRATOR, branch=None) for _ in range(2))
    context, is_inside, refused = office.runtime.context(), threading.Event(), []

    def slowly(session: Session) -> None:
        colleagues.disable(session, context, one, two)
        is_inside.set()
        time.sleep(0.5)  # the other is given the time to be wrong

    def at_once(session: Session) -> None:
        colleagues.disable(session, context, two, one)

    first = threading.Thread(target=office.store.write, args=(slowly,))
    first.start()
    assert is_inside.wait(20)
    try:
        office.store.write(at_once)
    except RuleBroken as broken:
        refused.append(broken.reason)
    first.join()
    assert refused == ["last_administrator"]
    assert [seen(office, each).is_disabled for each in (one, two)] == [False, True]


def test_without_a_role_nobody_stays_but_a_login_can_be_switched_off(
    office: SampleOffice, people: People
) -> None:
    manager, other = people.signed_in(Role.MANAGER), people.signed_in(Role.CLERK)
    address = f"{AT}/{other.user_id}"
    page = save(manager, address)
    assert (page.status, "co najmniej jedną rolę" in page.words) == (422, True)
    assert press(manager, address, "/disable").status == 303
    assert other.get("/staff/me").status == 303
    assert press(manager, address, "/address").status == 409
    assert press(manager, address, "/enable").status == 303
    did = [what for who, what, by in changes(office) if by == manager.user_id and who == other.user_id]
    assert did == ["disabled", "enabled"]


def test_a_lost_second_factor_is_taken_away_and_wanted_again(office: SampleOffice, people: People) -> None:
    manager, other = people.signed_in(Role.MANAGER), people.signed_in(Role.SUPERVISOR)
    login = seen(office, other.user_id).login
    half = people.nobody().post("/staff/sign-in", {"login": login, "password": people.password})
    assert "/sign-in/" in half.headers["Location"]
    assert press(manager, f"{AT}/{other.user_id}", "/second-factor").status == 303
    assert other.get("/staff/me").status == 303
    anew = people.nobody()
    assert anew.post("/staff/sign-in", {"login": login, "password": people.password}).status == 303
    assert anew.get("/staff/").headers["Location"] == "/staff/me/app"
    assert changes(office)[-1] == (other.user_id, "second_factor_removed", manager.user_id)


def test_a_new_password_address_replaces_the_earlier_one(office: SampleOffice, people: People) -> None:
    manager, other = people.signed_in(Role.MANAGER), people.add(Role.CLERK)
    links = []
    for _ in range(2):
        page = press(manager, f"{AT}/{other}", "/address")
        links += re.findall(r"(/staff/welcome/[\w-]+)", page.words)
    assert people.nobody().get(links[0]).status == 410
    assert people.nobody().get(links[1]).status == 200
    office.clock.advance(minutes=61)
    assert people.nobody().get(links[1]).status == 410


def test_the_rules_of_giving() -> None:
    manager = {Held(Role.MANAGER, 1)}
    assert may_touch(manager, {Held(Role.CLERK, 1), Held(Role.SUPERVISOR, 1)})
    assert not may_touch(manager, {Held(Role.CLERK, 1), Held(Role.CLERK, 2)})
    assert not may_touch(manager, {Held(Role.CLERK)})
    assert not may_touch(manager, ())
    clerk, elsewhere = {Held(Role.CLERK, 1)}, {Held(Role.MANAGER, 2)}
    assert may_change_roles(manager, clerk | elsewhere, elsewhere)
    assert not may_change_roles(manager, clerk | elsewhere, clerk)
    assert not may_change_roles(manager, clerk | {Held(Role.AUDITOR, 1)}, {Held(Role.AUDITOR, 1)})
    assert not may_change_roles(manager, clerk | {Held(Role.ADMINISTRATOR)}, {Held(Role.ADMINISTRATOR)})


def test_a_name_is_changed_by_who_may_touch_its_holder(office: SampleOffice, people: People) -> None:
    clerk, manager = people.add(Role.CLERK), people.signed_in(Role.MANAGER)
    page = manager.get(f"{AT}/{clerk}")
    sent = {"csrf_token": page.fields["csrf_token"], "name": "Zofia Nowa"}
    assert manager.send("POST", f"{AT}/{clerk}/name", sent).status == 303
    assert seen(office, clerk).name == "Zofia Nowa"
    assert manager.send("POST", f"{AT}/{clerk}/name", sent | {"name": " "}).status == 422
    other = people.add(Role.MANAGER)
    assert manager.send("POST", f"{AT}/{other}/name", sent).status == 403
    assert {seen(office, each).name for each in (clerk, other)} == {"Zofia Nowa", "Anna manager"}
