"""What a branch lacks before its doors can open, in the order of the steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from server.domain.office.first_steps import Gap, Lack, Standing, Step, first_undone, gaps

WHOLE = Standing(
    halls=1,
    services=("P", "L"),
    offered=frozenset("PL"),
    counters=1,
    served=frozenset("PL"),
    has_hours=True,
    kiosks=1,
    people=1,
)


def test_a_new_branch_lacks_all_but_itself_in_the_order_of_the_steps() -> None:
    assert [each.step for each in gaps(Standing())] == [*Step][1:]
    assert first_undone(Standing()) is Step.HALLS


def test_a_whole_branch_lacks_nothing() -> None:
    assert gaps(WHOLE) == ()
    assert first_undone(WHOLE) is None


@pytest.mark.parametrize(
    ("without", "gap"),
    [
        ({"offered": frozenset("P")}, Gap(Step.SERVICES, Lack.NOT_OFFERED, ("L",))),
        ({"served": frozenset("L")}, Gap(Step.COUNTERS, Lack.NOT_SERVED, ("P",))),
        ({"counters": 0, "served": frozenset()}, Gap(Step.COUNTERS, Lack.NO_COUNTER)),
        ({"has_hours": False}, Gap(Step.HOURS, Lack.NO_HOURS)),
        ({"kiosks": 0}, Gap(Step.DEVICES, Lack.NO_KIOSK)),
        ({"people": 0}, Gap(Step.PEOPLE, Lack.NOBODY_SERVES)),
    ],
)
def test_one_thing_that_is_missing_is_named_alone(without: dict[str, Any], gap: Gap) -> None:
    assert gaps(replace(WHOLE, **without)) == (gap,)
