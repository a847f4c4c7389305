"""A slip on its way to paper, and how far it has come."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum

from printers.slip import Slip


class JobState(StrEnum):
    """How far a job has come. Of `unknown` nobody can say whether it was, or will be, printed."""

    QUEUED = "queued"
    SENT = "sent"
    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(eq=False)
class Job:
    """One slip on its way; `detail` says why it failed or is unknown. Only the spooler that has it changes it.

    `place` is the printer that has it: 0 for the first or only one, 1 for the second. `millimetres` of paper it
    takes are known before it is sent; 0 where they cannot be reckoned.
    `met_fault`: the printer had one while its end was awaited. `is_lost`: a fault ended it, and no more will be
    heard of it: once the printer can print again, the slip may be printed anew.
    """

    process_id: bytes
    number: str
    is_copy: bool
    queued_at: float = field(repr=False)
    state: JobState = JobState.QUEUED
    detail: str = ""
    is_lost: bool = False
    met_fault: bool = False
    place: int = 0
    millimetres: float = 0.0
    slip: Slip | None = field(default=None, repr=False)
    _owner: object = field(default=None, repr=False)
    _is_begun: bool = field(default=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _settled: threading.Event = field(default_factory=threading.Event, repr=False)

    def wait(self, seconds: float) -> JobState:
        """Wait until more will not be known, at most `seconds`; return the state."""
        self._settled.wait(seconds)
        return self.state

    def given_to(self, owner: object) -> None:
        """Let `owner`, a spooler, have the job, or none."""
        with self._lock:
            self._owner = owner

    def is_held_by(self, owner: object) -> bool:
        """Tell whether it is this spooler that has the job."""
        return self._owner is owner

    def begin(self, owner: object) -> bool:
        """Let its spooler send it from now on: nobody takes it away any more. False: it was taken away."""
        with self._lock:
            self._is_begun = self._owner is owner
            return self._is_begun

    def not_begun(self) -> None:
        """Say that nothing was sent after all."""
        with self._lock:
            self._is_begun = False

    def take_away(self) -> bool:
        """Take the job from its spooler, which then does not print it; False if it is, or may be, on paper."""
        with self._lock:
            if self._is_begun or self.state is not JobState.QUEUED:
                return False
            self._owner = None
            return True
