"""The rows that bench programs return and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure; `met` is None where there is no goal."""

    what: str
    value: float | str
    unit: str
    goal: str = ""
    met: bool | None = None


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows as one aligned table."""
    cells = [("what", "value", "unit", "goal", "met")] + [_cells(row) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(5)]
    for line in cells:
        what, value, *others = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([what, value.strip().rjust(widths[1]), *others]).rstrip())


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    value = (
        row.value
        if isinstance(row.value, str)
        else f"{row.value:.4g}"
        if row.value < 1000
        else f"{row.value:,.0f}"
    )
    return row.what, value, row.unit, row.goal, {None: "", True: "yes", False: "NO"}[row.met]
