"""A slip that a fault ended is told as lost once no more is to be heard of it, never while it may come out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from printers import JobState, PrinterState, Slip
from printers.virtual import VirtualPrinter
from tests.printers.samples import SLIPS, Watched


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


def test_a_slip_that_the_printer_still_holds_is_not_lost_and_ends_late(printer: VirtualPrinter) -> None:
    with Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(paper_left=300)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        assert not job.is_lost
        printer.machine.set(paper="in")
        assert watched.until(lambda: job.state is JobState.CONFIRMED)
        assert not job.is_lost


def test_a_simple_model_that_prints_the_rest_after_the_refill_is_assumed_to_have_done_it() -> None:
    with VirtualPrinter(knows_completion=False) as printer, Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(paper_left=200)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        printer.machine.set(paper="in")
        assert watched.until(lambda: job.state is JobState.ASSUMED)
        assert not job.is_lost


def test_a_slip_that_the_printer_forgot_under_its_open_cover_is_lost_when_it_is_ready_for_a_while(
    printer: VirtualPrinter,
) -> None:
    with Watched(printer.address, job_seconds=1.0) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(paper_left=300)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        printer.machine.forget()
        printer.machine.set(paper="in")
        assert watched.until(lambda: job.is_lost)
        assert watched.jobs[-2:] == [("P042", JobState.UNKNOWN)] * 2, "told once more, as lost"
        assert watched.spooler.print(SLIPS["pl"].as_copy("KOPIA")).wait(30) is JobState.CONFIRMED


def test_a_slip_on_a_printer_that_died_is_lost_at_once(printer: VirtualPrinter) -> None:
    with Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(dies_after=printer.machine.received + 9_000)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        assert job.is_lost


def test_a_slip_that_waited_in_vain_is_lost_and_one_of_a_wrong_profile_is_not(
    printer: VirtualPrinter,
) -> None:
    """What no printer can print is not tried again."""
    with Watched(printer.address, start_seconds=0.3) as watched:
        printer.machine.set(paper="out")
        assert watched.until_state(PrinterState.PAPER_OUT)
        job = watched.spooler.print(Slip("P001"))
        assert job.wait(30) is JobState.FAILED
        assert job.is_lost
    with Watched(printer.address, profile="TM-T99") as watched:
        job = watched.spooler.print(Slip("P001"))
        assert job.wait(30) is JobState.FAILED
        assert not job.is_lost


def test_a_slip_whose_end_is_merely_not_told_is_not_lost(printer: VirtualPrinter) -> None:
    """The printer is fine and has most likely printed it: a second one would come out for every visitor."""
    with Watched(printer.address, job_seconds=0.8, answer_seconds=10.0) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine._knows_completion = False
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        jobs = list(watched.jobs)
        assert watched.spooler.print(SLIPS["en"]).wait(30) is JobState.UNKNOWN
        assert not job.is_lost
        assert watched.jobs[: len(jobs)] == jobs
        assert len(printer.machine.wait_for_slips(2, 30)) == 2
