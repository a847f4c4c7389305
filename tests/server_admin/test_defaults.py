"""Every setting of the office stands in docs/office.md with its default, and no other does."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import time
from typing import Any

import pytest

from server.domain.office.outcomes import OutcomeKind
from server.domain.office.policies import BranchPolicy
from server.domain.office.priorities import PriorityKind
from server.domain.office.slip import SlipPolicy
from tests.server_admin.pages import POLICIES, rows, text


def as_toml(field: Field[Any]) -> str:
    """Write a setting's default as the office's file would."""
    value = field.default if field.default is not MISSING else field.default_factory()  # type: ignore[misc]
    if value is None:
        return "none"
    if is_dataclass(value):
        return "as below"
    if isinstance(value, time):
        return f'`"{value:%H:%M}"`'
    if isinstance(value, str):
        return f'`"{value}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple) and value and isinstance(value[0], OutcomeKind | PriorityKind):
        value = tuple(each.code for each in value)
    if isinstance(value, frozenset):
        return "`{" + ", ".join(f"{name} = true" for name in sorted(value)) + "}`"
    if isinstance(value, tuple):
        return "`[" + ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in value) + "]`"
    return f'`"{value}"`' if field.name == "zone" else f"`{value}`"


@pytest.mark.parametrize("policy", POLICIES)
def test_every_setting_of_the_office_stands_there_with_its_default(policy: Any) -> None:
    of_a_branch, _, of_the_rest = text("office.md").partition("## Keys of a service")
    told = rows(of_a_branch if policy in (BranchPolicy, SlipPolicy) else of_the_rest)
    assert {field.name: told.get(field.name, ["missing"])[0] for field in fields(policy)} == {
        field.name: as_toml(field) for field in fields(policy)
    }


def test_no_setting_stands_there_that_is_none() -> None:
    tables = text("office.md").partition("## Keys of a branch")[2].partition("## Lists of tables")[0]
    named = set(re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE))
    assert named == {field.name for policy in POLICIES for field in fields(policy)}
