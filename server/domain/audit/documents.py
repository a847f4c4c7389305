"""What is handed out to be checked: a day of the log, the proof of a row, the proof of what came before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.audit.notes import NoteError, encoded, read_hash

FORMAT = "numerek-audit-1"
_PROOF = "c2sp.org/tlog-proof@v1"
_OLD, _INDEX, _EXTRA = "old ", "index ", "extra "
_MOST_HASHES = 64


class DocumentError(ValueError):
    """A file is none of those that can be checked, or was cut; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class DayLog:
    """All rows of a branch between two checkpoints, with what the tree was before and the note after them."""

    before_size: int
    before: tuple[bytes, ...]
    leaves: tuple[str, ...]
    note: str
    keys: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what the file has."""
        return {
            "format": FORMAT,
            "checkpoint": self.note,
            "keys": list(self.keys),
            "first": self.before_size,
            "before": [encoded(each) for each in self.before],
            "leaves": list(self.leaves),
        }


@dataclass(frozen=True, slots=True)
class RowProof:
    """One row with its path to the root of a checkpoint (C2SP tlog-proof; the row itself is the extra data)."""

    leaf: str
    index: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        head = f"{_PROOF}\n{_EXTRA}{encoded(self.leaf.encode())}\n{_INDEX}{self.index}\n"
        return f"{head}{_lines(self.path)}\n{self.note}"


@dataclass(frozen=True, slots=True)
class GrowthProof:
    """What shows that a checkpoint's tree begins with one of `old` leaves (as C2SP tlog-witness sends it)."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        return f"{_OLD}{self.old}\n{_lines(self.path)}\n{self.note}"


@dataclass(frozen=True, slots=True)
class Alone:
    """A checkpoint by itself."""

    note: str


Document = DayLog | RowProof | GrowthProof | Alone


def read_document(text: str) -> Document:
    """Tell by its beginning what a file is, and read it. Raises DocumentError."""
    try:
        if text.lstrip().startswith("{"):
            return _day_log(text)
        if text.startswith(_PROOF):
            return _row_proof(text)
        if text.startswith(_OLD):
            return _growth_proof(text)
    except NoteError as error:
        raise DocumentError(str(error)) from None
    return Alone(text)


def _day_log(text: str) -> DayLog:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise DocumentError("the file is cut, or no JSON") from None
    if said.get("format") != FORMAT:
        raise DocumentError(f"the file is not of the format {FORMAT}")
    note, first = said.get("checkpoint"), said.get("first")
    lists = [said.get(name) for name in ("before", "leaves", "keys")]
    if not isinstance(note, str) or type(first) is not int or not all(map(_is_words, lists)):
        raise DocumentError("the file lacks a part, or has one of another kind")
    before, leaves, keys = lists
    return DayLog(first, tuple(read_hash(each) for each in before), tuple(leaves), note, tuple(keys))


def _is_words(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(each, str) for each in said)


def _row_proof(text: str) -> RowProof:
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")[1:]
    if not gap or len(lines) < 2 or not lines[0].startswith(_EXTRA) or not lines[1].startswith(_INDEX):
        raise DocumentError("the proof is cut, or has no row in it")
    try:
        leaf = base64.b64decode(lines[0].removeprefix(_EXTRA), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise DocumentError("the row of the proof is not written in base64") from None
    return RowProof(leaf, _count(lines[1].removeprefix(_INDEX)), _path(lines[2:]), note)


def _growth_proof(text: str) -> GrowthProof:
    head, gap, note = text.partition("\n\n")
    if not gap:
        raise DocumentError("the proof is cut")
    old, *path = head.split("\n")
    return GrowthProof(_count(old.removeprefix(_OLD)), _path(path), note)


def _path(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise DocumentError("the proof is too long")
    return tuple(read_hash(line) for line in lines)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise DocumentError("a count of the proof is no number")
    return int(text)


def _lines(path: Sequence[bytes]) -> str:
    return "".join(f"{encoded(each)}\n" for each in path)
