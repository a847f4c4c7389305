"""What the store asks of traces: a span around a write, and one around its work in whichever thread that runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

T = TypeVar("T")


class Tracer(Protocol):
    """Notes how long things take, and whose part they are (server.adapters.traces)."""

    def span(self, name: str) -> AbstractContextManager[object]:
        """Note what is done inside as a part of what is under way in this thread."""
        ...

    def in_the_database(self, work: Callable[[Session], T]) -> Callable[[Session], T]:
        """Note the work as a part of what is under way here, though another thread runs it."""
        ...
