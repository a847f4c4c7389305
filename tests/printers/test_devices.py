"""Addresses name devices or are refused; links count bytes exactly and never wait for ever."""

from __future__ import annotations

import os
import socket
import sys
import time
import types
from pathlib import Path

import pytest

from printers import JobState, PrinterSettings, PrinterState, Slip
from printers.devices import AddressError, LinkError, open_link, parse_address
from printers.devices.cups_queue import state_of
from printers.encode import encode
from tests.printers.samples import SLIPS, Watched


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "it does not begin with a kind"),
        ("printer", "it does not begin with a kind"),
        ("tpc://host", "kind 'tpc' is unknown"),
        ("tcp://", "host and port"),
        ("tcp://host:0", "host and port"),
        ("tcp://host:70000", "tcp://host:9100"),
        ("tcp://host:port", "tcp://host:9100"),
        ("tcp://host:9100/queue", "host and port"),
        ("virtual:abc", "port is no number"),
        ("serial://ttyUSB0", "three slashes"),
        ("file:lp0", "three slashes"),
        ("usb:", "name of the device is missing"),
        ("cups:", "name of the device is missing"),
    ],
)
def test_a_wrong_address_is_refused_with_what_is_allowed(address: str, reason: str):
    with pytest.raises(AddressError, match="allowed: ") as error:
        parse_address(address)
    assert reason in str(error.value)
    assert repr(address) in str(error.value)


def test_virtual_is_a_port_of_this_machine():
    assert parse_address("virtual:").netloc == "127.0.0.1:9100"
    assert parse_address("virtual:9123").netloc == "127.0.0.1:9123"


@pytest.mark.parametrize(
    "address",
    [
        "tcp://127.0.0.1:1",
        "serial:///dev/no-such-line",
        "serial:///dev/null",
        "file:///no/such/folder/lp0",
        "usb://dead:beef",
        "cups://no-such-queue",
    ],
)
def test_a_device_that_is_not_there_is_said_to_be_missing(address: str):
    with pytest.raises(LinkError):
        open_link(address, 0.5)


@pytest.mark.parametrize("address", ["serial:///dev/ttyS0?bauds=1", "usb://printer"])
def test_wrong_options_are_refused(address: str):
    with pytest.raises(AddressError):
        open_link(address, 0.5)


def test_a_printer_that_reads_nothing_takes_little_and_stops_no_one():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link = open_link(f"tcp://127.0.0.1:{server.getsockname()[1]}", 1.0)
        begun = time.monotonic()
        taken = sum(link.write(bytes(100_000), 0.05) for _ in range(20))
        assert taken < 1_000_000
        assert link.write(b"x", 0.05) == 0
        assert link.read(0.01) == b""
        # Without bounds the first write would wait for ever.
        assert time.monotonic() - begun < 30
        link.close()


def test_a_closed_connection_is_a_link_error():
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = open_link(f"tcp://127.0.0.1:{server.getsockname()[1]}", 1.0)
        server.accept()[0].close()
        with pytest.raises(LinkError, match="closed"):
            link.read(1.0)
        link.close()


def test_a_file_keeps_the_bytes_and_is_never_confirmed(tmp_path: Path):
    with Watched(f"file://{tmp_path}/slip.escpos") as watched:
        assert watched.spooler.print(SLIPS["pl"]).wait(30) is JobState.ASSUMED
    assert (tmp_path / "slip.escpos").read_bytes().startswith(b"\x1b@")


def test_a_device_node_is_read_and_written():
    outer, inner = os.openpty()
    try:
        link = open_link(f"file://{os.ttyname(inner)}", 0.5)
        assert link.answers
        assert link.write(b"abc", 0.5) == 3
        assert os.read(outer, 3) == b"abc"
        assert link.read(0.01) == b""
        link.close()
    finally:
        os.close(outer)
        os.close(inner)


@pytest.mark.parametrize(
    ("state", "reasons", "meaning"),
    [
        (3, ["none"], PrinterState.READY),
        (3, ["media-low-warning"], PrinterState.PAPER_LOW),
        (5, ["media-empty-error", "cover-open"], PrinterState.PAPER_OUT),
        (5, ["cover-open-error"], PrinterState.COVER_OPEN),
        (5, ["paused"], PrinterState.OFFLINE),
        (5, ["cutter-failed-error"], PrinterState.ERROR),
        (5, ["none"], PrinterState.OFFLINE),
    ],
)
def test_what_cups_says_means(state: int, reasons: list[str], meaning: PrinterState):
    assert state_of(state, reasons) is meaning


class FakeCups(types.ModuleType):
    """The part of pycups that is used, with a queue called slips."""

    CUPS_FORMAT_RAW = "application/vnd.cups-raw"

    class IPPError(Exception):
        pass

    class HTTPError(Exception):
        pass

    def __init__(self) -> None:
        super().__init__("cups")
        self.reasons = ["none"]
        self.refuses = 0
        self.jobs: list[bytes] = []

    def Connection(self) -> FakeCups:
        return self

    def getPrinters(self) -> dict[str, object]:
        return {"slips": {}}

    def getPrinterAttributes(self, queue: str, requested_attributes: list[str]) -> dict[str, object]:
        return {"printer-state": 3, "printer-state-reasons": self.reasons}

    def createJob(self, queue: str, title: str, options: dict) -> int:
        if self.refuses:
            self.refuses -= 1
            raise self.IPPError("busy")
        return 7

    def startDocument(self, *arguments: object) -> int:
        return 1

    def writeRequestData(self, data: bytes, length: int) -> int:
        self.jobs.append(data[:length])
        return 1

    def finishDocument(self, queue: str) -> int:
        return 1


@pytest.fixture
def cups(monkeypatch: pytest.MonkeyPatch) -> FakeCups:
    encode(Slip("P001"), PrinterSettings("cups://slips"))  # python-escpos looks at the real module
    fake = FakeCups()
    monkeypatch.setitem(sys.modules, "cups", fake)
    return fake


def test_a_job_for_cups_goes_out_whole_and_again_if_cups_refused_it(cups: FakeCups):
    cups.refuses = 1
    with Watched("cups://slips") as watched:
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.ASSUMED
    assert len(cups.jobs) == 1
    assert cups.jobs[0].startswith(b"\x1b@")


def test_a_job_for_a_cups_printer_without_paper_fails_unsent(cups: FakeCups):
    cups.reasons = ["media-empty-error"]
    with Watched("cups://slips") as watched:
        assert watched.until_state(PrinterState.PAPER_OUT)
        assert watched.spooler.print(Slip("P001")).wait(30) is JobState.FAILED
    assert not cups.jobs


class FakeEnd:
    """An endpoint that takes packets until it stalls."""

    bEndpointAddress = 0x01
    wMaxPacketSize = 64

    def __init__(self, room: int) -> None:
        self.room, self.taken = room, b""

    def write(self, data: bytes, timeout: int) -> int:
        import usb.core

        assert timeout > 0
        assert len(data) <= self.wMaxPacketSize
        if self.room < len(data):
            raise usb.core.USBTimeoutError("timeout")
        self.room -= len(data)
        self.taken += bytes(data)
        return len(data)


def test_a_usb_printer_that_stalls_is_counted_to_the_packet():
    from printers.devices.usb_bulk import UsbLink

    end = FakeEnd(room=640)
    link = UsbLink(object(), end, None)
    assert not link.answers
    assert link.write(bytes(range(256)) * 4, 0.1) == 640
    assert end.taken == (bytes(range(256)) * 4)[:640]
    assert link.read(0.1) == b""
