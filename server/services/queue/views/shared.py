"""Keeps what every screen of a place is shown alike, so that six boards that ask cost one look at the database.

A fact that is not in the feed yet (PostgreSQL: for some milliseconds) makes no view anew: nobody was told of it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from server.services.context import Context
from server.services.office.settings import Office
from server.store.facts import tip

T = TypeVar("T")
# Time alone changes a view too: who is due, what has closed.
KEPT_FOR = timedelta(seconds=5)
_REST = 20


@dataclass(slots=True)
class _Kept:
    """One view with what it was made from; the lock lets one caller make it while the others wait for it."""

    making: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    office: Office | None = None
    as_of: int = -1
    made_at: datetime | None = None
    rests_until: float = 0.0

    def is_fit(self, context: Context, as_of: int, good_for: timedelta) -> bool:
        """Say whether the view still shows what is: no newer fact, the same office, made just now.

        Who waited while somebody who came later made it knows of fewer facts, and of an earlier instant.
        """
        if self.made_at is None or self.office is not context.office:
            return False
        age = context.now - self.made_at
        if self.as_of >= as_of:
            return abs(age) < KEPT_FOR
        return timedelta() <= age < good_for

    def rests(self, context: Context) -> bool:
        """Say whether it was made so short a while ago, by the time that it took, that it serves on."""
        is_there = self.made_at is not None and self.office is context.office
        return is_there and time.monotonic() < self.rests_until


class SharedViews:
    """Views by key; a view is made again when a fact came, the office changed, or after KEPT_FOR."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, _Kept] = {}

    def get(
        self,
        session: Session,
        context: Context,
        key: Hashable,
        make: Callable[[], T],
        *,
        good_for: timedelta = timedelta(),
        rests: bool = False,
    ) -> T:
        """Return the view under this key, made now if the kept one no longer fits.

        `good_for`: so long a fact that came meanwhile does not make it anew. With `rests` neither for twenty
        times as long as its making took: however much happens, that takes a twentieth of the time.
        """
        as_of, _ = tip(session.connection())
        kept = self._kept.setdefault(key, _Kept())
        with kept.making:
            if not (kept.is_fit(context, as_of, good_for) or (rests and kept.rests(context))):
                # In this order: a make that fails must leave nothing that looks fit.
                kept.made_at = None
                began = time.monotonic()
                kept.value = make()
                ended = time.monotonic()
                kept.rests_until = ended + min(_REST * (ended - began), KEPT_FOR.total_seconds())
                kept.office, kept.as_of, kept.made_at = context.office, as_of, context.now
            value: T = kept.value
        return value
