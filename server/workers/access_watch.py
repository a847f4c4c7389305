"""Cuts the streams of those who may no longer come in: a revoked device, a clerk whose session is over.

Devices whose streams are open are noted as seen, so that a hall's overview knows which one is away.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from server.store.queries.access import principals
from server.store.store import Store
from server.workers.periodic import PeriodicThread

SEEN_EVERY = timedelta(minutes=1)


class OpenStreams(Protocol):
    """The open streams by the hashes of the tokens that hold them; asked from a thread of its own."""

    def holders(self) -> frozenset[bytes]:
        """Return whose streams are open."""

    def cut(self, holders: frozenset[bytes]) -> None:
        """End the streams of these holders."""


class AccessWatch:
    """Looks once a second, in one statement for all, whether each token with an open stream is still good.

    The database is asked, not the facts: a session also ends by its age, and an administrator's command or
    another server may have ended it. While the database is away the streams stay.
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
        """Cut the streams whose token is no longer good."""
        holders = self._streams.holders()
        if holders:
            now = self._now()
            good = self._store.read(lambda session: principals.good_tokens(session, holders, now))
            if gone := holders - good:
                self._streams.cut(gone)
            self._note_seen(good, now)

    def _note_seen(self, good: frozenset[bytes], now: datetime) -> None:
        if self._noted_at is None or abs(now - self._noted_at) >= SEEN_EVERY:
            self._store.write(lambda session: principals.note_seen(session, good, now))
            self._noted_at = now
