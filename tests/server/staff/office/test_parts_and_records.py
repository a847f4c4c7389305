"""Services, counters and halls on pages, and the record of changes."""

from __future__ import annotations

from typing import Any

import pytest

from server.services.access import users
from server.services.office import things
from server.store.tables import Counter, Hall, OfficeChange, Service
from tests.server.sample_office import SampleOffice
from tests.server.staff.office.forms import save
from tests.server.staff.people import Colleague, People
from wire.vocabulary import Role

AT = "/staff/at/wroclaw"


@pytest.fixture
def manager(office: SampleOffice, people: People) -> Colleague:
    """Sign a manager in who reads English."""
    found = people.signed_in(Role.MANAGER)
    office.store.write(lambda session: users.speak(session, found.user_id, "en"))
    return found


def stated(office: SampleOffice, thing: Any) -> Any:
    return office.store.read(lambda session: things.stated(session, thing))


def press(browser: Colleague, address: str) -> Any:
    """Press a button of one's own page."""
    token = browser.get(f"{AT}/settings").fields["csrf_token"]
    return browser.send("POST", address, {"csrf_token": token})


def test_a_new_service_hall_and_counter_are_there_at_once(office: SampleOffice, manager: Colleague) -> None:
    assert save(manager, f"{AT}/settings/halls/new", code="C", name="Sala C").status == 303
    assert save(manager, f"{AT}/settings/services/new", letter="X", names__pl="Nowa usługa").status == 303
    page = save(manager, f"{AT}/settings/counters/new", number="30", hall="C", services=["X", "P"])
    assert page.status == 303
    assert stated(office, things.counter("wroclaw", 30)) == {"hall": "C", "services": ["X", "P"]}
    shown = manager.get(f"{AT}/settings").words
    assert all(each in shown for each in ("Sala C", "Nowa usługa", "Counter 30"))


