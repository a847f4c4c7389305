"""The rows that bench programs return and how they are printed."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure; `met` is None where there is no goal."""

    what: str
    value: float | str
    unit: str
    goal: str = ""
    met: bool | None = None


class TookTooLong(RuntimeError):
    """A part of the benchmark did not end within its time."""


def bounded(name: str, part: Callable[[], list[Row]], seconds: float) -> list[Row]:
    """Run a part in the main thread; one that is not over after so many seconds is ended and told by a row."""
    progress(f"measuring {name} …")
    began = time.monotonic()
    try:
        with _alarm(seconds):
            rows = part()
    except TookTooLong:
        rows = [Row(name, "not over", "", f"within {seconds:.0f} s", met=False)]
    progress(f"{name}: {time.monotonic() - began:.0f} s")
    return rows


def progress(text: str) -> None:
    """Tell on standard error how far a benchmark is."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
