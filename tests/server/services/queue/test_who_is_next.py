"""Who is called next, end to end: the ten examples of the rules through the API, with the clock moved."""

from __future__ import annotations

from typing import Any

from tests.server.movable_clock import at
from tests.server.sample_office import Door, SampleOffice


def call(clerk: Door, counter: int = 7) -> str | None:
    """Call the next visitor, finishing whoever is in hand, and return the number."""
    current = clerk.get(f"/counters/{counter}").get_json().get("current")
    if current is not None:
        if current["status"] == "called":
            assert clerk.post(f"/tickets/{current['id']}/start").status_code == 200
        assert clerk.post(f"/tickets/{current['id']}/finish", {"outcome": "served"}).status_code == 200
    response = clerk.post(f"/counters/{counter}/call-next")
    if response.status_code == 204:
        return None
    assert response.status_code == 200, response.text
    number: str = response.get_json()["ticket"]["number"]
    return number


def queue(office: SampleOffice, names: str) -> dict[str, dict[str, Any]]:
    """Let the visitors of the examples come, each at their own time; return their tickets by name."""
    comes = {
        "E": ("9:10", lambda: office.walk_in("P")),
        "A": ("9:20", lambda: office.walk_in("P")),
        "F": ("9:30", lambda: office.arrive("P", "9:45")),
        "B": ("9:44", lambda: office.arrive("P", "10:00")),
        "C": ("9:50", lambda: office.arrive("P", "10:10")),
        "D": ("9:58", lambda: office.walk_in("P", priority="disability")),
        "G": ("9:59", lambda: office.walk_in("P", priority="pregnancy")),
    }
    tickets = {}
    for name in sorted(names, key=lambda name: at(comes[name][0])):
        office.clock.set(comes[name][0])
        tickets[name] = comes[name][1]()
    return tickets


def called(office: SampleOffice, tickets: dict[str, dict[str, Any]], times: int) -> str:
    """Call so many visitors at counter 7 and return their names in the order of the calls."""
    clerk = office.clerk(7)
    names = {ticket["number"]: name for name, ticket in tickets.items()}
    return "".join(names[call(clerk) or ""] for _ in range(times))


def test_example_1_priority_overdue_and_long_waits_come_before_the_hour_and_arrival(
    office: SampleOffice,
) -> None:
    tickets = queue(office, "ABCDEF")
    office.clock.set("10:00")
    assert called(office, tickets, 6) == "DFEBAC"


def test_example_2_a_second_priority_visitor_waits_for_the_second_call(office: SampleOffice) -> None:
    tickets = queue(office, "ABCDEFG")
    office.clock.set("10:00")
    assert called(office, tickets, 4) == "DFGE"


def test_example_3_and_4_a_booked_visitor_is_due_two_minutes_before_the_hour(office: SampleOffice) -> None:
    tickets = queue(office, "AB")
    office.clock.set("9:57:59")
    clerk = office.clerk(7)
    waiting = [line["number"] for line in clerk.get("/counters/7").get_json()["waiting"]]
    assert waiting == [tickets["A"]["number"], tickets["B"]["number"]]
    office.clock.set("9:58:00")
    waiting = [line["number"] for line in clerk.get("/counters/7").get_json()["waiting"]]
    assert waiting == [tickets["B"]["number"], tickets["A"]["number"]]
    assert call(clerk) == tickets["B"]["number"]


def test_example_5_a_walk_in_of_45_minutes_comes_before_five_minutes_past_the_hour(
    office: SampleOffice,
) -> None:
    tickets = queue(office, "AB")
    office.clock.set("10:05")
    assert called(office, tickets, 2) == "AB"


def test_example_6_ten_minutes_past_the_hour_come_before_the_long_wait(office: SampleOffice) -> None:
    tickets = queue(office, "AB")
    office.clock.set("10:10")
    assert called(office, tickets, 2) == "BA"


def test_example_7_who_is_early_is_called_when_nobody_else_waits(office: SampleOffice) -> None:
    tickets = queue(office, "C")
    office.clock.set("9:50")
    assert called(office, tickets, 1) == "C"


def test_example_8_of_the_same_hour_the_earlier_issued(office: SampleOffice) -> None:
    office.clock.set("9:40")
    first, second = office.arrive("P", "10:00"), office.arrive("P", "10:00")
    office.clock.set("10:00")
    clerk = office.clerk(7)
    assert [call(clerk), call(clerk)] == [first["number"], second["number"]]


def test_example_9_a_parked_visitor_is_in_no_line_until_called_by_number(office: SampleOffice) -> None:
    tickets = queue(office, "FA")
    office.clock.set("10:00")
    clerk = office.clerk(7)
    assert call(clerk) == tickets["F"]["number"]
    assert clerk.post(f"/tickets/{tickets['F']['id']}/park").status_code == 200
    assert call(clerk) == tickets["A"]["number"]
    assert call(clerk) is None
    parked = clerk.get("/counters/7").get_json()["parked"]
    assert [line["number"] for line in parked] == [tickets["F"]["number"]]
    response = clerk.post(f"/tickets/{tickets['F']['id']}/call")
    assert response.get_json()["ticket"]["status"] == "called"


def test_example_10_nobody_for_my_services_leaves_the_other_lines_alone(office: SampleOffice) -> None:
    office.walk_in("T")
    clerk = office.clerk(10)
    response = clerk.post("/counters/10/call-next")
    assert (response.status_code, response.data) == (204, b"")
    assert office.clerk(1).get("/counters/1").get_json()["waiting_total"] == 1


def test_the_priority_share_is_the_halls_and_not_the_counters(office: SampleOffice) -> None:
    office.clock.set("9:50")
    first = office.walk_in("P", priority="disability")
    second = office.walk_in("P", priority="elderly")
    ordinary = office.walk_in("P")
    seven, eight = office.clerk(7), office.clerk(8)
    office.clock.set("10:00")
    assert call(seven) == first["number"]
    # The other counter's call is the hall's second, so it is not a priority visitor's by right; by arrival it is.
    office.clock.set("10:00:01")
    assert call(eight, 8) == second["number"]
    assert call(eight, 8) == ordinary["number"]


def test_after_a_priority_call_the_ordinary_visitor_who_came_first_is_next(office: SampleOffice) -> None:
    office.clock.set("9:50")
    ordinary = office.walk_in("P")
    office.clock.set("9:51")
    first, second = (office.walk_in("P", priority="elderly") for _ in range(2))
    office.clock.set("10:00")
    seven, eight = office.clerk(7), office.clerk(8)
    assert [call(seven), call(eight, 8), call(seven)] == [
        first["number"],
        ordinary["number"],
        second["number"],
    ]


def test_a_share_of_one_in_one_lets_every_priority_visitor_come_first(office: SampleOffice) -> None:
    office.set_policy(priority_every=1)
    office.clock.set("9:50")
    ordinary = office.walk_in("P")
    office.clock.set("9:51")
    first, second = (office.walk_in("P", priority="elderly") for _ in range(2))
    clerk = office.clerk(7)
    assert [call(clerk) for _ in range(3)] == [first["number"], second["number"], ordinary["number"]]


def test_a_counter_calls_across_all_its_services(office: SampleOffice) -> None:
    office.clock.set("9:50")
    pick_up = office.walk_in("N")
    office.clock.set("9:51")
    passport = office.walk_in("P")
    clerk = office.clerk(7)
    assert [call(clerk), call(clerk)] == [pick_up["number"], passport["number"]]
