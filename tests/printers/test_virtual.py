"""The virtual printer: reads what python-escpos writes, survives anything, and obeys its console."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from printers.devices import open_link
from printers.virtual import Machine, PtyPort, VirtualPrinter
from printers.virtual.console import HELP, ControlPort, obey
from printers.virtual.paper import Paper
from printers.virtual.parser import first_command
from tests.examples import examples

COMMANDS = st.sampled_from(
    [
        b"\x1b@",
        b"\x1dv0\x00",
        b"\x1d(L",
        b"\x1d8L",
        b"\x1d(k",
        b"\x1d(H",
        b"\x1dV",
        b"\x1dk",
        b"\x1b*",
        b"\x1ba",
        b"\x1da",
        b"\x1dr",
        b"\x1dI",
        b"\x10\x04",
        b"\x10\x14",
        b"\x1bJ",
        b"\x1dP",
        b"\x1d!\xff",
        b"\x1bt",
        b"\x1c",
    ]
)
STREAMS = st.lists(st.one_of(COMMANDS, st.binary(max_size=24)), max_size=40).map(b"".join)


def work_off(data: bytes, paper: Paper) -> list[Image.Image]:
    """Let the paper take all whole commands; return the slips."""
    slips = []
    while data and (command := first_command(data)) is not None:
        assert 0 < command.length <= len(data)
        if command.name == b"\x1dV":
            slips.append(paper.cut())
        else:
            paper.take(command)
        data = data[command.length :]
    slips.append(paper.cut())
    return [slip for slip in slips if slip is not None]


@given(STREAMS)
@settings(max_examples=examples(200))
def test_no_bytes_break_it(data: bytes):
    for slip in work_off(data, Paper(384)):
        assert slip.width == 384
        assert slip.height > 0


@pytest.mark.long
@given(STREAMS)
@settings(max_examples=examples(10_000))
def test_no_bytes_break_it_in_ten_thousand_tries(data: bytes):
    work_off(data, Paper(384))


@given(STREAMS, st.integers(1, 7))
@settings(max_examples=examples(60))
def test_a_machine_takes_any_bytes_in_any_pieces(data: bytes, size: int):
    machine = Machine(384)
    with closing(machine):
        for start in range(0, len(data), size):
            machine.receive(data[start : start + size], lambda _: None)
        assert machine._head.is_alive()


@given(STREAMS)
@settings(max_examples=examples(100))
def test_a_command_is_the_same_however_it_comes(data: bytes):
    whole = first_command(data) if data else None
    for end in range(1, len(data)):
        part = first_command(data[:end])
        if part is not None and part.name != b"text":
            assert part == whole
            break


JOB = b"\x1b@\x1ba\x01after\n\x1dV\x00"


def after_rubbish(rubbish: bytes) -> Image.Image:
    """Return what a job leaves on the paper after bytes that are none, a pending command's data given."""
    paper, rest = Paper(384), rubbish
    while rest and (command := first_command(rest)) is not None:
        paper.take(command)
        rest = rest[command.length :]
    if len(rest) > 1:
        while (command := first_command(rest)) is None:
            rest += bytes(len(rest))
        paper.take(command)
        rest = b""
    paper.cut()
    return work_off(rest + JOB, paper)[0]


