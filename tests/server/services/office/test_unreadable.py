"""A setting that cannot be read shuts off its own service and nothing else, and is told as what it is."""

from __future__ import annotations

from sqlalchemy import update

from server.services.booking.slots.planning import plan_slots
from server.store.queries.office import grow_version
from server.store.tables import Branch, Service, Slot
from tests.server.portal.browser import Browser
from tests.server.sample_office import SampleOffice

TEMPLATE = {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "08:00-16:00", "every_minutes": 30}
WRONG = {"booking": {"hold_minutes": "many"}}
PROBLEM = "wroclaw/L: booking.hold_minutes: a whole number from 1 to 10 is expected"


def spoil(office: SampleOffice, table: type, row_id: int, policy: dict) -> None:
    """Write a setting past all checks, as a mistaken hand at the database would."""

    def work(session):
        session.execute(update(table).where(table.id == row_id).values(policy=policy))
        grow_version(session)

    office.store.write(work)
    office.runtime.office.forget()


def test_the_other_services_go_on_and_readyz_says_which_one_is_shut_off(office: SampleOffice) -> None:
    spoil(office, Service, office.service_id("L"), WRONG)
    ready = office.door().get("//readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "ready")
    assert ready.get_json()["shut_off"] == [PROBLEM]
    assert office.kiosk.post("/tickets", {"service": "N"}).status_code == 201
    assert office.kiosk.post("/tickets", {"service": "L"}).status_code == 409


def test_its_page_says_so_and_other_pages_are_served(office: SampleOffice) -> None:
    office.set_policy("P", booking={"slots": [TEMPLATE]})
    spoil(office, Service, office.service_id("L"), WRONG)
    browser = Browser(office.app)
    page = browser.get("/en/book/wroclaw/L")
    assert page.status == 404
    assert "because of a fault in its settings" in page.words
    assert browser.get("/en/book/wroclaw/P").status == 200
    assert browser.get("/en").status == 200


def test_its_slots_stay_until_the_setting_is_mended(office: SampleOffice) -> None:
    office.set_policy("L", booking={"slots": [TEMPLATE]})
    plan_slots(office.store, office.runtime.context())
    planned = len(office.rows(Slot))
    assert planned > 0
    spoil(office, Service, office.service_id("L"), WRONG)
    plan_slots(office.store, office.runtime.context())
    assert len(office.rows(Slot)) == planned


def test_an_unreadable_branch_shuts_off_its_services_and_no_other_branch(office: SampleOffice) -> None:
    branch_id = next(
        each.id for each in office.runtime.context().office.branches.values() if each.code == "wroclaw"
    )
    spoil(office, Branch, branch_id, {"zone": "Mars/Olympus"})
    shut_off = office.door().get("//readyz").get_json()["shut_off"]
    assert shut_off
    assert all(each.startswith("wroclaw/") and "zone" in each for each in shut_off)
