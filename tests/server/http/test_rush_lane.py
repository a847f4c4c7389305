"""The lane of a rush: one call after the other, and who waits for something lets the next one lead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from server.http.rush_lane import RushLane

LONGEST_WAIT = 20


@pytest.fixture
def lane() -> Iterator[RushLane[Any]]:
    made: RushLane[Any] = RushLane(3, "test")
    yield made
    made.close()


async def all_of(lane: RushLane[Any], *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls, given in this order; an error is given as it is."""
    async with asyncio.timeout(LONGEST_WAIT):
        return await asyncio.gather(*(lane.run(call) for call in calls), return_exceptions=True)


def test_each_call_gets_its_own_answer_or_error(lane: RushLane[Any]) -> None:
    def breaks() -> None:
        raise KeyError("mine")

    calls = [breaks if number % 7 == 3 else lambda number=number: number for number in range(100)]
    answers = asyncio.run(all_of(lane, *calls))
    for number, answer in enumerate(answers):
        assert isinstance(answer, KeyError) if number % 7 == 3 else answer == number


def test_calls_run_one_at_a_time_in_their_order(lane: RushLane[Any]) -> None:
    seen: list[int] = []
    alone = threading.Lock()

    def call(number: int) -> None:
        assert alone.acquire(blocking=False)
        seen.append(number)
        alone.release()

    answers = asyncio.run(all_of(lane, *(lambda number=number: call(number) for number in range(200))))
    assert answers == [None] * 200
    assert seen == list(range(200))


def test_who_steps_aside_is_waited_for_by_nobody(lane: RushLane[Any]) -> None:
    after, told = threading.Event(), threading.Event()

    def waits() -> str:
        lane.step_aside()
        assert after.wait(LONGEST_WAIT)
        return "late"

    def ends_the_wait() -> str:
        after.set()
        return "soon"

    assert asyncio.run(all_of(lane, waits, told.set, waits, ends_the_wait)) == ["late", None, "late", "soon"]


def test_answers_do_not_wait_for_who_steps_aside_behind_them(lane: RushLane[Any]) -> None:
    first_is_told = threading.Event()

    def waits() -> bool:
        lane.step_aside()
        return first_is_told.wait(LONGEST_WAIT)

    async def ask() -> list[bool]:
        first = asyncio.ensure_future(lane.run(lambda: True))
        first.add_done_callback(lambda _: first_is_told.set())
        return await asyncio.gather(first, lane.run(waits))

    assert asyncio.run(ask()) == [True, True]


def test_control_without_stepping_aside_the_next_one_waits(lane: RushLane[Any]) -> None:
    after = threading.Event()
    answers = asyncio.run(all_of(lane, lambda: after.wait(0.2), after.set))
    assert answers == [False, None]


def test_outside_a_lane_nobody_has_to_step_aside(lane: RushLane[Any]) -> None:
    lane.step_aside()

    def twice() -> int:
        lane.step_aside()
        lane.step_aside()
        return 2

    assert asyncio.run(all_of(lane, twice, lambda: 1)) == [2, 1]


def test_who_is_gone_harms_nobody_behind(lane: RushLane[Any]) -> None:
    held = threading.Event()

    async def ask() -> int:
        gone = asyncio.ensure_future(lane.run(lambda: held.wait(LONGEST_WAIT)))
        behind = asyncio.ensure_future(lane.run(lambda: 7))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        held.set()
        async with asyncio.timeout(LONGEST_WAIT):
            return int(await behind)

    assert asyncio.run(ask()) == 7


def test_a_lane_that_nobody_used_ends_at_once() -> None:
    RushLane(2, "test").close()


def test_a_closed_lane_has_done_what_it_was_given() -> None:
    lane: RushLane[Any] = RushLane(2, "test")
    done: list[int] = []

    async def ask() -> None:
        asked = [asyncio.ensure_future(lane.run(partial(done.append, n))) for n in range(40)]
        await asyncio.sleep(0)
        lane.close()
        await asyncio.gather(*asked)

    asyncio.run(ask())
    assert done == list(range(40))
