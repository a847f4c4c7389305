"""A standby server of PostgreSQL for what may be some seconds old; who wants more than it has reads elsewhere.

How old it is nobody's clock says: this server notes again and again how far the primary's log has come, and
each read first asks the standby how far it has come itself. So a copy whose line is cut, or that stands still,
is found out by the read that would have shown it, and visitors see what they themselves wrote.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from server.store.engine import open_engine
from server.store.errors import StoreUnavailable, as_unavailable
from server.store.write import Work

T = TypeVar("T")
POSITION = text("SELECT (pg_current_wal_lsn() - '0/0')::bigint")
"""How far the log of the primary has come, in bytes: past all that was committed before."""
NEVER = 2**63 - 1
"""A position that no standby reaches."""
# A node that was promoted meanwhile follows nobody, and so cannot say how old it is.
_REPLAYED = text("SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END")
_LOOK_EVERY_SECONDS = 1.0
_KEPT = 600

log = logging.getLogger("numerek.replica")


class Unfit(Exception):
    """The replica is away, or has not come as far as is wanted."""


class Replica:
    """Reads on a standby that is at most `most_seconds` behind; a thread of its own looks after it."""

    def __init__(self, url: str, most_seconds: float, position: Callable[[], int]) -> None:
        """Open the standby's database; `position` asks the primary for POSITION. Raises StoreUnavailable."""
        self.engine = open_engine(url)
        self._most_seconds = most_seconds
        self._ask_primary = position
        self._noted: tuple[tuple[float, int], ...] = ()
        self.state = "gone"
        """How it was at the last look: `ok`, `lagging` behind its bound, or `gone`; only what is ok is read."""
        self.lag_seconds: float | None = None
        """How far it was behind at the last look; None while it does not answer or follows nobody."""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replica", daemon=True)
        self._thread.start()

    def read(self, work: Work[T], since: int) -> T:
        """Run `work(session)` on the standby. Raises Unfit where it lags, is away, or has not come to `since`."""
        least = self._least()
        if least is None or self.state != "ok":
            raise Unfit
        try:
            with Session(self.engine) as session:
                replayed = _replayed(session)
                if replayed is None or replayed < least:
                    # The next connection may lead to another standby.
                    session.invalidate()
                    self.state = "lagging"
                    raise Unfit
                if replayed < since:
                    raise Unfit
                return work(session)
        except Exception as error:
            if as_unavailable(error) is None:
                raise
            self.state = "gone"
            raise Unfit from error

    def position(self) -> int:
        """Return how far the primary has come now; NEVER where it does not say."""
        try:
            return self._ask_primary()
        except StoreUnavailable:
            return NEVER

    def close(self) -> None:
        """Look no more."""
        self._closed.set()
        self._thread.join(10)

    def _least(self) -> int | None:
        """Return where the primary was `most_seconds` ago or a little later; None when that is not known."""
        oldest, least = time.monotonic() - self._most_seconds, None
        for at, position in reversed(self._noted):
            if at < oldest:
                break
            least = position
        return least

    def _run(self) -> None:
        pause = min(_LOOK_EVERY_SECONDS, self._most_seconds / 4)
        while not self._closed.is_set():
            before = self.state
            self._look()
            if self.state != before:
                log.info("the replica is %s", self.state)
            self._closed.wait(pause)

    def _look(self) -> None:
        """Note where the primary is, and see how far behind the standby is."""
        at, position = time.monotonic(), self.position()
        if position != NEVER:
            self._noted = (*self._noted[-_KEPT:], (at, position))
        try:
            with Session(self.engine) as session:
                replayed = _replayed(session)
        except Exception as error:
            if as_unavailable(error) is None:
                log.exception("the replica could not be asked")
            replayed = None
        if replayed is None:
            self.state, self.lag_seconds = "gone", None
            return
        least = self._least()
        self.state = "lagging" if least is None or replayed < least else "ok"
        self.lag_seconds = self._behind(replayed)

    def _behind(self, replayed: int) -> float | None:
        """Return for how many seconds the primary has been ahead of the standby; at least, if for long."""
        now = time.monotonic()
        passed = (at for at, position in reversed(self._noted) if position <= replayed)
        oldest = self._noted[0][0] if self._noted else None
        at = next(passed, oldest)
        return None if at is None else now - at


def _replayed(session: Session) -> int | None:
    replayed: int | None = session.execute(_REPLAYED).scalar_one()
    return replayed
