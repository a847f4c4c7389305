"""Two printers as one: slips go to the first while it can print, else to the second, and each comes out once."""

from __future__ import annotations

import logging
import threading

from printers.devices import Opener, open_link, parse_address
from printers.jobs import Job, JobState
from printers.settings import PrinterSettings
from printers.slip import Slip
from printers.spooler import JobCallback, Spooler, StateCallback, call
from printers.status import PrinterState

log = logging.getLogger(__name__)


class PrinterPair:
    """Drives a first and a second printer; to its caller it is one spooler.

    A job of which nothing was sent goes over to the printer that can print. One that a fault stopped midway
    is told as lost as soon as the other printer can print: what is printed anew comes out there. `on_job` and
    `on_state` are called from the spoolers' threads, one at a time; `on_job` with `queued` for a job that went
    over, `on_state` at each change of either printer, with the state of the one that would print now. They must
    not wait for another thread. Raises AddressError for an address that names no device.
    """

    def __init__(
        self,
        first: PrinterSettings,
        second: PrinterSettings,
        on_job: JobCallback,
        on_state: StateCallback,
        opener: Opener = open_link,
    ) -> None:
        for settings in (first, second):
            parse_address(settings.device)
        self._on_job, self._on_state = on_job, on_state
        self._lock = threading.RLock()
        self._open: set[Job] = set()
        self._spoolers: tuple[Spooler, ...] = ()
        self._states = [PrinterState.DISCONNECTED, PrinterState.DISCONNECTED]
        with self._lock:
            self._spoolers = tuple(
                Spooler(settings, self._job_changed, self._hears(place), opener, place)
                for place, settings in enumerate((first, second))
            )

    @property
    def states(self) -> tuple[PrinterState, ...]:
        """Return how each printer is."""
        return tuple(self._states)

    @property
    def state(self) -> PrinterState:
        """Return how the printer is that would print now; where none can, the first."""
        return self._states[self._place()]

    def print(self, slip: Slip) -> Job:
        """Queue the slip at the printer that can print, else at the first; return its job at once."""
        with self._lock:
            job = self._spoolers[self._place()].print(slip)
            self._open.add(job)
        return job

    def close(self, seconds: float = 2.0) -> None:
        """Let both printers go."""
        for spooler in self._spoolers:
            spooler.close(seconds)

    def _place(self) -> int:
        return next((place for place, state in enumerate(self._states) if state.can_print), 0)

    def _hears(self, place: int) -> StateCallback:
        def changed(state: PrinterState, detail: str) -> None:
            # Told under the lock, so that what is told last is how it is.
            with self._lock:
                self._states[place] = state
                told = self._hand_over()
                call(self._on_state, self.state, detail)
                for job in told:
                    call(self._on_job, job, job.state)

        return changed

    def _job_changed(self, job: Job, state: JobState) -> None:
        with self._lock:
            is_over = job.is_lost or state in (JobState.CONFIRMED, JobState.ASSUMED, JobState.FAILED)
            if is_over:
                self._open.discard(job)
            told = [each for each in self._hand_over() if each is not job]
            for each in (job, *told):
                call(self._on_job, each, each.state)

    def _hand_over(self) -> list[Job]:
        """Hand jobs from a printer that cannot print to one that can; return those whose fate changed by that."""
        able = self._place()
        if not self._states[able].can_print:
            return []
        stuck = [job for job in self._open if not self._states[job.place].can_print]
        changed = []
        for job in sorted(stuck, key=lambda job: job.queued_at):
            if job.take_away():
                log.info("slip %s: goes to the other printer", job.number)
                self._spoolers[able].adopt(job)
                changed.append(job)
            elif job.state is JobState.UNKNOWN:
                job.is_lost = True
                self._open.discard(job)
                changed.append(job)
        return changed
