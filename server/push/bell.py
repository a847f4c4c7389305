"""Rings when facts were sealed on PostgreSQL, by whichever server (LISTEN/NOTIFY)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from server.store.engine import connect_alone
from server.store.store import Store

_CHANNEL = "numerek_facts"
_LISTEN_SECONDS = 1.0
_AGAIN_SECONDS = 0.5

log = logging.getLogger("numerek.bell")


class Bell:
    """Calls `ring` after facts were sealed. A listener that was cut off comes back; the feed's own look
    each second catches what it missed.
    """

    def __init__(self, store: Store, ring: Callable[[], None]) -> None:
        self._store = store
        self._ring = ring
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)

    def start(self) -> None:
        """Begin to listen; on SQLite there is nothing to listen to."""
        if not self._store.sqlite:
            self._thread.start()

    def stop(self) -> None:
        """End the listener."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(3)

    def _listen(self) -> None:
        import psycopg  # only where there is a PostgreSQL to listen to: it takes long to import

        while not self._stopped.is_set():
            try:
                with connect_alone(self._store.session_url) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    self._ring()
                    while not self._stopped.is_set():
                        for _ in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                            self._ring()
            except psycopg.Error as error:
                log.warning("bell lost: %s", type(error).__name__)
                self._stopped.wait(_AGAIN_SECONDS)
