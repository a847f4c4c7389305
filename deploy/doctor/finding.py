"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is: fine, worth knowing, or something does not work."""

    OK = "ok"
    NOTE = "note"
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Finding:
    """One line of the report, and what to do about it."""

    level: Level
    what: str
    mend: str = ""

    def __str__(self) -> str:
        line = f"{self.level.value:<7} {self.what}"
        return f"{line}\n        -> {self.mend}" if self.mend else line


def ok(what: str) -> Finding:
    """Make a finding that all is well."""
    return Finding(Level.OK, what)


def note(what: str, mend: str = "") -> Finding:
    """Make a finding worth knowing that breaks nothing."""
    return Finding(Level.NOTE, what, mend)


def broken(what: str, mend: str) -> Finding:
    """Make a finding that something does not work."""
    return Finding(Level.BROKEN, what, mend)
