"""Who waits, after facts: a newcomer stands at their place; where a fact does not tell, the server is asked."""

from __future__ import annotations

import pytest

from display_board.lines import after_fact
from tests.display_board.samples import NINE, snapshot
from wire.messages import FactData

TWELVE = [f"N{number:03}" for number in range(1, 13)]


def lines(*waiting):
    return tuple(snapshot(waiting=waiting).waiting)


def told(number, **more):
    return FactData(at=NINE, number=number, **more)


def seen(found):
    return [(line.numbers, line.total) for line in found]


@pytest.mark.parametrize(("ahead", "numbers"), [(0, ["P9", "P1", "P2"]), (2, ["P1", "P2", "P9"])])
def test_a_newcomer_stands_behind_as_many_as_the_fact_says(ahead, numbers):
    found = after_fact(
        lines((["P1", "P2"], 2), (["N1"], 1)), "ticket.issued", told("P9", service="P", ahead=ahead)
    )
    assert seen(found) == [(numbers, 3), (["N1"], 1)]


def test_a_newcomer_behind_those_that_are_listed_is_counted():
    found = after_fact(lines((TWELVE, 300)), "ticket.issued", told("N301", service="N", ahead=300))
    assert seen(found) == [(TWELVE, 301)]
    moved_on = lines((TWELVE[4:], 296))
    assert seen(after_fact(moved_on, "ticket.issued", told("N301", service="N", ahead=296))) == [
        (TWELVE[4:], 297)
    ]


def test_twelve_numbers_are_listed_at_most():
    found = after_fact(lines((TWELVE, 12)), "ticket.issued", told("N013", service="N", ahead=3))
    assert seen(found) == [([*TWELVE[:3], "N013", *TWELVE[3:11]], 13)]


def test_who_stands_in_the_snapshot_already_is_not_counted_again():
    before = lines((["P1"], 1))
    assert after_fact(before, "ticket.issued", told("P1", service="P", ahead=0)) == before


def test_the_line_of_a_service_that_the_hall_does_not_have_is_not_shown():
    before = lines((["P1"], 1))
    assert after_fact(before, "ticket.issued", told("Q1", service="Q", ahead=0)) == before


@pytest.mark.parametrize("kind", ["ticket.called", "ticket.withdrawn"])
def test_who_is_called_or_leaves_waits_no_more(kind):
    assert seen(after_fact(lines((["P1", "P2"], 5)), kind, told("P1"))) == [(["P2"], 4)]


def test_the_server_is_asked_about_a_number_that_may_stand_behind_those_listed():
    assert after_fact(lines((TWELVE, 300)), "ticket.called", told("N200")) is None
    whole = lines((TWELVE, 12))
    assert after_fact(whole, "ticket.called", told("N200")) == whole


@pytest.mark.parametrize(
    "kind",
    ["ticket.put_back", "ticket.transferred", "ticket.reinstated", "ticket.came_back", "ticket.undone",
     "ticket.of_a_later_version", "office.changed", "notice.changed"],
)  # fmt: skip
def test_the_server_is_asked_where_a_fact_does_not_tell_the_place(kind):
    assert after_fact(lines((["P1"], 1)), kind, told("P2", service="P")) is None


@pytest.mark.parametrize(
    "kind",
    ["ticket.started", "ticket.recalled", "ticket.finished", "ticket.no_show", "ticket.parked",
     "counter.opened", "clerk.signed_in", "check_in.refused", "reservation.checked_in"],
)  # fmt: skip
def test_what_happens_outside_the_lines_changes_nothing(kind):
    before = lines((["P1"], 1))
    assert after_fact(before, kind, told("P2")) == before


def test_the_fact_of_an_older_server_is_left_to_the_snapshot():
    assert after_fact(lines((["P1"], 1)), "ticket.issued", told("P2", service="P")) is None


def test_a_newcomer_without_a_number_is_left_to_the_snapshot():
    assert after_fact(lines((["P1"], 1)), "ticket.issued", told(None, service="P", ahead=0)) is None


def test_a_newcomer_just_behind_the_listed_numbers_of_a_longer_line_is_counted():
    found = after_fact(lines((["P1", "P2"], 9)), "ticket.issued", told("P9", service="P", ahead=2))
    assert seen(found) == [(["P1", "P2"], 10)]


def test_who_is_called_leaves_their_line_alone():
    three = lines((["P1"], 1), (["N1", "N2"], 2), (["T1"], 1))
    assert seen(after_fact(three, "ticket.called", told("P1"))) == [([], 0), (["N1", "N2"], 2), (["T1"], 1)]
    assert seen(after_fact(three, "ticket.called", told("N1"))) == [(["P1"], 1), (["N2"], 1), (["T1"], 1)]


def test_a_number_that_is_not_listed_can_only_stand_behind_in_the_line_of_its_service():
    two = lines((["P1"], 1), (TWELVE, 300))
    assert after_fact(two, "ticket.called", told("P9", service="P")) == two
    assert after_fact(two, "ticket.called", told("N200", service="N")) is None
