"""What a simulation of a hall is given and what it gives: people, rules, counters and calls.

Times are seconds from the instant of the picture, negative for what has been; `inf` is never.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Person:
    """One who waits or will come: the service's index, and what orders them (seconds; None: not so).

    `counter` is the index of the only counter that they were sent to.
    """

    service: int
    queued_at: float
    appointment_at: float | None = None
    priority: bool = False
    urgent_since: float | None = None
    language: str = ""
    counter: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of a service, in seconds, as `order.CallPolicy` has them."""

    lead: float = 120.0
    overdue: float = 600.0
    maximum_wait: float = 2700.0
    long_wait_first: bool = True


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter that calls: for the indices of services, and within hours (seconds from, until).

    `in_order`, `languages` and `head_start` (seconds) are as in `order.CounterRules`.
    """

    services: frozenset[int]
    hours: tuple[tuple[float, float], ...] = ((-math.inf, math.inf),)
    in_order: tuple[int, ...] = ()
    languages: frozenset[str] = frozenset()
    head_start: float = 0.0

    @property
    def prefers_languages(self) -> bool:
        """Say whether the clerk's languages give anybody a head start."""
        return bool(self.languages and self.head_start)


@dataclass(frozen=True, slots=True)
class Calls:
    """What came of it: per run and person the second of the call (`inf`: never) and the counter (-1: none)."""

    called_at: Floats
    counter: Integers


def every(flags: Flags) -> bool:
    """Say whether all are set; for a few hundred that is quicker than `all`."""
    return bool(np.count_nonzero(flags) == flags.size)
