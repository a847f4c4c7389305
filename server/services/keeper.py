"""What keeps the house in order beside the requests: chores, each at its own pace, in one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.services.beat import Beat
from server.services.moment import Moment
from server.services.outside import Outside
from server.store.errors import StoreUnavailable
from server.store.store import Store

log = logging.getLogger("numerek.keeper")


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to see to again and again; what is not due does not write."""

    name: str
    every: timedelta
    work: Callable[[Store, Moment, Outside | None], object]


class Keeper:
    """A thread that does each chore at its time, by the office's clock; one that fails waits its turn."""

    def __init__(
        self, store: Store, moment: Callable[[], Moment], outside: Outside | None, chores: Sequence[Chore]
    ) -> None:
        self._store, self._moment, self._outside, self._chores = store, moment, outside, chores
        self._done_at: dict[str, datetime] = {}
        self._beat = Beat("keeper", self.look, later=True)

    def start(self) -> None:
        """Begin; after a start every chore is due."""
        self._beat.start()

    def stop(self) -> None:
        """End, after the chore at hand."""
        self._beat.stop()

    def look(self) -> None:
        """Do what is due now."""
        for chore in self._chores:
            if self._beat.is_over:
                return
            moment = self._moment()
            done_at = self._done_at.get(chore.name)
            if done_at is not None and abs(moment.now - done_at) < chore.every:
                continue
            self._done_at[chore.name] = moment.now
            try:
                chore.work(self._store, moment, self._outside)
            except StoreUnavailable as unavailable:
                log.warning("%s put off: %s", chore.name, unavailable.reason)
            except Exception:
                # One bad chore must not keep the others from their turn.
                log.exception("%s failed", chore.name)
