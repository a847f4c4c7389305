"""Printing through sockets and a PTY on a printer that runs out of paper, falls silent, or dies in mid-slip."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import zxingcpp

from printers import JobState, PrinterSettings, PrinterState, Slip, Spooler, open_printer
from printers.devices import AddressError, Link, LinkError, open_link
from printers.encode import encode, ending, warm_up
from printers.status import ASK_MODEL, ASK_PAPER
from printers.virtual import Machine, PtyPort, VirtualPrinter
from tests.printers.samples import CODE, COPY_MARKS, SLIPS, Watched


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


@pytest.fixture
def pty_port() -> Iterator[PtyPort]:
    port = PtyPort(Machine())
    yield port
    port.unplug()
    port.machine.close()


@pytest.mark.parametrize("language", SLIPS)
def test_a_slip_is_printed_and_reported(printer: VirtualPrinter, language: str):
    with Watched(printer.address) as watched:
        job = watched.spooler.print(SLIPS[language].as_copy(COPY_MARKS[language]))
        assert job.wait(30) is JobState.CONFIRMED
        assert [state for _, state in watched.jobs] == [JobState.SENT, JobState.CONFIRMED]
        assert job.is_copy
        assert job.slip is None, "nothing of a visitor stays"
        assert watched.spooler.model == "TM-T88V"
    (slip,) = printer.machine.wait_for_slips(1, 30)
    assert [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))] == [CODE]


def test_a_slip_is_printed_on_a_serial_line(pty_port: PtyPort):
    with Watched(pty_port.address) as watched:
        assert watched.spooler.print(SLIPS["uk"]).wait(30) is JobState.CONFIRMED
    assert len(pty_port.machine.wait_for_slips(1, 30)) == 1


def test_an_adapter_that_is_pulled_is_told(pty_port: PtyPort):
    with Watched(pty_port.address) as watched:
        assert watched.until_state(PrinterState.READY)
        pty_port.unplug()
        assert watched.until_state(PrinterState.DISCONNECTED)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"paper": "out"}, PrinterState.PAPER_OUT),
        ({"paper": "low"}, PrinterState.PAPER_LOW),
        ({"cover_open": True}, PrinterState.COVER_OPEN),
        ({"offline": True}, PrinterState.OFFLINE),
        ({"error": True}, PrinterState.ERROR),
        ({"answering": False}, PrinterState.NO_ANSWER),
    ],
)
@pytest.mark.parametrize("knows_auto_status", [True, False])
def test_idle_faults_are_told(change, state: PrinterState, knows_auto_status: bool):
    with VirtualPrinter(knows_auto_status=knows_auto_status) as printer, Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(**change)
        assert watched.until_state(state)


@pytest.mark.parametrize(
    ("change", "state"),
    [({"paper": "out"}, PrinterState.PAPER_OUT), ({"answering": False}, PrinterState.NO_ANSWER)],
)
def test_faults_are_known_within_two_seconds_at_the_usual_pace(printer: VirtualPrinter, change, state):
    usual = PrinterSettings("virtual:")
    limits = {"poll_seconds": usual.poll_seconds, "answer_seconds": usual.answer_seconds}
    with Watched(printer.address, **limits) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(**change)
        assert watched.until_state(state)


def test_a_printer_that_stops_while_it_is_asked_what_it_can_is_asked_again():
    printer = VirtualPrinter()

    class OpensItsCover:
        """The link to a printer whose cover opens behind the first answers, before it is asked for its name."""

        answers = True

        def __init__(self, link) -> None:
            self._link = link

        def write(self, data: bytes, seconds: float) -> int:
            if ASK_MODEL in data and not opened:
                opened.append(True)
                printer.machine.set(cover_open=True)
            return self._link.write(data, seconds)

        def __getattr__(self, name: str) -> object:
            return getattr(self._link, name)

    opened: list[bool] = []
    with printer, Watched(printer.address, lambda *where: OpensItsCover(open_link(*where))) as watched:
        assert watched.until_state(PrinterState.COVER_OPEN)
        printer.machine.set(cover_open=False)
        assert watched.until_state(PrinterState.READY)
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.CONFIRMED


def test_a_printer_that_takes_little_at_a_time_is_asked_whole_questions(printer: VirtualPrinter):
    """Behind a picture that still prints, its memory is full: it takes a question byte by byte."""

    class TakesLittle:
        answers = True

        def __init__(self, link) -> None:
            self._link = link

        def write(self, data: bytes, seconds: float) -> int:
            is_question = data.endswith(ASK_PAPER) and len(data) < 40
            return self._link.write(data[:2] if is_question else data, seconds)

        def __getattr__(self, name: str) -> object:
            return getattr(self._link, name)

    with printer, Watched(printer.address, lambda *where: TakesLittle(open_link(*where))) as watched:
        assert watched.until_state(PrinterState.READY)
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.CONFIRMED


def test_a_printer_that_is_not_there_is_disconnected_and_found_when_it_comes():
    with VirtualPrinter() as first:
        port = first.port
        with Watched(first.address) as watched:
            assert watched.until_state(PrinterState.READY)
            first.close()
            assert watched.until_state(PrinterState.DISCONNECTED)
            with VirtualPrinter(port) as second:
                assert watched.until_state(PrinterState.READY)
                assert watched.spooler.print(Slip("P001")).wait(30) is JobState.CONFIRMED
                assert len(second.machine.slips) == 1


def test_paper_out_in_mid_slip_is_unknown_and_confirmed_after_the_refill(printer: VirtualPrinter):
    with Watched(printer.address, job_seconds=60.0) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(paper_left=300)
        begun = time.monotonic()
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        # Found by the printer's status: not by the job's time, which would be a minute.
        assert time.monotonic() - begun < 30
        assert watched.until_state(PrinterState.PAPER_OUT)
        assert not printer.machine.slips
        printer.machine.set(paper="in")
        assert watched.until(lambda: job.state is JobState.CONFIRMED)
        # The printer held the slip and printed it; the spooler sent it once.
        assert len(printer.machine.wait_for_slips(1, 30)) == 1
        copy = watched.spooler.print(SLIPS["pl"].as_copy("KOPIA"))
        assert copy.wait(30) is JobState.CONFIRMED
        first, second = printer.machine.wait_for_slips(2, 30)
        assert second.height > first.height


@pytest.mark.parametrize("change", [{"paper": "out"}, {"cover_open": True}, {"offline": True}])
def test_nothing_is_sent_to_a_printer_that_cannot_print(printer: VirtualPrinter, change: dict):
    with Watched(printer.address, start_seconds=0.4) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(**change)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.FAILED
        assert "nothing was sent" in job.detail
        printer.machine.set(paper="in", cover_open=False, offline=False)
        assert watched.spooler.print(SLIPS["en"]).wait(30) is JobState.CONFIRMED
        assert len(printer.machine.slips) == 1


def test_a_job_waits_for_a_short_fault_and_then_goes_out_once(printer: VirtualPrinter):
    with Watched(printer.address, start_seconds=5.0) as watched:
        printer.machine.set(cover_open=True)
        assert watched.until_state(PrinterState.COVER_OPEN)
        job = watched.spooler.print(SLIPS["pl"])
        printer.machine.set(cover_open=False)
        assert job.wait(30) is JobState.CONFIRMED
        assert len(printer.machine.slips) == 1


@pytest.mark.parametrize("after", [1, 100, 9_000, 14_000])
def test_a_printer_that_dies_in_mid_slip_leaves_it_unknown(printer: VirtualPrinter, after: int):
    with Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(dies_after=printer.machine.received + 3 + after)
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.UNKNOWN
        assert watched.until_state(PrinterState.DISCONNECTED)
        printer.machine.set(dead=False, dies_after=None)
        assert watched.until_state(PrinterState.READY)
        copy = watched.spooler.print(SLIPS["pl"].as_copy("KOPIA"))
        assert copy.wait(30) is JobState.CONFIRMED
        codes = [
            code.text for slip in printer.machine.slips for code in zxingcpp.read_barcodes(slip.convert("L"))
        ]
        assert codes == [CODE], "the broken slip was not sent again"


@pytest.mark.parametrize("patient", [False, True], ids=["fast at once", "slow until it is ready"])
def test_after_a_pulled_cable_the_next_slip_is_whole(printer: VirtualPrinter, patient: bool):
    """The printer still holds half a picture: without zeros to end it, the next slip would be its dots.

    A slow printer answers what it can do only behind those dots, seconds later.
    """
    with Watched(printer.address, job_seconds=20.0) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(dots_per_second=400)
        job = watched.spooler.print(SLIPS["pl"])
        assert printer.machine.wait_for_bytes(printer.machine.received + 9_000, 30)
        printer.pull_cable()
        assert job.wait(30) is JobState.UNKNOWN
        assert not patient or watched.until_state(PrinterState.READY)
        printer.machine.set(dots_per_second=0)
        copy = watched.spooler.print(SLIPS["pl"].as_copy("KOPIA"))
        assert copy.wait(30) is JobState.CONFIRMED
        last = printer.machine.slips[-1]
        assert [code.text for code in zxingcpp.read_barcodes(last.convert("L"))] == [CODE]


@pytest.mark.parametrize(("scrap", "whole"), [(True, True), (False, False)], ids=["mended", "control"])
def test_what_ends_a_broken_slip_matters(printer: VirtualPrinter, scrap: bool, whole: bool):
    settings = PrinterSettings("virtual:")
    data = encode(SLIPS["pl"], settings)
    broken = data[: len(data) // 2]

    def reply(_: bytes) -> None:
        pass

    printer.machine.receive(broken, reply)
    if scrap:
        printer.machine.receive(ending(settings), reply)
    printer.machine.receive(data, reply)
    slips = printer.machine.wait_for_slips(2 if scrap else 1, 30)
    alone = Machine()
    with closing(alone):
        alone.receive(data, reply)
        (expected,) = alone.wait_for_slips(1, 30)
    assert (slips[-1].tobytes() == expected.tobytes()) is whole


def test_a_printer_that_falls_silent_in_mid_slip_leaves_it_unknown(printer: VirtualPrinter):
    with Watched(printer.address) as watched:
        assert watched.until_state(PrinterState.READY)
        printer.machine.set(dots_per_second=1500)
        job = watched.spooler.print(SLIPS["pl"])
        assert watched.until(lambda: job.state is JobState.SENT)
        printer.machine.set(answering=False)
        assert watched.until_state(PrinterState.NO_ANSWER)
        assert job.wait(30) is JobState.UNKNOWN


def test_a_slow_printer_is_waited_for(printer: VirtualPrinter):
    printer.machine.set(dots_per_second=1200)
    with Watched(printer.address, job_seconds=5.0) as watched:
        job = watched.spooler.print(SLIPS["pl"])
        assert job.wait(30) is JobState.CONFIRMED
        assert PrinterState.NO_ANSWER not in watched.states


def test_a_printer_that_only_tells_its_status_is_assumed_to_have_printed():
    with VirtualPrinter(knows_completion=False) as printer, Watched(printer.address) as watched:
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.ASSUMED
        printer.machine.set(paper_left=200)
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.UNKNOWN


def test_a_printer_set_up_as_mute_is_never_confirmed(printer: VirtualPrinter):
    printer.machine.set(answering=False)
    with Watched(printer.address, completion="none") as watched:
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.ASSUMED
        assert watched.until_state(PrinterState.READY)
    assert len(printer.machine.wait_for_slips(1, 30)) == 1


def test_a_mute_printer_that_should_answer_is_at_fault(printer: VirtualPrinter):
    printer.machine.set(answering=False)
    with Watched(printer.address, start_seconds=0.5) as watched:
        assert watched.until_state(PrinterState.NO_ANSWER)
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.FAILED
    assert not printer.machine.slips


@pytest.mark.parametrize("line", ["tcp", "pty"])
def test_late_answers_do_not_confuse_the_next_question(printer: VirtualPrinter, pty_port: PtyPort, line: str):
    """Answers about an open cover arrive when it is long closed, and must not be taken for new ones."""
    machine, address = (
        (printer.machine, printer.address) if line == "tcp" else (pty_port.machine, pty_port.address)
    )
    with Watched(address, answer_seconds=0.2) as watched:
        assert watched.until_state(PrinterState.READY)
        machine.set(answer_delay=0.35, cover_open=True)
        assert watched.until_state(PrinterState.NO_ANSWER)
        machine.set(answer_delay=0.0, cover_open=False)
        assert watched.until_state(PrinterState.READY)
        assert watched.spooler.print(SLIPS["en"]).wait(30) is JobState.CONFIRMED
        assert watched.spooler.state is PrinterState.READY


def test_slips_come_out_in_order_and_once(printer: VirtualPrinter):
    with Watched(printer.address) as watched:
        jobs = [watched.spooler.print(Slip(f"P{number:03}")) for number in range(1, 9)]
        assert {job.wait(30) for job in jobs} == {JobState.CONFIRMED}
        assert [n for n, state in watched.jobs if state is JobState.CONFIRMED] == [job.number for job in jobs]
    assert len(printer.machine.slips) == 8


class FlakyLink:
    """A link that breaks after so many bytes; each opening gets the next number of the list."""

    answers = False

    def __init__(self, room: int, out: list[bytes]) -> None:
        self.room, self.out = room, out

    def write(self, data: bytes, seconds: float) -> int:
        if self.room <= 0:
            raise LinkError("broken")
        piece = data[: self.room]
        self.room -= len(piece)
        self.out.append(piece)
        return len(piece)

    def read(self, seconds: float) -> bytes:
        return b""

    def finish(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_job_is_tried_again_only_before_its_first_byte():
    rooms, out = [0, 0, 10**6, 50, 10**6], []
    with Watched("virtual:", lambda address, seconds: FlakyLink(rooms.pop(0), out)) as watched:
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.ASSUMED
        whole = b"".join(out)
        assert whole.startswith(b"\x1b@")
        watched.spooler._session._link.room = 0  # the idle connection breaks before the next byte
        out.clear()
        job = watched.spooler.print(Slip("P001"))
        assert job.wait(30) is JobState.UNKNOWN
        assert b"".join(out)[:50] == whole[:50]
        assert watched.until_state(PrinterState.READY)
        assert b"".join(out)[50:] == ending(watched.spooler.settings), "no second slip"


def test_a_fault_of_the_program_ends_the_job_and_not_the_spooler(printer, monkeypatch, caplog):
    from printers import spooler

    right = spooler.encode
    monkeypatch.setattr(spooler, "encode", lambda *_: 1 / 0)
    with Watched(printer.address) as watched:
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.FAILED
        monkeypatch.setattr(spooler, "encode", right)
        assert watched.spooler.print(Slip("P002")).wait(30) is JobState.CONFIRMED
    assert "division by zero" in caplog.text


def test_a_slip_whose_length_cannot_be_reckoned_is_printed(printer, monkeypatch, caplog):
    from printers import spooler

    monkeypatch.setattr(spooler, "slip_millimetres", lambda *_: 1 / 0)
    with Watched(printer.address) as watched:
        job = watched.spooler.print(Slip("P001"))
        assert (job.wait(30), job.millimetres) == (JobState.CONFIRMED, 0.0)
    assert "division by zero" in caplog.text


def test_two_printers_are_both_kept_warm():
    warm_up.cache_clear()
    for device in ("virtual:", "virtual:9101") * 2:
        warm_up(PrinterSettings(device))
    assert warm_up.cache_info().misses == 2


def test_a_callback_that_fails_stops_nothing(printer: VirtualPrinter, caplog):
    def gone(*_: object) -> None:
        raise RuntimeError("the window is gone")

    spooler = Spooler(PrinterSettings(printer.address), gone, gone)
    with closing(spooler):
        assert spooler.print(Slip("P001")).wait(30) is JobState.CONFIRMED
    assert "the window is gone" in caplog.text


def test_a_fault_while_idle_is_an_error_and_passes(printer: VirtualPrinter, caplog):
    faults = [ZeroDivisionError("chance")]

    def opener(address: str, seconds: float) -> Link:
        if faults:
            raise faults.pop()
        return open_link(address, seconds)

    with Watched(printer.address, opener) as watched:
        assert watched.until(lambda: PrinterState.ERROR in watched.states)
        assert watched.until_state(PrinterState.READY)
    assert "chance" in caplog.text


def test_a_wrong_option_is_told_as_the_reason():
    with Watched("serial:///dev/ttyS0?bauds=9600") as watched:
        assert watched.until_state(PrinterState.DISCONNECTED)
        assert "bauds" in watched.spooler.detail


def test_a_wrong_profile_fails_the_job_with_its_reason(printer: VirtualPrinter):
    with Watched(printer.address, profile="TM-T99") as watched:
        job = watched.spooler.print(Slip("P001"))
        assert job.wait(30) is JobState.FAILED
        assert "printer.profile" in job.detail


def test_closing_ends_the_jobs_that_wait():
    with VirtualPrinter() as printer:
        printer.machine.set(cover_open=True)
        watched = Watched(printer.address, start_seconds=60.0)
        jobs = [watched.spooler.print(Slip("P001")), watched.spooler.print(Slip("P002"))]
        assert watched.until_state(PrinterState.COVER_OPEN)
        watched.spooler.close()
        assert {job.wait(30) for job in jobs} == {JobState.FAILED}
        assert watched.states[-1] is PrinterState.DISCONNECTED


def test_a_wrong_address_is_refused_at_once():
    with pytest.raises(AddressError):
        open_printer(PrinterSettings("tpc://printer"))


def test_nonsense_from_the_printer_is_no_answer_and_no_crash():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            for seed in range(6):
                try:
                    line, _ = server.accept()
                    with line:
                        line.sendall(bytes((n * 37 + seed * 11) % 256 for n in range(500)))
                        line.recv(64)
                except OSError:
                    return

        threading.Thread(target=babble, daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with Watched(address, start_seconds=0.8, answer_seconds=0.1) as watched:
            job = watched.spooler.print(Slip("P001"))
            assert job.wait(30) in (JobState.FAILED, JobState.UNKNOWN)
            assert watched.spooler._worker.is_alive()
