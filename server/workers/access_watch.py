"""Cuts the streams of those who may no longer come in: a revoked device, a clerk whose session is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from server.store.queries.access import principals
from server.store.store import Store
from server.workers.periodic import PeriodicThread


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
