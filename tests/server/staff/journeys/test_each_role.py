"""Each role's way through the pages, from an empty database on, in Polish and English."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.server.staff.journeys.colleague import Colleague
from tests.server.staff.journeys.founded import AT, Founded
from wire.vocabulary import Role

pytestmark = pytest.mark.timeout(400)


def waiting(somebody: Colleague, letter: str) -> int:
    """Read how many wait for a service, on the page of the hall."""
    return int(somebody.page.inner_text(f"#waiting-{letter} strong"))


def is_shown(somebody: Colleague, caption: str) -> bool:
    """Say whether the counter's ticket is told so."""
    return somebody.page.inner_text(".counter-caption") == somebody.say(caption)


def printed(somebody: Colleague) -> str | None:
    """Return the picture of the first slip as it will be printed."""
    return somebody.page.locator(".slip-previews img").first.get_attribute("src")


def book(somebody: Colleague, founded: Founded, letter: str, name: str, document: str) -> None:
    """Book a visit of tomorrow for somebody who stands at the desk."""
    somebody.open(f"{AT}/reservations/new?service={letter}&day={founded.tomorrow()}")
    somebody.page.select_option("main [name=hour]", index=2)
    for field, typed in zip(
        somebody.page.locator("main [name=birth_date_0]").all(), ("1", "5", "1990"), strict=True
    ):
        field.fill(typed)
    somebody.send("Book", name_0=name, document_0=document)


def test_an_administrator_leads_an_empty_server_to_an_office(founded: Founded) -> None:
    ewa = founded.administrator
    founded.clerk_at("12")
    ewa.open(f"{AT}/first-steps/ready")
    ewa.reads(ewa.say("The hall is ready: visitors can take tickets and be called."))
    assert re.fullmatch(r"P\d{3}", founded.ticket("P"))
    ewa.open(f"{AT}/settings/board")
    ewa.send("Save", notices__pl="Winda nie działa.", notices__en="The lift is out of order.")
    ewa.open(f"{AT}/records")
    ewa.press("Take back")
    ewa.reads(ewa.say("Taken back: the old value holds again."))
    assert not founded.branch.policy.notices
    ewa.open("/staff/office/people-log")
    ewa.reads("Anna clerk")
    ewa.may_not_open(f"{AT}/reservations", f"{AT}/verification", f"{AT}/counter")
    assert ewa.wrong == []


def test_a_manager_rules_the_hall_and_the_branch(founded: Founded) -> None:
    maria = founded.colleague(Role.MANAGER)
    maria.open(f"{AT}/hall")
    assert maria.say("Settings") in maria.ways()
    assert maria.say("Counter") not in maria.ways()
    before = waiting(maria, "P")
    founded.ticket("P")
    maria.until(lambda: waiting(maria, "P") == before + 1, "the ticket on the live page")

    maria.page.click("#counter-10-menu summary")
    maria.page.check("#counter-10-menu [name=letter][value=L]")
    maria.press("Change for today", "#counter-10-menu")
    assert "L" in maria.page.inner_text(".staff-told")
    maria.page.click("#menu-P summary")
    maria.press("Stop walk-in tickets for today", "#menu-P")
    assert founded.kiosk.post("/tickets", {"service": "P", "language": "pl"}).status_code == 409
    maria.page.click("#menu-P summary")
    maria.press("Give walk-in tickets again", "#menu-P")
    founded.ticket("P")

    maria.open(f"{AT}/settings/slip")
    was = printed(maria)
    maria.page.locator("main [name='slip.footer.pl']").press_sequentially("Weź dowód.")
    maria.until(lambda: printed(maria) != was, "the slip as it will be printed")
    maria.send("Save", slip__footer__pl="Weź dowód.", slip__footer__en="Bring your identity card.")
    assert founded.branch.policy.slip.footer["pl"] == "Weź dowód."

    book(maria, founded, "L", "Łucja Żądło", "AAA 100001")
    assert re.fullmatch(r"\d{3} ?\d{3} ?\d{3}", maria.page.inner_text(".desk-code").strip())
    book(maria, founded, "K", "Łucja Żądło", "AAA 100002")
    maria.reads(maria.say("The visit is verified before it stands. The code comes with the confirmation."))
    maria.open(f"{AT}/verification")
    with maria.page.expect_navigation():
        maria.page.locator("main tbody th a").first.click()
    maria.press("Accept")
    maria.reads(maria.say("The reservation is accepted. Its owner gets the confirmation."))
    maria.may_not_open("/staff/office", f"{AT}/counter")
    maria.leave()


