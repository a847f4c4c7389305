"""One conversation with an open printer: asks how it is, hands over a job, hears that it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from printers.devices import Link
from printers.encode import INITIALISE
from printers.settings import PrinterSettings
from printers.status import (
    ASK_ALIVE,
    ASK_ASB,
    ASK_MODEL,
    ASK_PAPER,
    ASK_ROUND,
    Answer,
    AutoStatus,
    Demultiplexer,
    Done,
    Info,
    PaperSensor,
    PrinterState,
    RealTime,
    round_state,
)

_STEP_SECONDS = 0.1
_CHUNK = 2048
_PROBE_ID = b"NQ00"
_PROBE_SECONDS = 1.5
_QUIET_SECONDS = 0.05


class Outcome(StrEnum):
    """What is known of a job whose bytes went out."""

    CONFIRMED = "confirmed"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


def ask_done(process_id: bytes) -> bytes:
    """Return the command that makes the printer answer when all before it is printed (GS ( H, function 48)."""
    return b"\x1d(H\x06\x00\x30\x30" + process_id


class Session:
    """Speaks over one link; every method may raise LinkError.

    `state` is what the printer last said, `model` its name, `done` the ids of jobs reported as printed.
    `scrap` ends a job that broke off in an earlier session; it goes out before anything but real-time questions.
    """

    def __init__(
        self,
        link: Link,
        settings: PrinterSettings,
        on_state: Callable[[PrinterState], None] = lambda _: None,
        scrap: bytes = b"",
    ) -> None:
        self.state = PrinterState.NO_ANSWER
        self.model = ""
        self.done: set[bytes] = set()
        self._link = link
        self._settings = settings
        self._on_state = on_state
        self._scrap = scrap
        self._probe_seconds = max(_PROBE_SECONDS, settings.job_seconds) if scrap else _PROBE_SECONDS
        self._answers_at_all = link.answers and settings.completion != "none"
        self._demultiplexer = Demultiplexer()
        self._real_time: list[int] = []
        self._paper: PaperSensor | None = None
        self._auto: AutoStatus | None = None
        self._probed = self._reports = self._tells_paper = self._watched = False

    def close(self) -> None:
        """Let the device go."""
        self._link.close()

    def check(self) -> PrinterState:
        """Ask the printer how it is; no answer within the limit is `no_answer`."""
        if not self._answers_at_all:
            condition = getattr(self._link, "condition", None)
            state = condition() if condition else PrinterState.READY
            if state.can_print:
                self._clear_up()
            return self._told(state)
        self._drain()
        state = self._round() if self._auto is None else self._alive()
        if state.can_print and not self._probed:
            state = self._probe()
        return self._told(state)

    def send(
        self, data: bytes, process_id: bytes, left: Callable[[int], None], *, before: bytes = b""
    ) -> None:
        """Hand over `before` and the job; give up after `job_seconds` without progress.

        A device that takes no byte at all is given up after `poll_seconds`: another printer may have the job.
        Call `left` with the number of bytes that remain, each time the device took some.
        """
        if self._auto is not None and data.startswith(INITIALISE):
            # ESC @ switches the automatic status off: switch it on again before the first dot.
            data = INITIALISE + ASK_ASB + data[len(INITIALISE) :]
        if self._reports:
            data += ask_done(process_id)
        elif self._tells_paper:
            data += ASK_PAPER
        self._paper = None
        self.done.discard(process_id)
        taken, moved_at = 0, time.monotonic()
        while taken < len(data):
            step = self._link.write(data[taken : taken + _CHUNK], _STEP_SECONDS)
            taken += step
            if step:
                moved_at = time.monotonic()
                left(len(data) - taken)
            self._pump(0)
            stalled = time.monotonic() - moved_at
            if stalled > self._settings.poll_seconds:
                self._told(self._fault() or PrinterState.NO_ANSWER)
            if stalled > (self._settings.job_seconds if taken else self._settings.poll_seconds):
                return
        self._link.finish()

    def outcome(self, process_id: bytes) -> Outcome:
        """Wait until the job is reported, a fault shows, or `job_seconds` have passed."""
        if not self._answers_at_all:
            return Outcome.ASSUMED
        if not (self._reports or self._tells_paper):
            return Outcome.ASSUMED if self.check().can_print else Outcome.UNKNOWN
        try:
            return self._awaited(process_id)
        finally:
            self._real_time.clear()

    def ended(self, process_id: bytes) -> Outcome | None:
        """Return how a job that was given up ended after all, None while the printer has not told it."""
        if process_id in self.done:
            return Outcome.CONFIRMED
        # Answers come in order: what was sent before the question has been worked off.
        return Outcome.ASSUMED if self._paper is not None and not self._reports else None

    def _awaited(self, process_id: bytes) -> Outcome:
        end = time.monotonic() + self._settings.job_seconds
        ask_at = time.monotonic() + self._settings.poll_seconds
        self._real_time.clear()
        self._watched = False
        while time.monotonic() < end:
            self._pump(_STEP_SECONDS)
            if process_id in self.done:
                return Outcome.CONFIRMED
            if fault := self._fault():
                self._told(fault)
                return Outcome.UNKNOWN
            if self._paper is not None and not self._reports:
                return Outcome.ASSUMED
            if time.monotonic() >= ask_at:
                self._watch()
                ask_at = time.monotonic() + self._settings.poll_seconds
        return Outcome.UNKNOWN

    def _told(self, state: PrinterState) -> PrinterState:
        self.state = state
        self._on_state(state)
        return state

    def _fault(self) -> PrinterState | None:
        """Return the fault that the printer told unasked, or in answer to `_watch`."""
        if self._auto is not None:
            state = self._auto.state()
        elif len(self._real_time) >= 4:
            state = round_state(self._real_time[:4])
        else:
            return None
        return None if state.can_print else state

    def _watch(self) -> None:
        """While a job prints: is the printer still there? Its answers are looked at by `_fault`."""
        if self._watched and not self._real_time:
            self._told(PrinterState.NO_ANSWER)
        self._watched = True
        self._real_time.clear()
        self._link.write(ASK_ALIVE if self._auto is not None else ASK_ROUND, _STEP_SECONDS)

    def _pump(self, seconds: float) -> bool:
        """Take in what comes within `seconds`; was there anything?"""
        if not self._link.answers:
            return False
        data = self._link.read(seconds)
        for answer in self._demultiplexer.feed(data):
            self._take(answer)
        return bool(data)

    def _take(self, answer: Answer) -> None:
        match answer:
            case RealTime(value):
                self._real_time.append(value)
            case AutoStatus():
                self._auto = answer
            case Done(process_id):
                self.done.add(process_id)
            case Info(text):
                self.model = text
            case PaperSensor():
                self._paper = answer

    def _drain(self) -> None:
        """Take in what came unasked; answers to an earlier question are waited for until the line is quiet."""
        self._pump(0)
        for _ in range(5):
            if not self._real_time:
                return
            self._real_time.clear()
            self._pump(self._settings.answer_seconds)

    def _wait(self, done: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._pump(left)
        return True

    def _ask(self, question: bytes, answers: int) -> list[int] | None:
        self._real_time.clear()
        if self._link.write(question, self._settings.answer_seconds) < len(question):
            return None
        complete = self._wait(lambda: len(self._real_time) >= answers, self._settings.answer_seconds)
        found = self._real_time[:answers]
        self._real_time.clear()
        return found if complete else None

    def _round(self) -> PrinterState:
        answers = self._ask(ASK_ROUND, 4)
        return PrinterState.NO_ANSWER if answers is None else round_state(answers)

    def _alive(self) -> PrinterState:
        """Ask for one byte; the automatic status says the rest, unless the two disagree."""
        answers = self._ask(ASK_ALIVE, 1)
        if answers is None or self._auto is None:
            return PrinterState.NO_ANSWER
        if bool(answers[0] & 0x08) != self._auto.is_offline:
            return self._round()
        return self._auto.state()

    def _babbles(self) -> bool:
        """Tell whether answers come that nobody asked for: this is no printer, but perhaps a scale or a modem."""
        self._real_time.clear()
        self._pump(_QUIET_SECONDS)
        return bool(self._real_time)

    def _clear_up(self) -> None:
        self._scrap = self._put(self._scrap, self._settings.job_seconds)

    def _put(self, data: bytes, seconds: float) -> bytes:
        """Write within `seconds`, also where little is taken at a time; return what was not taken."""
        end = time.monotonic() + seconds
        while data and time.monotonic() < end:
            data = data[self._link.write(data, _STEP_SECONDS) :]
        return data

    def _probe(self) -> PrinterState:
        """Find out, once, what this printer answers: automatic status, model, paper sensor, end of job.

        After a torn slip the answers come behind what it still has to print: they are waited for as long.
        """
        if self._babbles():
            return PrinterState.NO_ANSWER
        self._clear_up()
        self._paper = None
        self._put(ASK_ASB + ASK_MODEL + ASK_PAPER, self._probe_seconds)
        # Answers come in order: with the last, all that will come are there.
        self._tells_paper = self._wait(lambda: self._paper is not None, self._probe_seconds)
        wanted = self._settings.completion
        # A printer that does not even tell its name may print the unknown command as text.
        if wanted == "report" or (wanted == "auto" and self.model):
            self._paper = None
            self._put(ask_done(_PROBE_ID) + ASK_PAPER, self._probe_seconds)
            self._wait(lambda: _PROBE_ID in self.done or self._paper is not None, self._probe_seconds)
            self._reports = _PROBE_ID in self.done
        # A printer that stopped in the meantime has not shown what it can.
        state = self._round()
        self._probed = state.can_print
        return state
