"""Who may open what: every address of the staff's pages against every role, at one's own branch and another."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter

from server.domain.access.roles import Held, Permission, may, may_give
from server.staff.permissions import ANYBODY, permission_of
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.vocabulary import Role

# What opens without a sign-in; every other page needs a permission that its view names.
PUBLIC = {
    *("asset", "sign_in.show", "sign_in.prove", "links.first", "links.welcome"),
    *("passkeys.prove", "recovery.prove", "counter_entry.enrol", "counter_entry.sign_in"),
}
_OWN, _OTHER = "wroclaw", "legnica"


def rules(staff: Flask) -> list[tuple[str, str, str, frozenset[str]]]:
    """List the staff's addresses: endpoint, address with values that fit, method, and the arguments it has."""
    found = []
    for rule in staff.url_map.iter_rules():
        words: dict[str, Any] = {
            name: 1 if isinstance(kind, IntegerConverter) else "x" for name, kind in rule._converters.items()
        }
        path = staff.url_map.bind("numerek.test").build(rule.endpoint, words)
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        found.append((rule.endpoint, path, method, frozenset(rule.arguments)))
    return found


def is_admitted(staff: Flask, people: People, cookie: str | None, path: str, method: str) -> str:
    """Say what the guard in front of a view does: admit, refuse, hide, or lead to the sign-in."""
    headers = {"Cookie": f"__Secure-numerek-staff={cookie}"} if cookie else {}
    with staff.test_request_context(path, method=method, headers=headers, base_url="https://numerek.test"):
        try:
            answer = staff.preprocess_request()
        except HTTPException as refused:
            return {403: "refuse", 404: "hide"}[refused.code or 0]
    return "admit" if answer is None else "sign in"


@pytest.fixture
def unforged(staff: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Give the application without the check of forms, which has tests of its own."""
    monkeypatch.setitem(staff.config, "WTF_CSRF_ENABLED", False)
    return staff


def test_every_view_names_its_permission(staff: Flask) -> None:
    with staff.test_request_context("/staff/"):
        unnamed = [endpoint for endpoint in staff.view_functions if permission_of(endpoint) is None]
        public = {endpoint for endpoint in staff.view_functions if permission_of(endpoint) == ANYBODY}
    assert unnamed == []
    assert public == PUBLIC


def test_control_a_view_without_a_permission_opens_for_nobody(
    people: People, staff: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(staff.view_functions, "me.show", lambda: "secret")
    assert people.signed_in(Role.ADMINISTRATOR, branch=None).get("/staff/me").status == 403


@pytest.mark.parametrize("role", [*Role])
def test_a_role_opens_what_the_table_says_and_nothing_else(
    role: Role, office: SampleOffice, people: People, unforged: Flask
) -> None:
    office_view = office.runtime.context().office
    own = office_view.branch_named(_OWN)
    assert own is not None
    cookie = people.signed_in(role, branch=_OWN).cookie_named("__Secure-numerek-staff")
    held = {Held(role, own.id)}
    wrong = []
    for endpoint, path, method, arguments in rules(unforged):
        with unforged.test_request_context("/staff/"):
            wanted = permission_of(endpoint)
            somewhere = getattr(unforged.view_functions[endpoint], "staff_somewhere", False)
        for branch in (_OWN, _OTHER) if "branch" in arguments else (None,):
            address = path.replace("/at/x", f"/at/{branch}")
            if wanted == ANYBODY:
                expected = "admit"
            else:
                assert isinstance(wanted, Permission)
                at = own.id if branch == _OWN or (branch is None and somewhere) else None
                at = -1 if branch == _OTHER else at
                expected = "admit" if may(held, wanted, at) else "hide" if branch == _OTHER else "refuse"
            if (found := is_admitted(unforged, people, cookie, address, method)) != expected:
                wrong.append((endpoint, branch, expected, found))
    assert wrong == []


def test_without_a_sign_in_every_page_leads_to_it(people: People, unforged: Flask) -> None:
    for endpoint, path, method, _ in rules(unforged):
        if endpoint not in PUBLIC:
            assert is_admitted(unforged, people, None, path, method) == "sign in", endpoint


def test_nobody_makes_somebody_more_than_they_are() -> None:
    manager = {Held(Role.MANAGER, 1)}
    assert may_give(manager, Held(Role.CLERK, 1))
    assert not may_give(manager, Held(Role.CLERK, 2))
    assert not may_give(manager, Held(Role.MANAGER, 1))
    assert not may_give(manager, Held(Role.ADMINISTRATOR, 1))
    assert not may_give({Held(Role.ADMINISTRATOR, 1)}, Held(Role.ADMINISTRATOR))
    assert may_give({Held(Role.ADMINISTRATOR)}, Held(Role.ADMINISTRATOR))
