"""What a kiosk says of its paper, in the words of its report to the server."""

from __future__ import annotations

from typing import Any, Protocol

from kiosk.consumables import Consumables
from printers import PrinterState

PAPER_WORDS = {PrinterState.READY: "ok", PrinterState.PAPER_LOW: "low", PrinterState.PAPER_OUT: "out"}


class HasPrinters(Protocol):
    """Whatever knows how the kiosk's printers are, the first before the second, and what they have left."""

    consumables: Consumables | None

    @property
    def states(self) -> tuple[PrinterState, ...]: ...


def paper_report(paper: HasPrinters | None) -> dict[str, Any]:
    """Return the fields of a StatusRequest that tell of printers; a kiosk without one is not connected to any."""
    states = paper.states if paper is not None else (PrinterState.DISCONNECTED,)
    words: dict[str, Any] = {"printer": states[0].value, "paper": PAPER_WORDS.get(states[0], "unknown")}
    if len(states) > 1:
        words["second_printer"] = states[1].value
    if paper is not None and paper.consumables is not None:
        words |= paper.consumables.words() | {"supplies": paper.consumables.supplies()}
    return words
