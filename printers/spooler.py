"""Prints slips one after the other on one printer, and always knows how the printer is."""

from __future__ import annotations

import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Callable

from printers.devices import AddressError, LinkError, Opener, open_link, parse_address
from printers.encode import encode, ending, warm_up, width_dots
from printers.jobs import Job, JobState
from printers.length import slip_millimetres
from printers.session import Outcome, Session
from printers.settings import PrinterSettings, SettingsError
from printers.slip import Slip
from printers.status import PrinterState

log = logging.getLogger(__name__)

# How long a printer that can print again gets to tell that a slip came out after all.
_LATE_SECONDS = 5.0


JobCallback = Callable[[Job, JobState], None]
StateCallback = Callable[[PrinterState, str], None]


def _ignore(*_: object) -> None:
    pass


def is_of_profile(model: str, profile: str) -> bool:
    """Tell whether a printer's own name fits a profile of python-escpos; the profiles for any model fit all."""
    own, named = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (model, profile))
    return named in ("default", "simple") or own.startswith(named) or named.startswith(own)


def call(callback: Callable[..., None], *values: object) -> None:
    """Tell the program; what goes wrong there, as when a window is gone already, stays there."""
    try:
        callback(*values)
    except Exception:
        log.exception("printer: the callback failed")


class Spooler:
    """Owns the printer in one worker thread.

    `on_job(job, state)` and `on_state(state, detail)` are called from that thread, at each change.
    A job is tried again only as long as no byte of it went out. A job whose end is unknown is never sent
    again: the caller may print the slip anew, marked as a copy. It still becomes `confirmed` or `assumed` if the
    printer reports its end later; where that cannot be hoped for any more, it is told once more, as lost.
    """

    def __init__(
        self,
        settings: PrinterSettings,
        on_job: JobCallback = _ignore,
        on_state: StateCallback = _ignore,
        opener: Opener = open_link,
        place: int = 0,
    ) -> None:
        parse_address(settings.device)
        self.settings, self.place = settings, place
        self.state = PrinterState.DISCONNECTED
        self.detail = "not connected yet"
        self.model = ""
        self._on_job, self._on_state, self._opener = on_job, on_state, opener
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._session: Session | None = None
        self._unresolved: dict[bytes, Job] = {}
        self._able_since: float | None = None
        self._scrap = b""
        # Not from 1: a printer may still report a job of the program's last run.
        self._ids = secrets.randbelow(9999)
        self._told = False
        self._stopping = threading.Event()
        self._worker = threading.Thread(target=self._work, name="spooler", daemon=True)
        self._worker.start()

    def print(self, slip: Slip) -> Job:
        """Queue the slip and return its job at once."""
        job = Job(b"", slip.number, slip.copy_mark is not None, time.monotonic(), slip=slip)
        self.adopt(job)
        return job

    def adopt(self, job: Job) -> None:
        """Queue a job that was taken away from another printer, its patience counted anew."""
        self._ids = self._ids % 9999 + 1
        job.process_id, job.queued_at, job.place = b"%04d" % self._ids, time.monotonic(), self.place
        job.given_to(self)
        self._queue.put(job)

    @property
    def states(self) -> tuple[PrinterState, ...]:
        """Return how the printer is, as two printers tell of each."""
        return (self.state,)

    def close(self, seconds: float = 2.0) -> None:
        """Stop the worker and let the printer go, waiting at most `seconds`; jobs not begun fail."""
        self._stopping.set()
        self._queue.put(None)
        self._worker.join(seconds)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except Exception as error:
                # The border of the thread: a fault of the program must not leave a kiosk without a spooler.
                log.exception("printer")
                self._hang_up(PrinterState.ERROR, f"a fault of the program: {error}")
                self._stopping.wait(self.settings.poll_seconds)
        self._hang_up(PrinterState.DISCONNECTED, "closed")
        while not self._queue.empty():
            if (left := self._queue.get()) is not None and left.is_held_by(self):
                self._settle(left, JobState.FAILED, "the spooler was closed")

    def _turn(self) -> None:
        self._poll()
        try:
            job = self._queue.get(timeout=self.settings.poll_seconds)
        except queue.Empty:
            warm_up(self.settings)
            return
        if job is not None:
            self._run(job)

    def _poll(self) -> PrinterState:
        """Connect if need be, and ask the printer how it is."""
        try:
            if self._session is None:
                link = self._opener(self.settings.device, self.settings.answer_seconds)
                self._session = Session(link, self.settings, self._tell, self._scrap)
            state = self._session.check()
            self._learn_model(self._session.model)
            if state.can_print:
                self._scrap = b""
        except (LinkError, AddressError) as error:
            self._hang_up(PrinterState.DISCONNECTED, str(error))
            return self.state
        self._settle_late(state)
        if state is PrinterState.NO_ANSWER:
            # Answers that come later belong to a question long past: a new connection does not hear them.
            self._hang_up(PrinterState.NO_ANSWER, "the printer does not answer")
        return state

    def _learn_model(self, model: str) -> None:
        """Keep the printer's name; one that is not the profile's may print rubbish, as the log tells."""
        if not model or model == self.model:
            return
        self.model = model
        if not is_of_profile(model, self.settings.profile):
            log.warning("printer: it calls itself %s, its profile is %s", model, self.settings.profile)

    def _settle_late(self, state: PrinterState) -> None:
        """Take in the end of jobs that were given up; a printer that goes on tells it soon, or never."""
        if self._session is None or not state.can_print:
            self._able_since = None
            return
        now = time.monotonic()
        self._able_since = self._able_since or now
        is_hopeless = now - self._able_since > min(_LATE_SECONDS, self.settings.job_seconds)
        for process_id, job in tuple(self._unresolved.items()):
            if (outcome := self._session.ended(process_id)) is not None:
                del self._unresolved[process_id]
                self._settle(job, JobState(outcome.value), "")
            elif is_hopeless and job.met_fault:
                del self._unresolved[process_id]
                self._lose(job)

    def _lose(self, job: Job) -> None:
        job.is_lost = True
        log.info("slip %s: lost", job.number)
        call(self._on_job, job, job.state)

    def _tell(self, state: PrinterState, detail: str = "") -> None:
        if state is self.state and self._told:
            return
        self.state, self.detail, self._told = state, detail, True
        log.info("printer: %s %s", state, detail)
        call(self._on_state, state, detail)

    def _hang_up(self, state: PrinterState, detail: str) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
        lost, self._unresolved = tuple(self._unresolved.values()), {}
        if lost:
            # A dead cable may have swallowed the end of a picture, for which the printer still waits.
            self._scrap = ending(self.settings)
        self._tell(state, detail)
        for job in lost:
            self._lose(job)

    def _settle(self, job: Job, state: JobState, detail: str) -> None:
        job.state, job.detail = state, detail
        if state is not JobState.SENT:
            # Nothing of a visitor stays here.
            job.slip = None
            job._settled.set()
        log.info("slip %s: %s %s", job.number, state, detail)
        call(self._on_job, job, state)

    def _run(self, job: Job) -> None:
        """Print one job: the border where an unexpected fault ends the job and not the worker."""
        try:
            if job.slip is not None and job.is_held_by(self):
                self._deliver(job, encode(job.slip, self.settings))
        except SettingsError as error:
            self._settle(job, JobState.FAILED, str(error))
        except Exception as error:
            log.exception("slip %s", job.number)
            state = JobState.FAILED if job.state is JobState.QUEUED else JobState.UNKNOWN
            self._settle(job, state, f"a fault of the program: {error}")

    def _deliver(self, job: Job, data: bytes) -> None:
        """Wait for a printer that can print, and hand the job over; again only if no byte went out."""
        millimetres = self._reckoned(job, data)
        while True:
            if self._poll().can_print and self._session is not None:
                if not job.begin(self):
                    return
                job.millimetres = millimetres
                detail = self._send(self._session, job, data)
                if not detail:
                    return
                job.not_begun()
                # Again: when it was told first, nobody else could take the job.
                call(self._on_state, self.state, self.detail)
            else:
                detail = self.detail or self.state.value
            if not job.is_held_by(self):
                return
            if time.monotonic() - job.queued_at > self.settings.start_seconds or self._stopping.is_set():
                if job.begin(self):
                    job.is_lost = True
                    self._settle(job, JobState.FAILED, f"nothing was sent: {detail}")
                return
            self._stopping.wait(min(0.2, self.settings.poll_seconds))

    def _reckoned(self, job: Job, data: bytes) -> float:
        """Return how much paper the job takes, 0 where that cannot be reckoned: it is printed all the same."""
        try:
            return slip_millimetres(data, width_dots(self.settings), self.settings.profile)
        except Exception:
            log.exception("slip %s: its length", job.number)
            return 0.0

    def _send(self, session: Session, job: Job, data: bytes) -> str:
        """Send the job and wait for its end; return why nothing went out, or an empty text."""
        remaining: list[int] = []
        try:
            session.send(data, job.process_id, remaining.append)
            if not remaining:
                return "the printer takes nothing"
            if remaining[-1]:
                self._broken(job, f"the printer stopped taking the slip ({session.state})")
                self._hang_up(session.state, "the printer stopped taking the slip")
                return ""
            self._settle(job, JobState.SENT, "")
            self._conclude(session, job)
        except LinkError as error:
            self._hang_up(PrinterState.DISCONNECTED, str(error))
            if not remaining or (error.nothing_sent and job.state is JobState.QUEUED):
                return str(error)
            self._broken(job, str(error))
        return ""

    def _conclude(self, session: Session, job: Job) -> None:
        outcome = session.outcome(job.process_id)
        if outcome is Outcome.UNKNOWN:
            self._unresolved[job.process_id] = job
            job.met_fault = not session.state.can_print
            self._settle(job, JobState.UNKNOWN, f"the printer did not report the end ({session.state})")
        else:
            self._settle(job, JobState(outcome.value), "")

    def _broken(self, job: Job, reason: str) -> None:
        self._scrap = ending(self.settings)
        job.is_lost = True
        self._settle(job, JobState.UNKNOWN, reason)


def open_printer(
    settings: PrinterSettings, on_job: JobCallback = _ignore, on_state: StateCallback = _ignore
) -> Spooler:
    """Start the spooler of a printer; raise AddressError for an address that names no device."""
    return Spooler(settings, on_job, on_state)
