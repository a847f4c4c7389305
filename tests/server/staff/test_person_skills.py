"""What a person speaks and may serve, on their page."""

from __future__ import annotations

from typing import Any

from server.services.access import colleagues
from server.services.office.settings import Skills
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

AT = "/staff/at/wroclaw/users"


def skills(office: SampleOffice, user_id: int) -> Skills:
    return office.store.read(lambda session: colleagues.skills_of(session, user_id))


def save(browser: Colleague, address: str, **sent: Any) -> Any:
    token = browser.get(address).fields["csrf_token"]
    return browser.send("POST", f"{address}/skills", {"csrf_token": token} | sent)


def test_a_manager_says_what_a_clerk_speaks_and_serves(office: SampleOffice, people: People) -> None:
    clerk, manager = people.add(Role.CLERK), people.signed_in(Role.MANAGER)
    passport, other = office.service_id("P"), office.service_id("P", "legnica")
    done = save(manager, f"{AT}/{clerk}", speaks=["pl", "uk", "<b>"], serves=[passport, other, "x", 999999])
    assert done.status == 303
    assert skills(office, clerk) == Skills(frozenset({"pl", "uk"}), frozenset({passport}))
    page = manager.get(f"{AT}/{clerk}")
    assert page.fields["serves"] == str(passport)
    assert [fact.data["change"] for fact in office.facts("user.changed")][-1] == "skills"
    before = len(office.facts("user.changed"))
    assert save(manager, f"{AT}/{clerk}", speaks=["pl", "uk"], serves=[passport]).status == 303
    assert len(office.facts("user.changed")) == before, "nothing was changed"
    assert save(manager, f"{AT}/{clerk}").status == 303
    assert skills(office, clerk) == Skills()


def test_what_is_said_for_another_branch_stays(office: SampleOffice, people: People) -> None:
    clerk, everybody = people.add(Role.CLERK), people.signed_in(Role.ADMINISTRATOR, branch=None)
    there = office.service_id("P", "legnica")
    assert save(everybody, f"/staff/office/users/{clerk}", serves=[there]).status == 303
    assert (
        save(people.signed_in(Role.MANAGER), f"{AT}/{clerk}", serves=[office.service_id("N")]).status == 303
    )
    assert skills(office, clerk).service_ids == {there, office.service_id("N")}


def test_another_branchs_person_is_nobody_here(office: SampleOffice, people: People) -> None:
    clerk, manager = people.add(Role.CLERK, branch="legnica"), people.signed_in(Role.MANAGER)
    token = manager.get(AT).fields.get("csrf_token") or manager.get(f"{AT}/new").fields["csrf_token"]
    assert manager.send("POST", f"{AT}/{clerk}/skills", {"csrf_token": token}).status == 404
    assert skills(office, clerk) == Skills()
