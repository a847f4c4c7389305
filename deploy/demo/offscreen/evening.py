"""Late in the evening no visit of the sample is left for the day: the story then plays some hours earlier."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.demo.folder import ZONE

LATE_HOUR = 22
EARLIER = timedelta(hours=4)
_WRITE_SECONDS = 0.2


class EarlierClock:
    """Keeps a file that the server takes as its clock: the present instant, some hours earlier."""

    def __init__(self, file: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Begin to write."""
        self.file, self._now = file, now
        self._stopped = threading.Event()
        self._write()
        self._thread = threading.Thread(target=self._run, name="earlier clock", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop writing."""
        self._stopped.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.wait(_WRITE_SECONDS):
            self._write()

    def _write(self) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text((self._now() - EARLIER).isoformat())
        fresh.replace(self.file)


def is_late(now: datetime) -> bool:
    """Tell whether the sample's visits of today are over soon."""
    return now.astimezone(ZONE).hour >= LATE_HOUR
