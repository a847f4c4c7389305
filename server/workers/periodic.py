"""A thread that looks once a second whether something is due, and outlives each bad look."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from server.store.errors import StoreUnavailable

_LOOK_EVERY_SECONDS = 1.0
_TO_END_SECONDS = 5.0

log = logging.getLogger("numerek.periodic")


def join_all(threads: Sequence[threading.Thread]) -> None:
    """Wait until threads that were told to stop have ended, five seconds for all of them at most."""
    until = time.monotonic() + _TO_END_SECONDS
    for thread in threads:
        if thread.is_alive():
            thread.join(max(0.0, until - time.monotonic()))


class PeriodicThread:
    """Calls `look` every second until it is stopped, for the first time at once or, `later`, in a second."""

    def __init__(self, name: str, look: Callable[[], object], *, later: bool = False) -> None:
        self._name, self._look, self._later = name, look, later
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_over(self) -> bool:
        """Say whether it was stopped: a long look ends early then."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the look at hand."""
        self._stopped.set()
        join_all([self._thread])

    def _run(self) -> None:
        if self._later and self._stopped.wait(_LOOK_EVERY_SECONDS):
            return
        while True:
            try:
                self._look()
            except StoreUnavailable as unavailable:
                log.warning("%s put off: %s", self._name, unavailable.reason)
            except Exception:
                # A thread that died of one bad look would do nothing any more until the next start.
                log.exception("%s failed", self._name)
            if self._stopped.wait(_LOOK_EVERY_SECONDS):
                return
