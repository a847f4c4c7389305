"""Cuts the streams of those who may no longer listen: a revoked device, a session that is over, a lost role.

Devices whose streams are open are noted as seen, so that a hall's overview knows which one is away.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

from server.store.queries.access import principals
from server.store.store import Store
from server.workers.periodic import PeriodicThread

SEEN_EVERY = timedelta(minutes=1)


class OpenStreams(Protocol):
    """The open streams; asked from a thread of its own."""

    def listening(self) -> frozenset[tuple[bytes, frozenset[int]]]:
        """Return by which token each open stream is held, as its hash, and which branches it is about."""

    def cut(self, gone: frozenset[tuple[bytes, frozenset[int]]]) -> None:
        """End these streams."""


class AccessWatch:
    """Looks once a second, in one statement for all, whether each open stream may go on.

    The database is asked, not the facts: a session also ends by its age, and an administrator's command or
    another server may have ended it or taken a role away. While the database is away the streams stay.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], streams: OpenStreams) -> None:
        self._store, self._now, self._streams = store, now, streams
        self._noted_at: datetime | None = None
        self._thread = PeriodicThread("access-watch", self.look)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the look at hand."""
        self._thread.stop()

    def look(self) -> None:
        """Cut the streams whose token is no longer good, or no longer good for one of their branches."""
        open_now = self._streams.listening()
        if open_now:
            now, holders = self._now(), {holder for holder, _ in open_now}
            may = self._store.read(lambda session: principals.listeners(session, holders, now))
            gone = frozenset(
                (holder, branch_ids)
                for holder, branch_ids in open_now
                if None not in (allowed := may.get(holder, frozenset())) and not branch_ids <= allowed
            )
            if gone:
                self._streams.cut(gone)
            self._note_seen(may.keys(), now)

    def _note_seen(self, good: Collection[bytes], now: datetime) -> None:
        if self._noted_at is None or abs(now - self._noted_at) >= SEEN_EVERY:
            self._store.write(lambda session: principals.note_seen(session, good, now))
            self._noted_at = now