def test_a_supervisor_steers_the_hall(founded: Founded) -> None:
    first, second = founded.ticket("L"), founded.ticket("L")
    clerk = founded.clerk_at("7")
    marek = founded.colleague(Role.SUPERVISOR)
    marek.open(f"{AT}/hall")
    assert clerk.post("/counters/7/help").status_code in (200, 204)
    marek.until(lambda: "7" in marek.page.inner_text("#alarms"), "the call for help on the live page")
    marek.press("I am coming", "#alarms")
    marek.reads(marek.say("Counter %(number)d sees that you are coming.", number=7))
    marek.press("It is over", "#alarms")

    marek.open(f"{AT}/hall/A/services/L")
    row = marek.page.locator("main tbody tr").filter(has_text=second)
    row.locator("[name=reason]").select_option(index=1)
    with marek.page.expect_navigation():
        row.locator("button").last.click()
    marek.reads(marek.say("%(number)s goes first.", number=second))
    row = marek.page.locator("main tbody tr").filter(has_text=first)
    row.locator("[name=to]").select_option("service:P")
    with marek.page.expect_navigation():
        row.locator("button").first.click()
    marek.reads(marek.say("%(number)s was moved.", number=first))
    marek.look()

    marek.open(f"{AT}/hall")
    marek.find("Notice on the boards…").click()
    marek.page.fill("#notice-pl", "Kasa jest na pierwszym piętrze.")
    marek.page.fill("#notice-en", "The cash desk is on the first floor.")
    marek.press("Show", "main .hall-menu")
    marek.reads(marek.say("The notice is set."))
    assert "Kasa" in marek.page.inner_text("#notices")
    marek.may_not_open(f"{AT}/settings", f"{AT}/users", f"{AT}/records")
    marek.leave()


def test_a_clerk_works_at_a_counter_in_the_browser_and_at_the_desk(founded: Founded) -> None:
    anna = founded.colleague(Role.CLERK)
    anna.open(f"{AT}/counter")
    anna.fill(code=founded.code_for("counter", "10"))
    anna.press("Make it a counter")
    anna.press("Start work at this counter")
    anna.page.wait_for_selector("#desk")
    assert anna.ways() == [anna.say(each) for each in ("Reservations", "Verification", "Counter")]
    for _ in range(3):
        founded.ticket("K")
    anna.page.wait_for_load_state()  # from then on keys count
    anna.page.keyboard.press("F8")
    anna.page.wait_for_selector(".counter-card__pill .staff-tag--ok")
    for key, shown in (
        ("F8", "Ticket called"),
        ("F9", "Ticket called"),
        ("F8", "Ticket being served"),
        ("F8", "Ticket called"),
        ("F12", "No ticket"),
        ("F8", "Ticket called"),
        ("Escape", "No ticket"),
        ("F8", "Ticket called"),
        *[("F9", "Ticket called")] * 2,
        ("F11", "No ticket"),
    ):
        anna.page.wait_for_timeout(800)  # the same key counts again after 700 ms
        anna.page.keyboard.press(key)
        anna.until(partial(is_shown, anna, shown), f"{key}: {shown}")
    anna.look()

    book(anna, founded, "L", "Nguyễn Thị Lan", "AAA 100003")
    code = anna.page.inner_text(".desk-code").strip()
    anna.open(f"{AT}/reservations")
    anna.send("Show", typed=code)
    assert anna.page.locator("main tbody tr").count() == 1
    anna.may_not_open(f"{AT}/hall", f"{AT}/settings", f"{AT}/rules")
    anna.leave()


def test_an_auditor_sees_the_records_and_changes_nothing(founded: Founded) -> None:
    hanna = founded.colleague(Role.AUDITOR)
    hanna.open(f"{AT}/hall")
    assert hanna.page.locator("main form, main details.hall-menu").count() == 0
    assert hanna.say("Reservations") not in hanna.ways()
    hanna.open(f"{AT}/records")
    hanna.reads("Ewa Maj")
    assert hanna.find("Take back").count() == 0
    hanna.open("/staff/office/people-log")
    hanna.reads("Anna auditor")
    hanna.open(f"{AT}/rules")
    assert hanna.find("Switch these rules on").count() == 0
    hanna.may_not_open(
        *(f"{AT}/settings", f"{AT}/users", f"{AT}/devices", f"{AT}/reservations", f"{AT}/counter"),
        *("/staff/office", "/staff/office/users"),
    )
    hanna.leave()
