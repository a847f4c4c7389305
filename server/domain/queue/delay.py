"""How late the office itself is: so long after their hour are its booked visitors called now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

LOOK_BACK = timedelta(minutes=30)
MOST_CALLS = 5


@dataclass(frozen=True, slots=True)
class Awaited:
    """A booked visitor: the hour of the visit, when they took their ticket, and when they were called."""

    appointment_at: datetime
    queued_at: datetime
    called_at: datetime | None = None

    def kept_waiting(self, now: datetime) -> timedelta:
        """Return how long past the hour they were, or are, kept waiting; their own lateness counts nothing."""
        waited = (self.called_at or now) - max(self.appointment_at, self.queued_at)
        return max(waited, timedelta(0))


def present_delay(called: Sequence[Awaited], first_waiting: Awaited | None, now: datetime) -> timedelta:
    """Tell how late the office is with a service's booked visitors.

    That is the middle of how late the last five of the last half hour were called, so that one odd call makes no
    delay, and at least how long the first who still waits is kept.
    """
    latest = sorted(
        (each for each in called if each.called_at is not None and now - each.called_at <= LOOK_BACK),
        key=lambda each: each.called_at or now,
    )[-MOST_CALLS:]
    late = [each.kept_waiting(now).total_seconds() for each in latest]
    by_calls = timedelta(seconds=median(late) if late else 0)
    by_line = first_waiting.kept_waiting(now) if first_waiting is not None else timedelta(0)
    return max(by_calls, by_line)
