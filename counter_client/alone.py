"""PURE: the lines of kiosks as a counter sees them while the server is away (ADR 0026)."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from wire.messages import LineNumber, LineRefusal, LineTold, LineWish

NO_ANSWER = "no_answer"
UNANSWERED = "unanswered"
"""What the clerk wanted was not answered; a look that is not answered either does not take it away."""
MOST_FAILED = 3
"""So many tries in a row in vain, and a number in hand at a kiosk holds its counter no longer."""
Wish = tuple[str, LineWish, str | None]
"""Of the kiosk at an address; with the number that it is about, but for a call."""


@dataclass(frozen=True, slots=True)
class AloneLine:
    """What each kiosk told last, by its address.

    `is_open`: the clerk came to it though a ticket of the server's is still in hand. `troubles`: why a kiosk did
    not do what it was asked last, a LineRefusal, `no_answer` or `unanswered`, by its address; `in_vain`: how
    often in a row it did not.
    """

    told: Mapping[str, LineTold] = field(default_factory=dict)
    is_open: bool = False
    troubles: Mapping[str, str] = field(default_factory=dict)
    in_vain: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_hand(self) -> tuple[str, LineNumber] | None:
        """Return the number that this counter called last, of those that it can end, with its kiosk's address."""

        def rank(row: tuple[str, LineNumber]) -> tuple[bool, datetime]:
            return not self.is_given_up(row[0]), row[1].called_at or row[1].at

        return max(self.all_in_hand, key=rank, default=None)

    @property
    def all_in_hand(self) -> list[tuple[str, LineNumber]]:
        """List what this counter called and did not end: several where a kiosk went away with one."""
        return [(at, told.in_hand) for at, told in self.told.items() if told.in_hand is not None]

    @property
    def head(self) -> tuple[str, LineNumber] | None:
        """Return whom to call: at a kiosk without trouble, else the first of all unless that is what is stuck."""
        rows = self.waiting
        last = None if self.is_stuck else next(iter(rows), None)
        return next((row for row in rows if row[0] not in self.troubles), last)

    @property
    def is_stuck(self) -> bool:
        """Tell whether the number in hand cannot be ended for now, and another kiosk can be called from."""
        in_hand = self.in_hand
        is_held = in_hand is None or not self.is_given_up(in_hand[0])
        return not is_held and any(at not in self.troubles for at in self.told)

    @property
    def calls(self) -> bool:
        """Tell whether the main key calls; else it finishes."""
        return self.in_hand is None or self.is_stuck

    def is_given_up(self, address: str) -> bool:
        """Tell whether a kiosk was tried often enough."""
        return self.in_vain.get(address, 0) >= MOST_FAILED

    @property
    def heard(self) -> dict[str, LineTold]:
        """Return what those kiosks told that answer; one that saves nothing still tells who waits."""
        return {at: told for at, told in self.told.items() if self.troubles.get(at) in (None, _NOT_SAVED)}

    @property
    def waiting(self) -> list[tuple[str, LineNumber]]:
        """List who waits where a kiosk answers: each line in its order, of two first ones who came earlier."""
        lines = ([(at, each) for each in told.waiting] for at, told in self.heard.items())
        return list(heapq.merge(*lines, key=lambda row: row[1].at))

    def name(self, address: str) -> str:
        """Name the kiosk at an address: by its own name once it told it."""
        told = self.told.get(address)
        return told.kiosk if told is not None else urlsplit(address).hostname or address

    def with_told(self, address: str, told: LineTold, wish: LineWish) -> AloneLine:
        """Take in what a kiosk told; only by its own word does a look show that it can save a call again."""
        line = replace(self, told={**self.told, address: told})
        if wish is LineWish.LOOK and self.troubles.get(address) == _NOT_SAVED and not told.saves:
            return line.with_trouble(address, _NOT_SAVED)
        troubles = {at: why for at, why in self.troubles.items() if at != address}
        in_vain = {at: times for at, times in self.in_vain.items() if at != address}
        return replace(line, troubles=troubles, in_vain=in_vain)

    def with_trouble(self, address: str, why: str) -> AloneLine:
        """Note why a kiosk did not do what it was asked."""
        if why == NO_ANSWER and self.troubles.get(address) == UNANSWERED:
            why = UNANSWERED
        in_vain = {**self.in_vain, address: self.in_vain.get(address, 0) + 1}
        return replace(self, troubles={**self.troubles, address: why}, in_vain=in_vain)


_NOT_SAVED = LineRefusal.JOURNAL_FAILED
