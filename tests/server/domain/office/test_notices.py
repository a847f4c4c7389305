"""A notice from an hour until another: on exactly in its hours, by the branch's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from server.domain.office.notices import Notice
from server.domain.office.policies import branch_policy
from server.domain.office.reading import SettingError
from tests.server.movable_clock import at

SAID = {"text": {"pl": "Zamknięte"}, "begins": "2026-11-23T10:00", "ends": "2026-11-23T12:00"}


def wall(said: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{said}")


def notice(**said: Any) -> Notice:
    (found,) = branch_policy({"timed_notices": [SAID | said]}).timed_notices
    return found


@pytest.mark.parametrize(
    ("hour", "is_on"), [("09:59:59", False), ("10:00", True), ("11:59:59", True), ("12:00", False)]
)
def test_it_is_on_from_its_first_instant_until_before_its_last(hour: str, is_on: bool) -> None:
    assert notice().is_on(wall(hour)) is is_on


@pytest.mark.parametrize(
    ("since", "until", "turned"),
    [
        ("09:58", "09:59", None),
        ("09:59", "10:00", True),
        ("10:00", "10:01", None),
        ("11:59", "12:00", False),
        ("12:00", "12:01", None),
    ],
)
def test_it_turns_at_its_hours_and_only_there(since: str, until: str, turned: bool | None) -> None:
    assert notice().turns(wall(since), wall(until)) is turned


def test_the_hours_are_those_of_the_branch() -> None:
    for zone, is_on in (("Europe/Warsaw", True), ("Europe/London", False)):
        policy = branch_policy({"zone": zone, "timed_notices": [SAID]})
        assert bool(policy.notices_on(at("10:00"))) is is_on


def test_without_hours_it_is_always_on() -> None:
    (found,) = branch_policy({"timed_notices": [{"text": {"pl": "x"}}]}).timed_notices
    assert found.is_on(wall("00:00"))
    assert not found.is_over(datetime(2100, 1, 1))  # noqa: DTZ001 - a wall clock has no zone


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"ends": "2026-11-23T10:00"}, "timed_notices.ends: is not after the beginning"),
        ({"begins": "2026-11-23"}, "timed_notices.begins: '2026-11-23' is no hour of a day"),
        ({"begins": "2026-11-23T10:00+01:00"}, "timed_notices.begins"),
        ({"begins": "2026-02-30T10:00"}, "timed_notices.begins"),
        ({"text": {}}, "timed_notices.text: a text is expected"),
        ({"text": {"pl": "x" * 201}}, "timed_notices.text: at most 200 characters"),
    ],
)
def test_what_cannot_be_is_refused_with_its_name(said: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingError) as refused:
        notice(**said)
    assert str(refused.value).startswith(problem)