@given(st.one_of(STREAMS, st.binary(max_size=60)))
@settings(max_examples=examples(300))
@example(b"\x1b")
@example(b"\x1d\x1b")
@example(b"\x10\x1c")
@example(b"\x1bD\x05\x04")
@example(b"\x1dk\x04ABC")
@example(b"GET / HTTP/1.1\r\nHost: printer\r\n\r\n")
@example(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x1d(L\x02\x00")
def test_after_rubbish_the_next_job_is_printed_as_ever(rubbish: bytes):
    (alone,) = work_off(JOB, Paper(384))
    after = after_rubbish(rubbish)
    bottom = after.crop((0, after.height - alone.height, 384, after.height))
    assert bottom.tobytes() == alone.tobytes()


@pytest.mark.parametrize("rubbish", [b"\x1b", b"\x1d\x1b", b"\x10", b"\x1bD\x05\x04", b"\x1dk\x04ABC"])
def test_a_job_begins_behind_a_command_that_never_became_one(rubbish: bytes):
    (alone,) = work_off(JOB, Paper(384))
    (slip,) = work_off(rubbish + JOB, Paper(384))
    assert slip.tobytes() == alone.tobytes()


def test_what_a_pending_picture_still_lacks_is_taken_from_the_next_job():
    # As on real models: whoever broke off a picture fills it up first.
    pending = b"\x1dv0\x00\x01\x00\xff\x00"
    assert work_off(pending + JOB, Paper(384)) == []
    assert len(work_off(pending + bytes(255) + JOB, Paper(384))) == 1


def printed(write) -> Image.Image:
    import escpos.printer

    printer = escpos.printer.Dummy(profile="TM-T88V")
    write(printer)
    slips = work_off(printer.output, Paper(512))
    assert len(slips) == 1
    return slips[0]


@pytest.mark.parametrize("implementation", ["bitImageRaster", "graphics"])
def test_pictures_come_out_as_they_went_in(implementation: str):
    picture = Image.radial_gradient("L").point(lambda gray: 255 if gray > 90 else 0, mode="1")
    slip = printed(lambda printer: printer.image(picture, impl=implementation))
    assert slip.crop((0, 0, 256, 256)).tobytes() == picture.tobytes()


def test_a_code_of_the_printer_itself_can_be_read():
    slip = printed(lambda printer: printer.qr("NQ1:ABCDEF", size=6, native=True))
    assert [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))] == ["NQ1:ABCDEF"]


def test_text_feeds_and_sizes_leave_dots():
    def write(printer) -> None:
        printer.set(align="center", bold=True, double_height=True)
        printer.textln("Urząd ąęł")
        printer.set_with_default()
        printer.ln(2)
        printer.text("x" * 300)
        printer.print_and_feed(3)

    slip = printed(write)
    assert slip.height > 200
    assert slip.convert("L").histogram()[0] > 500


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(folder=tmp_path / "slips") as virtual:
        yield virtual


def ask(printer: VirtualPrinter, question: bytes, size: int) -> bytes:
    with socket.create_connection(("127.0.0.1", printer.port), 2) as line:
        line.sendall(question)
        found = b""
        while len(found) < size:
            piece = line.recv(64)
            if not piece:
                break
            found += piece
    return found


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", b"\x12\x12\x12\x12"),
        (b"\x1dr\x01", b"\x00"),
        (b"\x1dIC", b"_TM-T88V\x00"),
        (b"\x1da\xff", b"\x10\x00\x00\x0f"),
        (b"\x1d(H\x06\x0000abcd", b"\x37\x22abcd\x00"),
        (b"\x1dv0\x00\x01\x00\x03\x00\x10\x04\x01", b"\x12"),
    ],
)
def test_questions_are_answered_as_real_ones_do(printer: VirtualPrinter, question: bytes, answer: bytes):
    assert ask(printer, question, len(answer)) == answer


def test_slips_are_kept_as_picture_and_bytes(printer: VirtualPrinter, tmp_path: Path):
    job = b"\x1b@hello\n\x1dV\x00"
    with socket.create_connection(("127.0.0.1", printer.port), 2) as line:
        line.sendall(job * 2)
        assert len(printer.machine.wait_for_slips(2, 30)) == 2
    names = sorted(path.name for path in (tmp_path / "slips").iterdir())
    assert names == ["slip-0001.escpos", "slip-0001.png", "slip-0002.escpos", "slip-0002.png"]
    assert (tmp_path / "slips" / "slip-0002.escpos").read_bytes() == job
    with Image.open(tmp_path / "slips" / "slip-0002.png") as picture:
        assert picture.width == 576


def test_the_console_is_obeyed(printer: VirtualPrinter):
    assert obey(printer, "nonsense") == HELP
    assert obey(printer, "slow fast") == "slow wants a number"
    assert obey(printer, "left nan") == "left wants a number"
    assert "paper='out'" in obey(printer, " Paper  OUT ")
    assert ask(printer, b"\x10\x04\x04", 1) == b"\x7e"
    obey(printer, "paper in")
    assert "dots_per_second=50" in obey(printer, "slow 50")
    obey(printer, "die 10")
    assert ask(printer, b"\x10\x04\x01" * 10, 99) in (b"\x12" * 3, b"")
    assert "dead=False" in obey(printer, "revive")
    obey(printer, "slow 0")
    assert ask(printer, b"\x10\x04\x01", 1) == b"\x12"


