"""Lines that lie: a peer that never answers or vanishes, noise, a node that is pulled, another model."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zxingcpp

from printers import JobState, PrinterSettings, PrinterState, Slip
from printers.spooler import is_of_profile
from printers.virtual import Machine, PtyPort, VirtualPrinter
from tests.printers.samples import CODE, COPY_MARKS, SLIPS, Watched

USUAL = {"poll_seconds": PrinterSettings("virtual:").poll_seconds, "answer_seconds": 0.7}
# Within two seconds, and what a busy machine of tests adds to it.
TOLD_SECONDS = 4.0


class Wire:
    """A cable to a printer that can be cut without either end hearing of it, and mended for new connections."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self.passed = 0
        self.cut_after: int | None = None
        self._is_cut = False
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut = True

    def mend(self) -> None:
        self._is_cut, self.cut_after = False, None

    def close(self) -> None:
        for end in (self._server, *self._ends):
            with contextlib.suppress(OSError):
                end.close()

    def _accept(self) -> None:
        while True:
            try:
                outer = self._server.accept()[0]
            except OSError:
                return
            self._ends.append(outer)
            if not self._is_cut:
                inner = socket.create_connection(("127.0.0.1", self._port))
                self._ends.append(inner)
                threading.Thread(target=self._carry, args=(outer, inner), daemon=True).start()

    def _carry(self, outer: socket.socket, inner: socket.socket) -> None:
        """Carry bytes until the cut; from then on both ends stay open, and nothing passes any more."""
        with contextlib.suppress(OSError, ValueError):
            while True:
                for end in select.select((outer, inner), (), ())[0]:
                    data = end.recv(1024)
                    if self.cut_after is not None and end is outer and self.passed > self.cut_after:
                        self._is_cut = True
                    if self._is_cut:
                        return
                    if not data:
                        outer.close()
                        inner.close()
                        return
                    if end is outer:
                        self.passed += len(data)
                    (inner if end is outer else outer).sendall(data)


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter() as virtual:
        yield virtual


@pytest.fixture
def wire(printer: VirtualPrinter) -> Iterator[Wire]:
    wire = Wire(printer.port)
    yield wire
    wire.close()


def test_a_peer_that_accepts_and_never_answers_gets_no_slip_and_is_left_for_the_printer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with Watched(f"tcp://127.0.0.1:{port}", start_seconds=0.5, answer_seconds=0.2) as watched:
            assert watched.until_state(PrinterState.NO_ANSWER)
            job = watched.spooler.print(SLIPS["pl"])
            assert job.wait(30) is JobState.FAILED
            assert "nothing was sent" in job.detail
            server.close()
            assert watched.until_state(PrinterState.DISCONNECTED)
            with VirtualPrinter(port) as printer:
                assert watched.until_state(PrinterState.READY)
                assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.CONFIRMED
                assert len(printer.machine.slips) == 1


def test_a_printer_that_vanishes_without_a_word_while_idle_is_told_within_two_seconds(wire: Wire) -> None:
    with Watched(wire.address, **USUAL) as watched:
        assert watched.until_state(PrinterState.READY)
        wire.cut()
        begun = time.monotonic()
        assert watched.until_state(PrinterState.NO_ANSWER)
        assert time.monotonic() - begun < TOLD_SECONDS
        wire.mend()
        assert watched.until_state(PrinterState.READY)
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.CONFIRMED


def test_a_printer_that_vanishes_in_mid_slip_is_found_again_and_prints_the_copy(
    printer: VirtualPrinter, wire: Wire
) -> None:
    with Watched(wire.address, **USUAL, job_seconds=3.0) as watched:
        assert watched.until_state(PrinterState.READY)
        wire.cut_after = wire.passed + 9_000
        job = watched.spooler.print(SLIPS["pl"])
        assert watched.until_state(PrinterState.NO_ANSWER)
        assert job.wait(30) is JobState.UNKNOWN
        wire.mend()
        assert watched.until(lambda: job.is_lost)
        assert watched.until_state(PrinterState.READY)
        copy = watched.spooler.print(SLIPS["pl"].as_copy(COPY_MARKS["pl"]))
        assert copy.wait(30) is JobState.CONFIRMED
        codes = zxingcpp.read_barcodes(printer.machine.slips[-1].convert("L"))
        assert [code.text for code in codes] == [CODE], "whole, and not the dots of the one before"


