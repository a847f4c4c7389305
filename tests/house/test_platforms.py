"""The clerk's program runs on Windows and macOS too: nothing that it imports is of POSIX alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, module_name, tracked_modules
from tests.house.without_posix import ROOMS

# The printer that is played on this machine, and the queue of a system that has CUPS.
ELSEWHERE = ("printers.virtual", "printers.__main__", "printers.devices.cups_queue")


def of_a_desk() -> list[str]:
    names = [module_name(file) for file in tracked_modules() if file.parts[0] in ROOMS]
    return [name for name in names if not name.startswith(ELSEWHERE)]


def imported(*modules: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.house.without_posix", *modules],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def test_the_rooms_of_a_desk_are_imported_without_posix() -> None:
    modules = of_a_desk()
    assert {"counter_client.__main__", "terminal.launch", "printers.devices.serial_line"} <= set(modules)
    done = imported(*modules)
    assert done.returncode == 0, done.stderr


DESK = """
import socket, tempfile
from pathlib import Path
from printers import PrinterSettings, Slip
from printers.devices import open_link
from printers.encode import encode
from terminal.launch import keep_token, read_token

file = Path(tempfile.mkdtemp(), "numerek", "token")
keep_token(file, "a-token")
assert read_token(file) == "a-token"
with socket.create_server(("127.0.0.1", 0)) as printer:
    link = open_link(f"tcp://127.0.0.1:{printer.getsockname()[1]}", 5)
    slip = encode(Slip("A001", "Office"), PrinterSettings(""))
    end, _ = printer.accept()
    assert link.write(slip[:500], 5) == 500
    end.sendall(b"status")
    assert link.read(5) == b"status"
"""


def test_a_desk_keeps_its_token_and_prints_without_posix(tmp_path: Path) -> None:
    (tmp_path / "a_desk.py").write_text(DESK)
    done = imported("a_desk", folder=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import fcntl", "fcntl"),
        ("from os import fork", "fork"),
        ("import signal\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)", "SIGHUP"),
        ("import socket\nsocket.socket(socket.AF_UNIX)", "AF_UNIX"),
        ("import sys\nassert sys.platform != 'win32', 'on Windows'", "on Windows"),
    ],
)
def test_what_needs_posix_is_found(source: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "of_posix.py").write_text(source)
    done = imported("of_posix", folder=tmp_path)
    assert done.returncode == 1
    assert told in done.stderr.splitlines()[-1]