@pytest.mark.parametrize(
    ("address", "sent", "said"),
    [
        ("services", {"letter": "O", "names__pl": "Obsługa"}, "On a ticket O looks like 0"),
        ("services", {"letter": "I", "names__pl": "Inne"}, "On a ticket O looks like 0"),
        ("services", {"letter": "P", "names__pl": "Druga"}, "There is one of this name already"),
        ("services", {"letter": "X"}, "Enter a name in at least one language"),
        ("services", {"letter": "xy", "names__pl": "x"}, "Enter one letter from A to Z"),
        ("counters", {"number": "0", "services": ["P"]}, "Enter a whole number from 1 to 999"),
        ("counters", {"number": "7", "hall": "A", "services": ["P"]}, "There is one of this name already"),
        ("counters", {"number": "44", "hall": "A"}, "Choose at least one service"),
        ("counters", {"number": "44", "services": ["P"]}, "Choose a hall"),
        ("halls", {"code": "12345678901", "name": "x"}, "Enter 10 characters at most"),
        ("halls", {"name": "x"}, "Enter this"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(
    office: SampleOffice, manager: Colleague, address: str, sent: dict[str, Any], said: str
) -> None:
    before = len(office.rows(OfficeChange))
    page = save(manager, f"{AT}/settings/{address}/new", **sent)
    assert page.status == 422
    assert any(each.startswith(said) for each in page.mistakes), page.mistakes
    assert len(office.rows(OfficeChange)) == before


def test_what_is_in_use_is_not_removed_and_can_be_put_away(office: SampleOffice, manager: Colleague) -> None:
    service = office.service_id("N")
    office.walk_in("N")
    page = press(manager, f"{AT}/settings/services/{service}/remove")
    assert page.status == 409
    assert "tickets: 1" in page.words
    assert "Put away" in page.words
    assert press(manager, f"{AT}/settings/services/{service}/archive").status == 303
    assert stated(office, things.service("wroclaw", "N"))["archived"] is True
    assert "put away" in manager.get(f"{AT}/settings").words
    assert office.kiosk.post("/tickets", {"service": "N"}).status_code == 409


def test_an_open_counter_is_not_put_away(office: SampleOffice, manager: Colleague) -> None:
    counter = office.one(Counter, Counter.number == 10)
    page = press(manager, f"{AT}/settings/counters/{counter.id}/archive")
    assert (page.status, "A counter is still open" in page.words) == (409, True)


def test_another_branchs_things_look_like_none(office: SampleOffice, manager: Colleague) -> None:
    other = office.service_id("P", "legnica")
    for path in (f"services/{other}", f"service/{other}/service"):
        assert manager.get(f"{AT}/settings/{path}").status == 404
    assert press(manager, f"{AT}/settings/services/{other}/remove").status == 404
    assert manager.get("/staff/at/legnica/settings").status == 404


def test_services_are_put_in_order(office: SampleOffice, manager: Colleague) -> None:
    assert press(manager, f"{AT}/settings/services/{office.service_id('N')}/up").status == 303
    assert stated(office, things.order("wroclaw"))["services"] == ["P", "N", "L", "T", "K"]


def test_a_counters_services_are_put_in_order_and_strictly(office: SampleOffice, manager: Colleague) -> None:
    counter = office.one(Counter, Counter.number == 7).id
    at, thing = f"{AT}/settings/counters/{counter}", things.counter("wroclaw", 7)
    assert stated(office, thing) == {"hall": "A", "services": ["P", "N"]}
    for address, order in (
        ("N/up", ["N", "P"]),
        ("N/up", ["N", "P"]),
        ("N/down", ["P", "N"]),
        ("X/up", ["P", "N"]),
        ("P/down", ["N", "P"]),
    ):
        assert press(manager, f"{at}/services/{address}").status == 303
        assert stated(office, thing)["services"] == order
    assert press(manager, f"{at}/services/P/away").status == 404
    assert save(manager, at, strict_order=["on"]).status == 303
    assert stated(office, thing) == {"hall": "A", "services": ["N", "P"], "strict_order": True}
    assert save(manager, at, services=["N", "P", "L"]).status == 303
    assert stated(office, thing)["services"] == ["N", "P", "L"], "the form keeps the order"
    assert "N → P → L" in manager.get(f"{AT}/settings").words
    change = office.rows(OfficeChange)[-2].id
    assert press(manager, f"{AT}/records/{change}/take-back").status == 303
    assert "strict_order" not in stated(office, thing)


def test_changes_are_shown_with_who_and_taken_back(office: SampleOffice, manager: Colleague) -> None:
    save(manager, f"{AT}/settings/arrival", check_in_lead_minutes="25")
    change = office.rows(OfficeChange)[-1].id
    shown = manager.get(f"{AT}/records").words
    assert "Anna manager" in shown
    assert "Check in at least (minutes before the hour)" in shown
    assert "now: 25" in shown
    assert press(manager, f"{AT}/records/{change}/take-back").status == 303
    assert "check_in_lead_minutes" not in stated(office, things.branch("wroclaw"))
    again = press(manager, f"{AT}/records/{change}/take-back")
    assert (again.status, "was taken back already" in again.words) == (409, True)


def test_what_no_longer_fits_is_not_taken_back(office: SampleOffice, manager: Colleague) -> None:
    save(manager, f"{AT}/settings/halls/new", code="C", name="Sala C")
    change = office.rows(OfficeChange)[-1].id
    save(manager, f"{AT}/settings/counters/new", number="30", hall="C", services=["P"])
    page = press(manager, f"{AT}/records/{change}/take-back")
    assert (page.status, "It is in use by now" in page.words) == (409, True)
    assert office.rows(Hall, Hall.code == "C")


def test_an_auditor_sees_changes_and_takes_none_back(office: SampleOffice, people: People) -> None:
    auditor = people.signed_in(Role.AUDITOR)
    page = auditor.get(f"{AT}/records")
    assert page.status == 200
    assert "take-back" not in page.text
    assert auditor.get(f"{AT}/settings").status == 403
    assert auditor.get("/staff/office/records").status == 403


def test_an_administrator_makes_a_branch(office: SampleOffice, people: People) -> None:
    administrator = people.signed_in(Role.ADMINISTRATOR, branch=None)
    path = "/staff/office/branches/new"
    assert save(administrator, path, code="ża ba", name="Nowy").status == 422
    assert save(administrator, path, code="opole", name="Urząd Opole").status == 303
    assert administrator.get("/staff/at/opole/settings").status == 200
    assert office.rows(Service, Service.letter == "O") == []
    assert administrator.get("/staff/office/records").status == 200


@pytest.mark.parametrize(
    ("path", "within"),
    [
        ("settings", "settings"),
        ("settings/calendar", "settings/calendar"),
        ("records", "records"),
        ("settings/services/new", "settings"),
    ],
)
def test_settings_stay_marked_in_the_head_of_their_sub_pages(
    manager: Colleague, path: str, within: str
) -> None:
    page = manager.get(f"{AT}/{path}")
    marked = [each["href"] for each in page.html.named("a") if each.get("aria-current") == "page"]
    assert marked == [f"{AT}/settings", f"{AT}/{within}"]


def test_the_calendar_leads_to_closing_a_day(manager: Colleague, people: People) -> None:
    address = f"{AT}/reservations/close?day=2026-11-24"
    assert address in manager.get(f"{AT}/settings/calendar").text
    assert "day=2026-11-22" not in manager.get(f"{AT}/settings/calendar").text, "it is over"
    assert manager.get(address).status == 200
    assert address not in people.signed_in(Role.ADMINISTRATOR).get(f"{AT}/settings/calendar").text
