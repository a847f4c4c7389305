"""Calling rules on the staff's pages: tried on today's line, then switched on, on record."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from server.services.office import things
from server.store.tables import Counter, OfficeChange
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


@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "99999999"])
def test_what_is_no_number_is_said_at_its_field(people: People, typed: str) -> None:
    page = people.signed_in(Role.MANAGER).post(RULES, {"overdue_minutes": typed})
    assert (page.status, len(page.mistakes)) == (422, 1)


def test_a_supervisor_looks_and_tries_and_does_not_switch_on(people: People) -> None:
    supervisor = people.signed_in(Role.SUPERVISOR)
    tried = supervisor.post(RULES, {"maximum_wait_minutes": "90"})
    assert tried.status == 200
    assert "switch-on" not in tried.text
    assert supervisor.send("POST", f"{RULES}/switch-on", tried.fields).status == 403


def close_all_but(office: SampleOffice, number: int) -> None:
    """Let one counter be the only one that calls."""
    closed = update(Counter).where(Counter.number != number).values(state="closed")
    office.store.write(lambda session: session.execute(closed))


def first_called(office: SampleOffice, counter: int = 7) -> str:
    """Call the next visitor at a counter and return the number."""
    answer = office.clerk(counter).post(f"/counters/{counter}/call-next").get_json()
    number: str = answer["ticket"]["number"]
    return number


def test_a_strict_order_is_tried_switched_on_and_called_by(office: SampleOffice, people: People) -> None:
    close_all_but(office, 7)
    passport = office.walk_in("P")["number"]
    office.clock.advance(minutes=5)
    other = office.walk_in("N")["number"]
    manager = people.signed_in(Role.MANAGER)
    tried = manager.post(RULES, {"counter.7.strict_order": "on", "counter.7.services": "n, p"})
    before, _, after = tried.text.partition("Zasady, które sprawdzasz")
    assert in_order(before, [other, passport]) == [passport, other]
    assert in_order(after, [passport, other]) == [other, passport]
    done = manager.send("POST", f"{RULES}/switch-on", tried.fields)
    assert done.status == 303
    kept = office.store.read(lambda session: things.stated(session, things.counter("wroclaw", 7)))
    assert kept == {"hall": "A", "services": ["N", "P"], "strict_order": True}
    snapshot = office.clerk(7).get("/counters/7").get_json()
    assert [row["number"] for row in snapshot["waiting"]] == [other, passport]
    assert snapshot.get("order") is None, "a counter cannot place a newcomer by one order of all"
    assert first_called(office) == other


def test_control_in_one_line_who_came_first_is_called_first(office: SampleOffice) -> None:
    passport = office.walk_in("P")["number"]
    office.clock.advance(minutes=5)
    office.walk_in("N")
    assert office.clerk(7).get("/counters/7").get_json().get("order") is not None
    assert first_called(office) == passport


def test_a_service_has_a_maximum_wait_of_its_own(office: SampleOffice, people: People) -> None:
    close_all_but(office, 7)
    long_ago = office.walk_in("N")["number"]
    office.clock.advance(minutes=20)
    booked = office.arrive("P", "10:35")["number"]
    office.clock.set("10:34")
    manager = people.signed_in(Role.MANAGER)
    tried = manager.post(RULES, {"service.N.maximum_wait_minutes": "30"})
    before, _, after = tried.text.partition("Zasady, które sprawdzasz")
    assert in_order(before, [long_ago, booked]) == [booked, long_ago]
    assert in_order(after, [booked, long_ago]) == [long_ago, booked]
    manager.send("POST", f"{RULES}/switch-on", tried.fields)
    kept = office.store.read(lambda session: things.stated(session, things.service("wroclaw", "N")))
    assert kept is not None
    assert kept["maximum_wait_minutes"] == 30
    assert manager.get(RULES).fields["service.N.maximum_wait_minutes"] == "30"
    assert first_called(office) == long_ago


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("counter.7.services", "P"),
        ("counter.7.services", "P N L"),
        ("counter.7.services", "PPN"),
        ("service.N.maximum_wait_minutes", "1441"),
        ("service.N.overdue_minutes", "x"),
    ],
)
def test_what_fits_no_service_or_counter_is_said_and_never_switched_on(
    office: SampleOffice, people: People, field: str, typed: str
) -> None:
    manager = people.signed_in(Role.MANAGER)
    tried = manager.post(RULES, {field: typed})
    assert (tried.status, len(tried.mistakes)) == (422, 1)
    before = len(office.rows(OfficeChange))
    assert manager.send("POST", f"{RULES}/switch-on", tried.fields).status == 303
    assert len(office.rows(OfficeChange)) == before


def test_the_grace_for_the_late_is_tried_with_the_offices_own_delay(
    office: SampleOffice, people: People
) -> None:
    office.clock.set("9:30")
    office.arrive("P", "10:00")
    office.clock.set("10:25")
    tried = people.signed_in(Role.MANAGER).post(RULES, {"delay_grace_minutes": "20"})
    before, _, after = tried.words.partition("Zasady, które sprawdzasz")
    assert "P: urząd spóźnia się z umówionymi wizytami o 25 min; można przyjść najwyżej o 0 min" in before
    assert "najwyżej o 20 min później" in after


def test_who_would_be_sent_home_at_closing_is_told_before(office: SampleOffice, people: People) -> None:
    close_all_but(office, 8)
    for _ in range(6):
        office.walk_in("P")
    office.set_policy(opening_hours={"mon": ["08:00-11:00"]})
    office.clock.set("10:40")
    typed = {"left_at_closing": "until", "left_at_closing_minutes": "5"}
    tried = people.signed_in(Role.MANAGER).post(RULES, typed)
    before, _, after = tried.words.partition("Zasady, które sprawdzasz")
    assert "odeszł" not in before
    assert "O 11:05 odeszłyby z niczym 2 osoby z teraz czekających" in after, "four visits of 8 minutes fit"
