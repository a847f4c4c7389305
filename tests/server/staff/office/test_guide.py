"""The guide of the first steps, without scripts: from an empty database to a kiosk that gives a ticket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.services.access import users
from tests.server.movable_clock import MovableClock
from tests.server.portal.browser import Page
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.empty_office import EmptyOffice, empty_office
from tests.server.staff.office.forms import save
from tests.server.staff.people import Colleague, People
from tests.server.staff.test_devices import code_on
from tests.server.staff.test_sign_in import NEW, code_of
from wire.vocabulary import Role

AT = "/staff/at/opole/first-steps"
WEEK = {f"opening_hours__{day}": "08:00-15:30" for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def fresh(database_url: str, clock: MovableClock) -> Iterator[EmptyOffice]:
    """Give a fresh server."""
    with empty_office(database_url, clock) as made:
        yield made


def first_administrator(fresh: EmptyOffice) -> Colleague:
    """Make the first administrator by the one-time address, with an authenticator app."""
    browser = Colleague(fresh.app)
    browser.post(fresh.first_address(), {"name": "Ewa Maj", "login": "ewa", "password": NEW})
    app = browser.get("/staff/me/app")
    browser.submit(app, "/staff/me/app", {"code": code_of(app.text, fresh)})  # type: ignore[arg-type]
    (ewa,) = fresh.store.read(users.people)
    fresh.store.write(lambda session: users.speak(session, ewa.id, "en"))
    return browser


def lead(browser: Colleague, page: Page, **typed: object) -> Page:
    """Send the form of the step that an answer leads to, and go where that leads."""
    path = page.headers["Location"]
    return save(browser, path, **typed)


def test_the_guide_leads_from_an_empty_database_to_a_ticket(fresh: EmptyOffice) -> None:
    ewa = first_administrator(fresh)
    start = ewa.get("/staff/")
    assert start.headers["Location"] == "/staff/office/branches/new"
    assert "First steps 1 of 7" in ewa.follow(start).words

    made = lead(ewa, start, code="opole", name="Urząd w Opolu")
    halls = ewa.follow(made)
    assert halls.headers["Location"] == f"{AT}/halls"
    page = ewa.follow(halls)
    assert "First steps 2 of 7" in page.words
    assert "There is no hall yet." in page.words
    assert f"{AT}/services" in page.links
    assert lead(ewa, halls, name="Sala A").headers["Location"] == f"{AT}/halls"
    assert "There is no hall yet." not in ewa.get(f"{AT}/halls").words

    save(ewa, f"{AT}/services", letter="P", names__pl="Paszporty", names__en="Passports")
    save(ewa, f"{AT}/services", letter="L", names__pl="Pobyt", walk_in=None)
    assert "Neither tickets nor hours to book are offered for: L." in ewa.get(f"{AT}/services").words
    save(ewa, f"{AT}/counters", number="7", services=["P"])
    assert "No counter serves: L." in ewa.get(f"{AT}/counters").words
    save(ewa, f"{AT}/counters", number="8", services=["L"])
    assert save(ewa, f"{AT}/hours", **WEEK).headers["Location"] == f"{AT}/devices"

    ready = ewa.get(f"{AT}/ready").words
    assert "3 things are missing." in ready
    assert ewa.get(AT).headers["Location"] == f"{AT}/services"
    code_page = ewa.post(
        "/staff/at/opole/devices/new?role=kiosk&guide=devices", {"role": "kiosk", "hall": "A", "counter": ""}
    )
    assert "First steps 6 of 7" in code_page.words
    assert "2 things" not in ewa.get(f"{AT}/ready").words
    kiosk = fresh.enrol(code_on(code_page.text))
    assert "2 things are missing." in ewa.get(f"{AT}/ready").words

    people = ewa.get(f"{AT}/people")
    assert "Nobody may call visitors here yet." in people.words
    assert "/staff/at/opole/users/new?guide=people" in people.links
    branch = fresh.runtime.office.current().branch_named("opole")
    assert branch is not None
    added = ewa.post(
        "/staff/at/opole/users/new?guide=people",
        {"name": "Anna Nowak", "login": "anna", "roles": f"clerk.{branch.id}"},
    )
    assert f"{AT}/people" in added.links
    save(ewa, f"/staff/at/opole/settings/service/{branch.services['L'].id}/service", walk_in=["on"])
    assert ewa.get(AT).headers["Location"] == f"{AT}/ready"
    assert "The hall is ready" in ewa.get(f"{AT}/ready").words

    answer = kiosk.post("/tickets", {"service": "P", "language": "pl"})
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["ticket"]["number"] == "P001"


def test_it_can_be_left_and_gone_on_with_from_the_settings(fresh: EmptyOffice) -> None:
    ewa = first_administrator(fresh)
    lead(ewa, ewa.get("/staff/"), code="opole", name="Urząd w Opolu")
    settings = ewa.get("/staff/at/opole/settings")
    assert "1 of 7 are done." in settings.words
    assert AT in settings.links
    assert AT in ewa.get("/staff/at/opole/hall").links
    assert "add a hall and a service first" in ewa.get(f"{AT}/counters").words
    assert "add a hall first" in ewa.get(f"{AT}/devices").words
    assert "First steps" not in ewa.get("/staff/at/opole/settings/hours").words


def test_a_whole_branch_has_nothing_missing_and_only_those_who_set_up_see_it(
    office: SampleOffice, people: People
) -> None:
    at = "/staff/at/wroclaw/first-steps"
    manager = people.signed_in(Role.MANAGER)
    office.store.write(lambda session: users.speak(session, manager.user_id, "en"))
    assert "No opening hours are set" in manager.get(f"{at}/ready").words
    assert "No counter serves: K." in manager.get(f"{at}/ready").words
    assert manager.get(f"{at}/nothing").status == 404
    assert manager.get("/staff/at/wroclaw/devices/new?guide=nothing").status == 200
    for role in (Role.CLERK, Role.SUPERVISOR, Role.AUDITOR):
        assert people.signed_in(role).get(f"{at}/ready").status == 403
