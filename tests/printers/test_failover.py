"""Two printers as one: what the first cannot print comes out of the second, and every slip once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from printers import Job, JobState, PrinterPair, PrinterSettings, PrinterState, Slip
from printers.devices import AddressError, Link, LinkError, open_link
from printers.encode import INITIALISE
from printers.virtual import VirtualPrinter
from tests.printers.samples import COPY_MARKS, SLIPS

LIMITS = {"poll_seconds": 0.1, "answer_seconds": 1.0, "start_seconds": 1.5, "job_seconds": 3.0}
FAULTS = [{"paper": "out"}, {"cover_open": True}, {"offline": True}, {"answering": False}, {"error": True}]


class Pair:
    """Two virtual printers and what their pair tells."""

    def __init__(self, line: Callable[[Link], Link] = lambda link: link, **settings: float) -> None:
        """Take settings of both, and what becomes of a line to the first."""
        self._line = line
        self.printers = (VirtualPrinter(), VirtualPrinter())
        self.jobs: list[tuple[Job, JobState, bool]] = []
        self.states: list[PrinterState] = []
        self._change = threading.Condition()
        first, second = (
            PrinterSettings(printer.address, **LIMITS | settings)  # type: ignore[arg-type]
            for printer in self.printers
        )
        self.pair = PrinterPair(first, second, self._on_job, self._on_state, self._open)

    def _open(self, address: str, seconds: float) -> Link:
        link = open_link(address, seconds)
        return self._line(link) if address == self.printers[0].address else link

    def _on_job(self, job: Job, state: JobState) -> None:
        with self._change:
            self.jobs.append((job, state, job.is_lost))
            self._change.notify_all()

    def _on_state(self, state: PrinterState, detail: str) -> None:
        with self._change:
            self.states.append(state)
            self._change.notify_all()

    def until(self, true: Callable[[], bool]) -> bool:
        with self._change:
            return self._change.wait_for(true, 30)

    def until_states(self, *states: PrinterState) -> None:
        assert self.until(lambda: self.pair.states == states), self.pair.states

    def slips(self) -> tuple[int, ...]:
        return tuple(len(printer.machine.slips) for printer in self.printers)

    def close(self) -> None:
        self.pair.close()
        for printer in self.printers:
            printer.close()


@pytest.fixture
def both() -> Iterator[Pair]:
    pair = Pair()
    with closing(pair):
        pair.until_states(PrinterState.READY, PrinterState.READY)
        yield pair


def test_the_first_prints_while_it_can(both: Pair) -> None:
    for _ in range(3):
        job = both.pair.print(SLIPS["pl"])
        assert (job.wait(30), job.place) == (JobState.CONFIRMED, 0)
    assert both.slips() == (3, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_slip_comes_out_of_the_second_when_the_first_cannot_and_of_the_first_again_when_it_can(
    both: Pair, fault: dict
) -> None:
    first = both.printers[0].machine
    first.set(**fault)
    assert both.until(lambda: not both.pair.states[0].can_print)
    assert both.pair.state is PrinterState.READY, "the hall still has a printer"
    job = both.pair.print(SLIPS["pl"])
    assert (job.wait(30), job.place) == (JobState.CONFIRMED, 1)
    first.set(paper="in", cover_open=False, offline=False, answering=True, error=False)
    both.until_states(PrinterState.READY, PrinterState.READY)
    job = both.pair.print(SLIPS["pl"])
    assert (job.wait(30), job.place) == (JobState.CONFIRMED, 0)
    assert both.slips() == (1, 1)


def test_a_slip_that_the_first_turns_out_not_to_take_goes_over_and_is_told_so(both: Pair) -> None:
    """Nobody knew of the fault when the slip was given to the first: it is taken from there, and not doubled."""
    first = both.printers[0].machine
    first.set(answering=False)
    job = both.pair.print(SLIPS["pl"])
    assert job.wait(30) is JobState.CONFIRMED
    assert job.place == 1
    assert (job, JobState.QUEUED, False) in both.jobs
    first.set(answering=True)
    both.until_states(PrinterState.READY, PrinterState.READY)
    assert both.pair.print(Slip("P002")).wait(30) is JobState.CONFIRMED
    assert both.slips() == (1, 1)


def stubborn(dies: bool) -> Callable[[Link], Link]:
    """Return what makes a line take nothing of a slip: it dies for good at the first byte, or merely waits."""
    is_dead = threading.Event()

    def changed(link: Link) -> Link:
        if is_dead.is_set():
            link.close()
            raise LinkError("pulled")
        write = link.write

        def written(data: bytes, seconds: float) -> int:
            if not data.startswith(INITIALISE):
                return write(data, seconds)
            if dies:
                is_dead.set()
                raise LinkError("pulled")
            time.sleep(seconds)
            return 0

        link.write = written  # type: ignore[method-assign]
        return link

    return changed


@pytest.mark.parametrize("dies", [True, False], ids=["dies at the first byte", "takes nothing"])
def test_a_slip_of_which_the_first_took_nothing_comes_out_of_the_second_at_once(dies: bool) -> None:
    pair = Pair(stubborn(dies), start_seconds=60.0, job_seconds=60.0)
    with closing(pair):
        pair.until_states(PrinterState.READY, PrinterState.READY)
        job = pair.pair.print(SLIPS["pl"])
        assert (job.wait(10), job.place) == (JobState.CONFIRMED, 1)
        assert (job, JobState.QUEUED, False) in pair.jobs, "told that it went over"
        assert pair.slips() == (0, 1)


def test_many_slips_before_a_printer_that_fails_come_out_once_each(both: Pair) -> None:
    first, second = (printer.machine for printer in both.printers)
    jobs = [both.pair.print(Slip(f"P{number:03}")) for number in range(6)]
    assert first.wait_for_slips(1, 30)
    first.set(cover_open=True)
    for job in jobs:
        job.wait(30)
    first.set(cover_open=False)
    assert both.until(lambda: all(job.is_lost or job.state is JobState.CONFIRMED for job in jobs))
    # One may have been in the middle: the first still holds it, and prints it when its cover is closed.
    assert len([job for job in jobs if job.is_lost]) <= 1
    places = [job.place for job in jobs]
    assert len(first.wait_for_slips(places.count(0), 30)) == places.count(0)
    assert len(second.slips) == places.count(1) > 0


def test_a_slip_in_mid_print_on_a_first_that_dies_is_lost_and_its_copy_comes_out_of_the_second(
    both: Pair,
) -> None:
    first = both.printers[0].machine
    first.set(dies_after=first.received + 9_000)
    job = both.pair.print(SLIPS["pl"])
    assert job.wait(30) is JobState.UNKNOWN
    assert both.until(lambda: job.is_lost)
    copy = both.pair.print(SLIPS["pl"].as_copy(COPY_MARKS["pl"]))
    assert (copy.wait(30), copy.place) == (JobState.CONFIRMED, 1)
    assert both.slips() == (0, 1)


def test_a_slip_that_the_first_holds_without_paper_is_lost_as_soon_as_the_second_can_print(
    both: Pair,
) -> None:
    first, second = (printer.machine for printer in both.printers)
    second.set(cover_open=True)
    both.until_states(PrinterState.READY, PrinterState.COVER_OPEN)
    first.set(paper_left=300)
    job = both.pair.print(SLIPS["pl"])
    assert job.wait(30) is JobState.UNKNOWN
    both.until_states(PrinterState.PAPER_OUT, PrinterState.COVER_OPEN)
    assert both.pair.state is PrinterState.PAPER_OUT, "of two that cannot print, the first is told"
    assert not job.is_lost
    second.set(cover_open=False)
    assert both.until(lambda: job.is_lost)


def test_a_slip_waits_for_whichever_printer_is_able_first(both: Pair) -> None:
    first, second = (printer.machine for printer in both.printers)
    first.set(cover_open=True)
    second.set(cover_open=True)
    both.until_states(PrinterState.COVER_OPEN, PrinterState.COVER_OPEN)
    job = both.pair.print(SLIPS["pl"])
    assert job.place == 0
    second.set(cover_open=False)
    assert (job.wait(30), job.place) == (JobState.CONFIRMED, 1)
    assert both.slips() == (0, 1)


def test_where_neither_can_print_nothing_is_sent(both: Pair) -> None:
    for printer in both.printers:
        printer.machine.set(paper="out")
    both.until_states(PrinterState.PAPER_OUT, PrinterState.PAPER_OUT)
    job = both.pair.print(SLIPS["pl"])
    assert job.wait(30) is JobState.FAILED
    assert job.is_lost
    for printer in both.printers:
        printer.machine.set(paper="in")
    both.until_states(PrinterState.READY, PrinterState.READY)
    assert both.pair.print(SLIPS["pl"]).wait(30) is JobState.CONFIRMED
    assert both.slips() == (1, 0)


def test_closing_settles_what_waits(both: Pair) -> None:
    for printer in both.printers:
        printer.machine.set(cover_open=True)
    both.until_states(PrinterState.COVER_OPEN, PrinterState.COVER_OPEN)
    jobs = [both.pair.print(Slip("P001")), both.pair.print(Slip("P002"))]
    both.pair.close()
    assert {job.wait(30) for job in jobs} == {JobState.FAILED}


def test_a_wrong_address_is_refused_at_once() -> None:
    with pytest.raises(AddressError):
        PrinterPair(PrinterSettings("virtual:"), PrinterSettings("tpc://1"), lambda *_: None, lambda *_: None)


@pytest.mark.parametrize("takes_away", [True, False], ids=["taken away", "control"])
def test_a_job_that_was_not_taken_from_the_first_would_come_out_twice(takes_away: bool) -> None:
    pair = Pair()
    with closing(pair):
        pair.until_states(PrinterState.READY, PrinterState.READY)
        first = pair.printers[0].machine
        first.set(cover_open=True)
        pair.until_states(PrinterState.COVER_OPEN, PrinterState.READY)
        spoolers = pair.pair._spoolers
        job = spoolers[0].print(Slip("P001"))
        if takes_away:
            assert job.take_away()
            spoolers[1].adopt(job)
        else:
            spoolers[1].print(Slip("P001")).wait(30)
        assert job.wait(5 if takes_away else 0) is (JobState.CONFIRMED if takes_away else JobState.QUEUED)
        first.set(cover_open=False)
        pair.until_states(PrinterState.READY, PrinterState.READY)
        assert spoolers[0].print(Slip("P002")).wait(30) is JobState.CONFIRMED
        assert pair.slips() == ((1, 1) if takes_away else (2, 1))