def test_the_console_listens_on_a_port(printer: VirtualPrinter):
    control = ControlPort(printer)
    with closing(control), socket.create_connection(("127.0.0.1", control.port), 2) as line:
        line.sendall(b"cover open\nstate\n")
        assert "cover_open=True" in line.makefile().readline()
    assert printer.machine.condition.cover_open


def test_a_condition_that_does_not_exist_is_refused(printer: VirtualPrinter):
    with pytest.raises(AttributeError, match="hunger"):
        printer.machine.set(hunger=True)


def test_a_slip_sent_from_outside_is_described_by_json(tmp_path: Path, printer: VirtualPrinter, capsys):
    from printers.__main__ import main

    (tmp_path / "slip.json").write_text(json.dumps({"number": "P042", "office": "Urząd"}))
    device = ["--device", printer.address]
    assert (
        main(["test", *device, "--slip", str(tmp_path / "slip.json"), "--png", str(tmp_path / "p.png")]) == 0
    )
    assert "P042, drawn: confirmed" in capsys.readouterr().out
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.tobytes() == printer.machine.wait_for_slips(1, 30)[0].tobytes()
    assert main(["status", *device]) == 0
    assert "ready (TM-T88V)" in capsys.readouterr().out
    printer.machine.set(paper="out")
    assert main(["status", *device]) == 1
    assert "paper_out" in capsys.readouterr().out


def test_a_known_model_shows_its_own_letters_on_a_second_slip(printer: VirtualPrinter, capsys):
    from printers.__main__ import main

    device = ["--device", printer.address, "--profile", "TM-T20II"]
    assert main(["test", *device]) == 0
    assert "P043, its own letters (CP852): confirmed" in capsys.readouterr().out
    assert main(["test", *device, "--text", "raster"]) == 0
    assert main(["test", "--device", printer.address]) == 0
    assert "P043" not in capsys.readouterr().out
    assert len(printer.machine.wait_for_slips(4, 30)) == 4


def test_a_line_takes_as_long_as_its_speed():
    def seconds(baud: int) -> float:
        with closing(Machine()) as machine:
            port = PtyPort(machine, baud)
            began = time.monotonic()
            with closing(open_link(port.address, 1)) as line:
                assert line.write(bytes(1500), 1) == 1500
                assert machine.wait_for_bytes(1500, 10)
            port.unplug()
            return time.monotonic() - began

    assert seconds(57_600) >= 1500 * 10 / 57_600
    assert seconds(0) < 1500 * 10 / 57_600, "the control: without a speed it is at once"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["status", "--device", "tpc://x"], 2, "allowed: tcp://host:9100"),
        (["status", "--device", "tcp://127.0.0.1:1"], 1, "no connection"),
        (["test", "--device", "virtual:", "--width", "5"], 2, "printer.width_dots"),
        (["virtual", "--profile", "TM-T99"], 2, "printer.profile: 'TM-T99'"),
        (["test", "--device", "virtual:", "--slip", "/no/such.json"], 1, "No such file"),
    ],
)
def test_the_command_line_says_what_is_wrong(arguments: list[str], code: int, says: str, capsys):
    from printers.__main__ import main

    assert main(arguments) == code
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_virtual_printer_ends_on_a_signal_though_a_script_started_it_with_sigint_ignored(
    tmp_path: Path, number: signal.Signals
) -> None:
    command = ["env", "--ignore-signal=INT", sys.executable, "-m", "printers", "virtual", "--port", "0"]
    printer = subprocess.Popen(
        [*command, "--out", str(tmp_path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert printer.stdout is not None
    assert printer.stdout.readline().startswith("virtual printer on ")
    printer.send_signal(number)
    assert printer.wait(30) == 0
    printer.stdout.close()
