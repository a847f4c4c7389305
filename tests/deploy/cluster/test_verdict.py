"""The checker sees what was lost, doubled, left out or not shown, and knows the programs by their API alone."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster import people, verdict
from deploy.cluster.people import Answered
from deploy.cluster.verdict import Kept, Row, judge, longest_pause, share
from tests.house.borders import ROOMS, imports_of

TICKETS = [Row(n, 1, "2026-11-30", "N", n, f"N00{n}") for n in (1, 2, 3)]
KEPT = Kept(TICKETS, [1, 2])


def answer(path: str, row: Row, ended: float = 0.0) -> Answered:
    body: dict[str, Any] = {"ticket": {"id": row.id, "number": row.number}}
    status = 200 if path.endswith("call-next") else 201
    return Answered(path, "a key", status, body, ended - 0.1, ended, 1)


ANSWERED = [
    answer("check-ins", TICKETS[0]),
    *(answer("tickets", each) for each in TICKETS[1:]),
    *(answer("counters/1/call-next", each) for each in TICKETS[:2]),
    Answered("tickets/1/start", "a key", 200, {}, 0, 0, 1),
    Answered("counters/1/call-next", "a key", 204, None, 0, 0, 1),
]


def test_nothing_is_said_of_a_hall_in_which_all_is_well() -> None:
    told = judge(ANSWERED, KEPT, [1, 2])
    assert told.is_clean
    assert told.acknowledged == 7


def test_a_number_that_was_given_and_is_gone_is_lost() -> None:
    assert judge(ANSWERED, replace(KEPT, tickets=TICKETS[:2]), [1, 2]).lost == ["N003"]


def test_a_number_that_somebody_else_has_now_is_lost_too() -> None:
    other = replace(TICKETS[2], id=9)
    assert judge(ANSWERED, replace(KEPT, tickets=[*TICKETS[:2], other]), [1, 2]).lost == ["N003"]


def test_a_call_that_is_gone_is_lost() -> None:
    assert judge(ANSWERED, replace(KEPT, calls=[1]), [1, 2]).lost == ["call of N002"]


def test_two_people_with_one_number_are_found() -> None:
    twice = answer("tickets", replace(TICKETS[2], id=9))
    assert judge([*ANSWERED, twice], KEPT, [1, 2]).doubled == ["N003"]
    again = answer("tickets", TICKETS[2])
    assert judge([*ANSWERED, again], KEPT, [1, 2]).doubled == ["N003"]


def test_a_number_that_the_database_has_twice_is_found_and_the_same_on_another_day_is_none() -> None:
    other = replace(TICKETS[2], id=9)
    assert judge(ANSWERED, replace(KEPT, tickets=[*TICKETS, other]), [1, 2]).doubled == ["N003"]
    yesterday = [replace(each, id=each.id + 10, day="2026-11-29") for each in TICKETS]
    assert judge(ANSWERED, replace(KEPT, tickets=[*TICKETS, *yesterday]), [1, 2]).is_clean


@pytest.mark.parametrize("calls", [[1, 2, 2], [1, 2, 2, 2]])
def test_somebody_called_twice_is_found(calls: list[int]) -> None:
    assert judge(ANSWERED, replace(KEPT, calls=calls), [1, 2]).doubled == ["call of N002"]


def test_somebody_called_to_two_counters_is_found() -> None:
    other = answer("counters/2/call-next", TICKETS[0])
    assert judge([*ANSWERED, other], KEPT, [1, 2]).doubled == ["call of N001"]


def test_a_number_left_out_is_missing() -> None:
    answered = [each for each in ANSWERED if each.body != {"ticket": {"id": 2, "number": "N002"}}]
    kept = Kept([TICKETS[0], TICKETS[2]], [1])
    assert judge(answered, kept, [1]).missing == ["N002"]


def test_the_board_is_to_show_every_call_once() -> None:
    assert judge(ANSWERED, KEPT, [1]).not_shown == ["N002"]
    assert judge(ANSWERED, KEPT, [1, 2, 1]).shown_twice == ["N001"]


def test_what_nobody_seals_is_told() -> None:
    assert not judge(ANSWERED, replace(KEPT, unsealed=1), [1, 2]).is_clean


def test_the_longest_pause_begins_at_the_kill_and_ends_with_an_answer() -> None:
    answered = [answer("tickets", TICKETS[0], ended) for ended in (9.0, 10.5, 25.0, 25.1)]
    assert longest_pause(answered, since=10.0) == 14.5
    assert longest_pause(answered, since=12.0) == 13.0


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (99, 10), (90, 9), (1, 1)])
def test_shares_are_by_the_nearest_rank(percent: float, value: float) -> None:
    assert share(range(10, 0, -1), percent) == value


@pytest.mark.parametrize("module", [people, verdict])
def test_the_checker_imports_no_room(module: Any) -> None:
    tree = ast.parse(Path(module.__file__).read_text())
    names = {name.split(".")[0] for _, name in imports_of(tree, module.__name__)}
    assert names & set(ROOMS) == set()