@pytest.fixture
def pty_port() -> Iterator[PtyPort]:
    port = PtyPort(Machine())
    yield port
    port.unplug()
    port.machine.close()


@pytest.mark.parametrize("seed", range(3))
def test_noise_on_a_serial_line_prints_nothing_twice_and_passes(pty_port: PtyPort, seed: int) -> None:
    chance = random.Random(seed)
    with Watched(pty_port.address, answer_seconds=0.3, start_seconds=10.0) as watched:
        assert watched.until_state(PrinterState.READY)
        is_over = threading.Event()

        def crackle() -> None:
            while not is_over.wait(0.02):
                os.write(pty_port._outer, chance.randbytes(chance.randrange(1, 4)))

        noise = threading.Thread(target=crackle)
        noise.start()
        job = watched.spooler.print(SLIPS["pl"])
        job.wait(30)
        is_over.set()
        noise.join(5)
        assert watched.until_state(PrinterState.READY)
        went_out = job.state is not JobState.FAILED
        assert watched.spooler.print(Slip("P002")).wait(30) is JobState.CONFIRMED
        assert len(pty_port.machine.slips) == 1 + went_out
        assert watched.spooler._worker.is_alive()


def test_a_node_that_is_pulled_is_gone_and_found_when_it_is_back() -> None:
    node = Path(f"/dev/shm/numerek-test-{os.getpid()}-lp0")
    first, second = PtyPort(Machine()), PtyPort(Machine())

    def plug(port: PtyPort) -> None:
        node.unlink(missing_ok=True)
        node.symlink_to(os.ttyname(port._inner))

    try:
        plug(first)
        with Watched(f"file://{node}", start_seconds=0.5) as watched:
            assert watched.until_state(PrinterState.READY)
            node.unlink()
            first.unplug()
            assert watched.until_state(PrinterState.DISCONNECTED)
            job = watched.spooler.print(SLIPS["pl"])
            assert job.wait(30) is JobState.FAILED
            assert not node.exists(), "no plain file in the place of the node takes slips for ever"
            plug(second)
            assert watched.until_state(PrinterState.READY)
            assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.CONFIRMED
    finally:
        node.unlink(missing_ok=True)
        for port in (first, second):
            port.unplug()
            port.machine.close()


def babbler(text: bytes) -> Callable[[socket.socket], None]:
    """Return a device that says its text all the time, whatever it is asked."""

    def talk(server: socket.socket) -> None:
        while True:
            with contextlib.suppress(OSError):
                line, _ = server.accept()
                with line:
                    while True:
                        line.sendall(text)
                        time.sleep(0.005)
            if server.fileno() < 0:
                return

    return talk


@pytest.mark.parametrize(
    "text", [b"\x12", b"ST,GS,+ 12.345kg\r\n", bytes(range(256))], ids=["fine", "scale", "bytes"]
)
def test_a_device_that_talks_all_the_time_is_no_printer(text: bytes) -> None:
    """Each of its bytes could be part of an answer, even of the best one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=babbler(text), args=(server,), daemon=True).start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with Watched(address, start_seconds=1.0, answer_seconds=0.3) as watched:
            assert watched.spooler.print(Slip("P001")).wait(30) is JobState.FAILED
            assert not any(state.can_print for state in watched.states)


@pytest.mark.parametrize(("profile", "is_told"), [("TM-T20II", True), ("TM-T88V", False), ("default", False)])
def test_another_model_than_the_profiles_is_told_once_in_the_log(
    caplog: pytest.LogCaptureFixture, printer: VirtualPrinter, profile: str, is_told: bool
) -> None:
    with caplog.at_level(logging.WARNING), Watched(printer.address, profile=profile) as watched:
        for number in ("P001", "P002"):
            assert watched.spooler.print(Slip(number)).wait(30) is JobState.CONFIRMED
    said = [record.getMessage() for record in caplog.records if "calls itself" in record.getMessage()]
    assert said == (["printer: it calls itself TM-T88V, its profile is TM-T20II"] if is_told else [])


@pytest.mark.parametrize(
    ("model", "profile", "fits"),
    [
        ("TM-T20II", "TM-T20II-42col", True),
        ("TM-T88V Series", "TM-T88V", True),
        ("tm t88v", "TM-T88V", True),
        ("TM-T88IV", "TM-T88V", False),
        ("SRP-350", "simple", True),
    ],
)
def test_a_name_fits_its_profile(model: str, profile: str, fits: bool) -> None:
    assert is_of_profile(model, profile) is fits
