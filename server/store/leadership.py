"""Which of several servers does what only one may do: whoever holds a lock in the database (PostgreSQL)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from server.store.engine import connect_alone
from server.store.store import Store

LEADER_LOCK = 0x4E51_4C44
_ASK_EVERY_SECONDS = 0.3
# So long an answer of the database counts,
_GOOD_FOR_SECONDS = 1.0
# and so long whoever gets the lock waits: who had it before, and did not notice yet, has ceased to lead by then.
_WAITS_SECONDS = _GOOD_FOR_SECONDS
# What was set wrongly does not come right by itself.
_LENT_SECONDS = 60.0

log = logging.getLogger("numerek.leadership")


class _Lent(Exception):
    """A pool stands before the database: its connections, and locks on them, are whoever's comes next."""


class Leadership:
    """Asks for the lock again and again on a connection of its own; with SQLite the one server always leads.

    The lock is the session's: it is free at once when the process that held it is gone, and within three seconds
    when its machine is (server.store.engine.connect_alone). Who may not lead leaves it to others.
    """

    def __init__(self, store: Store, may_lead: Callable[[], bool] = lambda: True) -> None:
        self._store, self._may_lead = store, may_lead
        self._until = 0.0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to ask; also again after a stop."""
        if not self._store.sqlite:
            self._stopped.clear()
            self._thread = threading.Thread(target=self._run, name="leadership", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let another server lead."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(5)

    def leads(self) -> bool:
        """Say whether this server leads now."""
        return self._may_lead() and (self._store.sqlite or time.monotonic() < self._until)

    def _run(self) -> None:
        import psycopg  # only where there is a PostgreSQL: it takes long to import

        while not self._stopped.is_set():
            try:
                if self._may_lead():
                    self._hold()
            except psycopg.Error as error:
                log.warning("no leadership: %s", type(error).__name__)
            except _Lent:
                log.error("no leadership: PgBouncer is in the way; session_database_url has to lead past it")
                self._stopped.wait(_LENT_SECONDS)
            self._until = 0.0
            self._stopped.wait(_ASK_EVERY_SECONDS)

    def _hold(self) -> None:
        """Ask for the lock again and again: whoever has it gets it once more, and so knows that it has it."""
        had_since: float | None = None
        with connect_alone(self._store.session_url) as connection:
            while self._may_lead() and not self._stopped.is_set():
                asked_at = time.monotonic()
                row = connection.execute(
                    "SELECT pg_backend_pid(), pg_try_advisory_lock(%s)", [LEADER_LOCK]
                ).fetchone()
                if row is not None and row[0] != connection.info.backend_pid:
                    raise _Lent
                if row is not None and row[1]:
                    if had_since is None:
                        had_since = time.monotonic()
                        log.info("this server leads")
                    if asked_at >= had_since + _WAITS_SECONDS:
                        self._until = asked_at + _GOOD_FOR_SECONDS
                self._stopped.wait(_ASK_EVERY_SECONDS)
            self._until = 0.0
