"""Runs the same work in many threads that all begin at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(count: int, work: Callable[[int], T], seconds: float = 60) -> list[T]:
    """Call `work(0)` to `work(count - 1)` at once and return what they gave, in that order."""
    gate = threading.Barrier(count)

    def run(place: int) -> T:
        gate.wait(seconds)
        return work(place)

    with ThreadPoolExecutor(count) as pool:
        return [each.result(seconds) for each in [pool.submit(run, place) for place in range(count)]]
