"""Calling rules on the staff's pages: tried on today's line, then switched on, on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.store.tables import OfficeChange
from tests.server.sample_office import SampleOffice
from tests.server.staff.people import People
from wire.vocabulary import Role

RULES = "/staff/at/wroclaw/rules"


def with_a_line(office: SampleOffice) -> list[str]:
    """Let a walk-in wait for 40 minutes, and a booked visitor come whose hour it is."""
    first = office.kiosk.post("/tickets", {"service": "P"}).json["ticket"]["number"]
    booked = office.book("P", "11:00")
    office.clock.advance(minutes=40)
    second = office.kiosk.post("/check-ins", {"code": booked["code"]}).json["ticket"]["number"]
    office.clock.advance(minutes=20)
    return [first, second]


def in_order(page_text: str, numbers: list[str]) -> list[str]:
    return sorted(numbers, key=lambda number: page_text.index(f"<strong>{number}</strong>"))


def test_other_rules_are_tried_on_the_line_and_change_nothing(office: SampleOffice, people: People) -> None:
    line = with_a_line(office)
    manager = people.signed_in(Role.MANAGER)
    now = manager.get(RULES)
    assert in_order(now.text, line) == line, "who waited an hour comes before a booked visitor"
    tried = manager.post(RULES, {"maximum_wait_minutes": "90"})
    before, _, after = tried.text.partition("Zasady, które sprawdzasz")
    assert in_order(before, line) == line
    assert in_order(after, line) == line[::-1]
    assert manager.get(RULES).fields["maximum_wait_minutes"] == "45"


def test_what_was_tried_is_switched_on_once_and_is_on_record(office: SampleOffice, people: People) -> None:
    manager = people.signed_in(Role.MANAGER)
    tried = manager.post(RULES, {"maximum_wait_minutes": "90", "priority_every": "3"})
    done = manager.send("POST", f"{RULES}/switch-on", tried.fields)
    assert done.status == 303
    assert manager.get(RULES).fields["maximum_wait_minutes"] == "90"
    again = manager.send("POST", f"{RULES}/switch-on", tried.fields | {"maximum_wait_minutes": "20"})
    assert again.status == 303
    assert manager.get(RULES).fields["maximum_wait_minutes"] == "90", (
        "who looked at older rules is asked again"
    )
    changes = office.store.read(lambda session: session.execute(select(OfficeChange)).scalars().all())
    assert [(each.user_id, each.new["priority_every"]) for each in changes if each.user_id] == [
        (manager.user_id, 3)
    ]


@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "99999999", ""])
def test_what_is_no_number_is_said_at_its_field(people: People, typed: str) -> None:
    page = people.signed_in(Role.MANAGER).post(RULES, {"overdue_minutes": typed})
    assert (page.status, len(page.mistakes)) == (422, 1)


def test_a_supervisor_looks_and_tries_and_does_not_switch_on(people: People) -> None:
    supervisor = people.signed_in(Role.SUPERVISOR)
    tried = supervisor.post(RULES, {"maximum_wait_minutes": "90"})
    assert tried.status == 200
    assert "switch-on" not in tried.text
    assert supervisor.send("POST", f"{RULES}/switch-on", tried.fields).status == 403
