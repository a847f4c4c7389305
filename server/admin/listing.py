"""How commands show and hand out rows: as columns on the console, as CSV for other programs."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def print_columns(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their heads; what a device or a person wrote cannot steer the console."""
    cells = [list(head), *([_shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def counted(count: int, noun: str) -> str:
    """Return "1 ticket", "2 tickets": an English noun whose plural takes an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _shown(cell: object) -> str:
    text = "–" if cell is None or cell == "" else str(cell)
    return "".join(char if char.isprintable() else "�" for char in text)


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """Write a file for the owner's eyes only, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_csv(file: TextIO, head: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write rows as CSV in which no cell is a spreadsheet's formula (ASVS 1.2.10); return how many."""
    out = csv.writer(file)
    out.writerow(head)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the count is the answer
        out.writerow([_neutral(cell) for cell in row])
    return count


def _neutral(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text
