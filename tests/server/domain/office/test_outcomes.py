"""Outcomes of visits: words that are ours, and tables of the office's own."""

from __future__ import annotations

from typing import Any

import pytest

from server.domain.office.outcomes import USUAL, OutcomeKind
from server.domain.office.policies import branch_policy
from server.domain.office.reading import SettingError


def read(*said: Any) -> tuple[OutcomeKind, ...]:
    return branch_policy({"outcomes": list(said)}).outcomes


def test_words_alone_are_the_usual_outcomes_and_one_of_them_asks() -> None:
    assert read("served", "without_documents", "wrong_person", "other") == USUAL == branch_policy({}).outcomes
    assert [each.code for each in USUAL if each.asks_missing] == ["without_documents"]
    assert read("sent_on") == (OutcomeKind("sent_on"),)


def test_a_table_says_all_of_itself() -> None:
    table = {"code": "sent_on", "names": {"pl": "Skierowano"}, "served": False, "asks_missing": True}
    assert read(table) == (OutcomeKind("sent_on", {"pl": "Skierowano"}, served=False, asks_missing=True),)
    assert read({"code": "without_documents"}) == (OutcomeKind("without_documents"),)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (["served", {"code": "served"}], "outcomes: each may stand there once"),
        (["Served"], "outcomes: a word of small letters"),
        ([{"names": {"pl": "x"}}], "outcomes.code: is missing"),
        ([{"code": "x", "names": {"pl": "x" * 61}}], "outcomes.names: at most 60 characters"),
        ([7], "outcomes: a table of settings is expected"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(said: list[Any], problem: str) -> None:
    with pytest.raises(SettingError) as refused:
        read(*said)
    assert str(refused.value).startswith(problem)
