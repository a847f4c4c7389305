"""How much paper the kiosk's printers have left: counted by the slips, kept in a file of this terminal."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from printers import PrinterState
from wire.messages import Supply

log = logging.getLogger(__name__)

PARTS = ("roll", "second_roll")
ENDING, ENOUGH = "ending", "ok"
# A slip of an office as it comes, until the kiosk knows its own; each newer one counts a tenth.
_USUAL_MM, _NEWEST = 130.0, 0.1


@dataclass(frozen=True, slots=True)
class Roll:
    """What a printer has used: `slips` ever, `used_mm` of the roll in it; `slip_mm` is the recent mean.

    `was_low`: the printer said that paper is low or out; when it is well again, another roll is in it.
    `new_rolls`: how many new rolls the staff had told of when that was last heard; None before.
    """

    slips: int = 0
    used_mm: float = 0.0
    slip_mm: float = _USUAL_MM
    was_low: bool = False
    new_rolls: int | None = None

    def printed(self, millimetres: float) -> Roll:
        """Take in a slip of this length."""
        mean = self.slip_mm + (millimetres - self.slip_mm) * _NEWEST
        return replace(self, slips=self.slips + 1, used_mm=self.used_mm + millimetres, slip_mm=mean)

    def became(self, state: PrinterState) -> Roll:
        """Take in what the printer says of itself."""
        if state in (PrinterState.PAPER_LOW, PrinterState.PAPER_OUT):
            return replace(self, was_low=True)
        if state is PrinterState.READY and self.was_low:
            return replace(self, was_low=False, used_mm=0.0)
        return self

    def told(self, new_rolls: int) -> Roll:
        """Take in how many new rolls the staff have told of; more than before means one that is in now."""
        if self.new_rolls is None or new_rolls <= self.new_rolls:
            return replace(self, new_rolls=new_rolls)
        return replace(self, new_rolls=new_rolls, used_mm=0.0, was_low=False)

    def metres_left(self, roll_metres: int) -> float:
        """Return the metres that are left of a roll so long, 0 at least."""
        return max(0.0, roll_metres - self.used_mm / 1000)


class Consumables:
    """The rolls of the kiosk's printers, by their places; every change is kept at once."""

    def __init__(self, file: Path, roll_metres: int, warning_metres: int, printers: int = 1) -> None:
        """Go on from what `file` says, from nothing where it says nothing. `roll_metres` 0: tell of no metres."""
        self._file = file
        self._roll_metres, self._warning_metres = roll_metres, warning_metres
        kept = _read(file)
        self.rolls = [kept[place] if place < len(kept) else Roll() for place in range(printers)]

    def printed(self, place: int, millimetres: float) -> None:
        """Count a slip of a printer."""
        self._change(place, self.rolls[place].printed(millimetres))

    def became(self, states: Sequence[PrinterState]) -> None:
        """Take in how the printers are."""
        for place, state in enumerate(states[: len(self.rolls)]):
            self._change(place, self.rolls[place].became(state))

    def told(self, new_rolls: Sequence[int]) -> None:
        """Take in how many new rolls the staff have told of, for each printer; none told of is 0."""
        for place, roll in enumerate(self.rolls):
            self._change(place, roll.told(new_rolls[place] if place < len(new_rolls) else 0))

    def words(self) -> dict[str, str]:
        """Return for each roll whether it ends soon, by the names of a StatusRequest."""
        if not self._roll_metres:
            return {}
        lefts = (roll.metres_left(self._roll_metres) for roll in self.rolls)
        return {
            part: ENDING if left <= self._warning_metres else ENOUGH
            for part, left in zip(PARTS, lefts, strict=False)
        }

    def supplies(self) -> list[Supply]:
        """Return what is left, printer by printer."""
        return [self._supply(roll) for roll in self.rolls]

    def _supply(self, roll: Roll) -> Supply:
        if not self._roll_metres:
            return Supply(slips=roll.slips)
        left = roll.metres_left(self._roll_metres)
        return Supply(slips=roll.slips, metres_left=int(left), slips_left=int(left * 1000 / roll.slip_mm))

    def _change(self, place: int, roll: Roll) -> None:
        if roll == self.rolls[place]:
            return
        self.rolls[place] = roll
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            fresh.write_text(json.dumps([asdict(each) for each in self.rolls]), encoding="utf-8")
            os.replace(fresh, self._file)
        except OSError as error:
            log.warning("The count of the paper cannot be kept: %s", error)


def _read(file: Path) -> list[Roll]:
    try:
        return [Roll(**each) for each in json.loads(file.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        log.warning("%s cannot be read, the paper is counted anew: %s", file, error)
        return []
