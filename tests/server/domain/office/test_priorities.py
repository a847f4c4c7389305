"""Kinds of priority: words that are ours, tables of the office's own, and why a ticket cannot have one."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.office.policies import BranchPolicy, branch_policy
from server.domain.office.priorities import USUAL, PriorityKind, dropped, refusal
from server.domain.office.reading import SettingError
from wire.vocabulary import Priority


def read(*said: Any) -> BranchPolicy:
    return branch_policy({"priority_classes": list(said)})


VETERAN = {"code": "veteran", "names": {"pl": "Kombatant"}, "staff_only": True}


def test_words_alone_are_the_usual_kinds() -> None:
    assert read(*Priority).priority_classes == USUAL == branch_policy({}).priority_classes
    assert read("veteran").priority_classes == (PriorityKind("veteran"),)
    assert read(VETERAN).priority_classes == (PriorityKind("veteran", {"pl": "Kombatant"}, staff_only=True),)


def test_the_kiosk_offers_less_than_staff_and_what_is_put_away_nobody() -> None:
    policy = read("elderly", VETERAN, {"code": "twins", "archived": True})
    assert [each.code for each in policy.priorities_of(by_clerk=False)] == ["elderly"]
    assert [each.code for each in policy.priorities_of(by_clerk=True)] == ["elderly", "veteran"]
    told = {
        (code, by_clerk): refusal(policy.priority_classes, code, by_clerk=by_clerk)
        for code in ("elderly", "veteran", "twins", "rich")
        for by_clerk in (False, True)
    }
    assert {each: why for each, why in told.items() if why} == {
        ("veteran", False): "priority_by_staff",
        ("twins", False): "archived_priority",
        ("twins", True): "archived_priority",
        ("rich", False): "unknown_priority",
        ("rich", True): "unknown_priority",
    }


def test_only_the_offices_own_kinds_lose_their_name() -> None:
    assert dropped(USUAL + read("veteran").priority_classes, USUAL[:1]) == {"veteran"}
    assert dropped(read("veteran").priority_classes, read(VETERAN).priority_classes) == set()


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (["elderly", {"code": "elderly"}], "priority_classes: each may stand there once"),
        (["none"], "priority_classes: up to 20 small letters"),
        (["x" * 21], "priority_classes: up to 20 small letters"),
        ([{"names": {"pl": "x"}}], "priority_classes.code: is missing"),
        ([{"code": "x", "names": {"pl": "x" * 61}}], "priority_classes.names: at most 60 characters"),
        ([7], "priority_classes: a table of settings is expected"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(said: list[Any], problem: str) -> None:
    with pytest.raises(SettingError) as refused:
        read(*said)
    assert str(refused.value).startswith(problem)
