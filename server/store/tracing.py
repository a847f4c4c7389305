"""What is asked of traces: a span of a write and of its work, of a fact that can be heard, of who showed it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from server.store.facts import SealedFact

T = TypeVar("T")


class Tracer(Protocol):
    """Notes how long things take, and whose part they are (server.adapters.traces)."""

    def span(self, name: str) -> AbstractContextManager[object]:
        """Note what is done inside as a part of what is under way in this thread."""
        ...

    def in_the_database(self, work: Callable[[Session], T]) -> Callable[[Session], T]:
        """Note the work as a part of what is under way here, though another thread runs it."""
        ...

    def in_the_feed(self, fact: SealedFact) -> str:
        """Note that a fact can be heard from now on; return the traceparent of that, empty if it is not kept."""
        ...

    def shown(self, traceparent: str, ago: timedelta, device: int, role: str) -> None:
        """Note that a device showed a fact so long ago; one that was not given out here is passed over."""
        ...
