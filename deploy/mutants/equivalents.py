"""docs/mutants.md: the faults that change nothing anybody could notice, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path("docs/mutants.md")
_ROW = re.compile(r"^\| `(?P<module>[^`]+)` \| `(?P<scope>[^`]+)` \| `(?P<change>.+)` \| (?P<reason>.+) \|$")


@dataclass(frozen=True, slots=True)
class Named:
    """A fault by its name: it stays the same when lines move."""

    module: str
    scope: str
    change: str


def equivalents(root: Path) -> dict[Named, str]:
    """Read the faults of the page with their reasons; none where there is no page."""
    page = root / PAGE
    return dict(_rows(page.read_text("utf-8"))) if page.exists() else {}


def _rows(text: str) -> Iterator[tuple[Named, str]]:
    for line in text.splitlines():
        if found := _ROW.match(line):
            change = found["change"].replace(r"\|", "|")
            yield Named(found["module"], found["scope"], change), found["reason"]
