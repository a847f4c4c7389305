"""Passkeys: added, shown after a password and without one, and every proof that is none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from server.services.access import users
from server.services.access.passkeys import site_of
from server.store.tables import Passkey
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.authenticator import Authenticator
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

NEW, PROOF = "/staff/me/passkeys/new", "/staff/sign-in/passkey"
HOSTILE = "<img src=x onerror=alert(1)>"


def options(page: Page) -> str:
    (form,) = (each for each in page.html.named("form") if "data-passkey" in each)
    return form["data-options"]


def add(browser: Colleague, key: Authenticator, name: str = "my phone") -> Page:
    page = browser.get(NEW)
    return browser.submit(page, NEW, {"name": name, "answer": key.make(options(page))})


def prove(browser: Colleague, key: Authenticator, **wrong: str) -> Page:
    page = browser.get(PROOF)
    asked = json.dumps(json.loads(options(page)) | wrong)
    return browser.submit(page, PROOF, {"answer": key.prove(asked)})


def after_password(people: People, login: str) -> Colleague:
    browser = people.nobody()
    page = browser.post("/staff/sign-in", {"login": login, "password": people.password})
    assert browser.follow(page).headers["Location"] == PROOF
    return browser


@pytest.fixture
def anna(people: People) -> Colleague:
    """Give a clerk who has signed in with a password alone."""
    people.add(Role.CLERK, login="anna")
    browser = people.nobody()
    assert browser.post("/staff/sign-in", {"login": "anna", "password": people.password}).status == 303
    return browser


def test_a_passkey_is_the_second_factor_and_is_enough_where_its_device_verifies(
    people: People, anna: Colleague
) -> None:
    key = Authenticator()
    assert add(anna, key, HOSTILE).status == 303
    me = anna.get("/staff/me")
    assert HOSTILE in me.words
    assert "<img src=x" not in me.text
    half = after_password(people, "anna")
    assert half.get("/staff/me").status == 303
    assert prove(half, key).headers["Location"] == "/staff/"
    assert half.get("/staff/me").status == 200
    alone = people.nobody()
    assert prove(alone, key).status == 303
    assert alone.get("/staff/me").status == 200


def test_who_came_in_before_there_was_a_second_factor_is_asked_for_it(
    people: People, anna: Colleague
) -> None:
    guest, proved = people.nobody(), people.nobody()
    assert guest.post("/staff/sign-in", {"login": "anna", "password": people.password}).status == 303
    assert guest.get("/staff/me").status == 200
    key = Authenticator()
    assert add(anna, key).status == 303
    assert guest.get("/staff/me").status == 303
    assert anna.get("/staff/me").status == 200
    assert prove(proved, key).status == 303
    assert add(anna, Authenticator()).status == 303
    assert proved.get("/staff/me").status == 200


def test_a_device_that_does_not_verify_its_owner_needs_the_password(people: People, anna: Colleague) -> None:
    key = Authenticator()
    key.verifies = False
    assert add(anna, key).status == 303
    alone = people.nobody()
    assert prove(alone, key).status == 422
    assert alone.get("/staff/me").status == 303
    assert prove(after_password(people, "anna"), key).status == 303


def _other_site(key: Authenticator) -> None:
    key.name = "numerek.example"


def _other_origin(key: Authenticator) -> None:
    key.origin = "https://numerek.test.example"


@pytest.mark.parametrize("cheat", [_other_site, _other_origin])
def test_a_passkey_of_another_site_is_none_of_ours(
    people: People, anna: Colleague, cheat: Callable[[Authenticator], None]
) -> None:
    key = Authenticator()
    assert add(anna, key).status == 303
    cheat(key)
    assert prove(after_password(people, "anna"), key).status == 422
    assert prove(people.nobody(), key).status == 422
    assert prove(people.nobody(), Authenticator()).status == 422
    other = Authenticator()
    cheat(other)
    assert add(anna, other).status == 422


def test_an_answer_fits_its_question_once(office: SampleOffice, people: People, anna: Colleague) -> None:
    key = Authenticator()
    assert add(anna, key).status == 303
    assert prove(people.nobody(), key, challenge="AAAA").status == 422
    assert prove(people.nobody(), key, challenge="").status == 422
    browser = people.nobody()
    page = browser.get(PROOF)
    answer = key.prove(options(page))
    assert browser.submit(page, PROOF, {"answer": answer}).status == 303
    assert people.nobody().submit(page, PROOF, {"answer": answer}).status == 400
    again = people.nobody()
    assert again.submit(again.get(PROOF), PROOF, {"answer": answer}).status == 422
    late = people.nobody()
    page = late.get(PROOF)
    office.clock.advance(minutes=5)
    assert late.submit(page, PROOF, {"answer": key.prove(options(page))}).status == 422
    assert prove(people.nobody(), key).status == 303


def test_a_copy_of_a_passkey_is_refused_and_on_record(
    office: SampleOffice, people: People, anna: Colleague
) -> None:
    key = Authenticator()
    assert add(anna, key).status == 303
    for _ in range(3):
        assert prove(people.nobody(), key).status == 303
    key.count = 1
    assert prove(people.nobody(), key).status == 422
    (fact,) = office.facts("sign_in.refused")
    assert fact.data["reason"] == "passkey_copied"
    key.count = 3
    assert prove(people.nobody(), key).status == 303


def test_a_passkey_opens_for_its_owner_alone(office: SampleOffice, people: People, anna: Colleague) -> None:
    key, other = Authenticator(), Authenticator()
    assert add(anna, key).status == 303
    people.add(Role.CLERK, login="ewa")
    ewa = people.nobody()
    assert ewa.post("/staff/sign-in", {"login": "ewa", "password": people.password}).status == 303
    assert add(ewa, key).status == 422
    assert add(ewa, other).status == 303
    assert prove(after_password(people, "anna"), other).status == 422
    first = office.rows(Passkey)[0].id
    token = ewa.get("/staff/me").fields["csrf_token"]
    assert ewa.send("POST", f"/staff/me/passkeys/{first}/remove", {"csrf_token": token}).status == 303
    assert len(office.rows(Passkey)) == 2
    token = anna.get("/staff/me").fields["csrf_token"]
    anna.send("POST", f"/staff/me/passkeys/{first}/remove", {"csrf_token": token})
    assert len(office.rows(Passkey)) == 1
    assert prove(people.nobody(), key).status == 422


def test_who_was_switched_off_does_not_come_in_by_a_passkey(
    office: SampleOffice, people: People, anna: Colleague
) -> None:
    key = Authenticator()
    assert add(anna, key).status == 303
    (row,) = office.rows(Passkey)
    context = office.runtime.context()
    office.store.write(lambda session: users.disable(session, context, row.user_id))
    assert prove(people.nobody(), key).status == 422


@pytest.mark.parametrize(
    "answer",
    ["", "[]", "{}", "null", "[" * 20_000, "x" * 30_000, '{"id": "a", "rawId": "a", "type": "public-key"}']
    + [json.dumps({"id": "a", "rawId": "a", "type": "public-key", "response": each}) for each in (1, {}, [])],
)
def test_what_somebody_makes_up_is_refused_in_words(people: People, anna: Colleague, answer: str) -> None:
    browser = people.nobody()
    assert browser.submit(browser.get(PROOF), PROOF, {"answer": answer}).status == 422
    assert anna.submit(anna.get(NEW), NEW, {"name": "x", "answer": answer}).status == 422


def test_the_site_follows_from_the_address_of_the_server() -> None:
    def told(address: str) -> tuple[str, str] | None:
        site = site_of(address)
        return site and (site.name, site.origin)

    assert told("https://Numerek.test") == ("numerek.test", "https://numerek.test")
    assert told("https://numerek.test:443") == ("numerek.test", "https://numerek.test")
    assert told("https://numerek.test:8443") == ("numerek.test", "https://numerek.test:8443")
    assert told("http://localhost:8080") == ("localhost", "http://localhost:8080")
    assert told("http://numerek.test") is None
    assert told("https://192.0.2.1") is None
    assert told("https://[2001:db8::1]") is None
