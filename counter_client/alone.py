"""PURE: the lines of kiosks as a counter sees them while the server is away (ADR 0026)."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from wire.messages import LineNumber, LineTold, LineWish

Wish = tuple[str, LineWish, str | None]
"""Of the kiosk at an address; with the number that it is about, but for a call."""


@dataclass(frozen=True, slots=True)
class AloneLine:
    """What each kiosk told last, by its address.

    `is_open`: the clerk came to it though a ticket of the server's is still in hand. `no_answer`: a kiosk did not
    answer the last time.
    """

    told: Mapping[str, LineTold] = field(default_factory=dict)
    is_open: bool = False
    no_answer: bool = False

    @property
    def in_hand(self) -> tuple[str, LineNumber] | None:
        """Return the number that this counter called, with the address of its kiosk."""
        return next(((at, told.in_hand) for at, told in self.told.items() if told.in_hand is not None), None)

    @property
    def waiting(self) -> list[tuple[str, LineNumber]]:
        """List who waits at all kiosks: each line in its order, and of two first ones who came earlier."""
        lines = ([(at, each) for each in told.waiting] for at, told in self.told.items())
        return list(heapq.merge(*lines, key=lambda row: row[1].at))
