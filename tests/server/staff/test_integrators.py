"""Programs of others on the staff's pages: a token shown once, what it may do, and the one that is revoked."""

from __future__ import annotations

import re

import pytest

from server.store.keyring import token_hash
from server.store.tables import Branch, Integrator
from tests.server.portal.browser import Page
from tests.server.sample_office import Door, SampleOffice
from tests.server.staff.people import Colleague, People
from wire.vocabulary import FactType, Role

AT = "/staff/office/programs"


@pytest.fixture
def administrator(people: People) -> Colleague:
    return people.signed_in(Role.ADMINISTRATOR, branch=None)


def make(browser: Colleague, **filled: object) -> Page:
    typed = {"name": "City app", "scope_queue_read": "y", "branch": "", "last_day": ["", "", ""]} | filled
    return browser.post(f"{AT}/new", {name: value for name, value in typed.items() if value is not None})


def token_on(page: Page) -> str:
    found = re.search(r"<code[^>]*>(ni_[\w-]{43})</code>", page.text)
    assert found is not None, page.words
    return found[1]


def test_a_token_is_shown_once_and_only_its_hash_is_kept(
    office: SampleOffice, administrator: Colleague
) -> None:
    page = make(administrator)
    token = token_on(page)
    assert Door(office.app, token).get("/branches/wroclaw/queue").status_code == 200
    assert Door(office.app, token).get("/reservations/1").status_code == 403
    row = office.rows(Integrator)[-1]
    assert (row.token_hash, row.scopes, row.branch_id) == (token_hash(token), ["queue.read"], None)
    assert token not in administrator.get(AT).text
    assert all(token not in str(vars(fact)) for fact in office.facts())
    (fact,) = office.facts(FactType.INTEGRATOR_CHANGED)
    assert fact.data["by"] == administrator.user_id
    assert fact.data["change"] == "added"


def test_branch_and_last_day_bind_the_token(office: SampleOffice, administrator: Colleague) -> None:
    legnica = office.one(Branch, Branch.code == "legnica")
    token = token_on(make(administrator, branch=str(legnica.id), last_day=["24", "11", "2026"]))
    assert Door(office.app, token).get("/branches/wroclaw/queue").status_code == 403
    assert Door(office.app, token).get("/branches/legnica/queue").status_code == 200
    office.clock.set("23:59:59")
    office.clock.advance(hours=24)
    assert Door(office.app, token).get("/branches/legnica/queue").status_code == 200
    office.clock.advance(seconds=1)
    assert Door(office.app, token).get("/branches/legnica/queue").status_code == 401


def test_what_is_missing_or_over_is_said_at_its_field(office: SampleOffice, administrator: Colleague) -> None:
    before = len(office.rows(Integrator))
    assert len(make(administrator, name=" ").mistakes) == 1
    assert len(make(administrator, scope_queue_read=None).mistakes) == 1
    assert len(make(administrator, last_day=["22", "11", "2026"]).mistakes) == 1
    assert len(make(administrator, last_day=["31", "2", "2027"]).mistakes) == 1
    assert len(make(administrator, name="x" * 101).mistakes) == 1
    assert make(administrator, branch="99").status == 422
    assert len(office.rows(Integrator)) == before


def test_the_list_tells_the_last_use_and_a_revoked_one_is_refused_at_once(
    office: SampleOffice, administrator: Colleague
) -> None:
    name = "<script>alert(1)</script>"
    door = Door(office.app, token_on(make(administrator, name=name)))
    listed = administrator.get(AT)
    assert name not in listed.text
    assert name in listed.words
    assert "10:00" not in listed.words
    assert door.get("/branches/wroclaw/queue").status_code == 200
    listed = administrator.get(AT)
    assert "10:00" in listed.words
    row = office.rows(Integrator)[-1]
    token = {"csrf_token": listed.fields["csrf_token"]}
    assert administrator.send("POST", f"{AT}/{row.id}/revoke", token).status == 303
    assert door.get("/branches/wroclaw/queue").status_code == 401
    assert administrator.send("POST", f"{AT}/{row.id}/revoke", token).status == 404


def test_a_manager_of_a_branch_lets_nobody_in(people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    assert manager.get(AT).status == 403
    assert manager.get(f"{AT}/new").status == 403
