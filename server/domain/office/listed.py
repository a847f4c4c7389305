"""The reader of a bounded list that tells the place of a wrong item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.domain.office.reading import Several, Value


class EntryError(ValueError):
    """An item of a list is wrong: `number` is its place, from 1, and `problem` what its reader says."""

    def __init__(self, number: int, problem: ValueError) -> None:
        super().__init__(f"entry {number}: {problem}")
        self.number = number
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Listed(Several[Value]):
    """The reader of a list of so many items at most."""

    most: int

    def __call__(self, value: Any) -> tuple[Value, ...]:
        """Read each item of a list. Raises EntryError, ValueError."""
        if not isinstance(value, list | tuple):
            raise ValueError("a list is expected")
        if len(value) > self.most:
            raise ValueError(f"at most {self.most} entries are expected")
        return tuple(self._item(number, item) for number, item in enumerate(value, 1))

    def _item(self, number: int, item: Any) -> Value:
        try:
            return self.read(item)
        except ValueError as error:
            raise EntryError(number, error) from None


def listed(read: Callable[[Any], Value], most: int) -> Listed[Value]:
    """Make the reader of a list of so many items at most."""
    return Listed(read, most)
