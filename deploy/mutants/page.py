"""docs/mutants.md: the faults that change nothing, with their reasons, and those that no test notices yet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = Path("docs/mutants.md")
_ROW = re.compile(
    r"^\| `(?P<module>[^`]+)` \| `(?P<scope>[^`]+)` \| `(?P<change>.+)` \|(?: (?P<reason>.+) \|)?$"
)
_HEAD = "| module | in | change |\n|---|---|---|\n"


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A fault by its name: it stays the same when lines move."""

    module: str
    scope: str
    change: str


def equivalents(root: Path) -> dict[Named, str]:
    """Read the faults that change nothing, with their reasons; none where there is no page."""
    return {named: reason for named, reason in _rows(root) if reason}


def not_noticed(root: Path) -> frozenset[Named]:
    """Read the faults that no test notices yet; none where there is no page."""
    return frozenset(named for named, reason in _rows(root) if not reason)


def write_not_noticed(root: Path, faults: Collection[Named]) -> None:
    """Write the table of faults that no test notices yet anew; the rest of the page stays."""
    page = root / PAGE
    before, _, after = page.read_text("utf-8").partition(_HEAD)
    rest = "".join(line for line in after.splitlines(keepends=True) if not _ROW.match(line.rstrip("\n")))
    rows = "".join(f"{_row(each)}\n" for each in sorted(faults))
    page.write_text(f"{before}{_HEAD}{rows}{rest}", "utf-8")


def _row(named: Named) -> str:
    change = named.change.replace("|", r"\|")
    return f"| `{named.module}` | `{named.scope}` | `{change}` |"


def _rows(root: Path) -> Iterator[tuple[Named, str]]:
    page = root / PAGE
    for line in page.read_text("utf-8").splitlines() if page.exists() else ():
        if found := _ROW.match(line):
            change = found["change"].replace(r"\|", "|")
            yield Named(found["module"], found["scope"], change), found["reason"] or ""
