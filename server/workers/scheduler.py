"""Runs the jobs beside the requests, each at its own interval, in one thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.services.context import Context
from server.services.ports import Outside
from server.store.errors import StoreUnavailable
from server.store.store import Store
from server.workers.periodic import PeriodicThread

log = logging.getLogger("numerek.scheduler")


@dataclass(frozen=True, slots=True)
class Job:
    """Something to see to again and again; what is not due does not write.

    `everywhere`: each server does it for itself. All else is done by the one that leads.
    """

    name: str
    every: timedelta
    work: Callable[[Store, Context, Outside | None], object]
    everywhere: bool = False


class Scheduler:
    """A thread that does each job at its time, by the office's clock; one that fails waits its turn."""

    def __init__(
        self,
        store: Store,
        context: Callable[[], Context],
        outside: Outside | None,
        jobs: Sequence[Job],
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._context, self._outside, self._jobs = store, context, outside, jobs
        self._leads = leads
        self._done_at: dict[str, datetime] = {}
        self._thread = PeriodicThread("scheduler", self.look, later=True)

    def start(self) -> None:
        """Begin; after a start every job is due."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the job at hand."""
        self._thread.stop()

    def look(self) -> None:
        """Do what is due now."""
        for job in self._jobs:
            if self._thread.is_over:
                return
            if not (job.everywhere or self._leads()):
                # Once this server leads, it is due: nobody knows what the one before did last.
                self._done_at.pop(job.name, None)
                continue
            context = self._context()
            done_at = self._done_at.get(job.name)
            if done_at is not None and abs(context.now - done_at) < job.every:
                continue
            self._done_at[job.name] = context.now
            try:
                job.work(self._store, context, self._outside)
            except StoreUnavailable as unavailable:
                log.warning("%s put off: %s", job.name, unavailable.reason)
            except Exception:
                # One bad job must not keep the others from their turn.
                log.exception("%s failed", job.name)
