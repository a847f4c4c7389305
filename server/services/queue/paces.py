"""How fast each service gets people done: a projection kept beside the writer, so that a check-in reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.domain.queue.estimate import Pace, pace
from server.services.office.settings import Office
from server.store.queries import office as office_rows
from server.store.queries import tickets
from server.store.store import Store
from wire.vocabulary import CounterState

_FRESH_SECONDS = 2.0
_LOOK_BACK = timedelta(hours=3)
_SAMPLES = 50


def read_paces(session: Session, office: Office, now: datetime) -> dict[int, Pace]:
    """Work out the pace of every service from its latest finished tickets and its open counters."""
    open_now = [
        office.staffed(row.id, row.clerk_id)
        for row in office_rows.counters(session)
        if row.state == CounterState.OPEN and row.id in office.counters
    ]
    paces = {}
    for service in office.services.values():
        serving = sum(service.id in counter.service_ids for counter in open_now)
        seconds = tickets.busy_seconds(session, service.id, now - _LOOK_BACK, _SAMPLES)
        paces[service.id] = pace(seconds, serving, service.policy.expected_service_minutes * 60.0)
    return paces


class PaceCache:
    """Keeps the projection for two seconds; one caller renews it while the others use the last one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._paces: Mapping[int, Pace] | None = None
        self._made_at = 0.0

    def current(self, office: Office, now: datetime) -> Mapping[int, Pace]:
        """Return the pace by service id."""
        paces = self._paces
        if paces is not None and time.monotonic() - self._made_at < _FRESH_SECONDS:
            return paces
        if not self._lock.acquire(blocking=paces is None):
            return paces or {}
        try:
            self._paces = self._store.read(lambda session: read_paces(session, office, now))
            self._made_at = time.monotonic()
            return self._paces
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Work it out anew at the next look (a counter opened or closed)."""
        self._made_at = 0.0
