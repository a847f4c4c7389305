"""The hall in windows, as a person opens it: programs as child processes, ended together."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.demo.children import ROOT
from deploy.demo.folder import DemoFolder

PATIENCE_SECONDS = 60
SERVER = "127.0.0.1"


def wait_for(seen: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again, for as long as allowed."""
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@dataclass
class OpenHall:
    """A demo that runs."""

    process: subprocess.Popen[bytes]
    folder: DemoFolder
    said: Path

    def text(self) -> str:
        return self.said.read_text()

    def children(self) -> list[int]:
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(line) for line in found.stdout.split()]

    def facts(self, kind: str) -> int:
        with sqlite3.connect(self.folder.root / "numerek.db") as database:
            (count,) = database.execute("select count(*) from fact where type = ?", (kind,)).fetchone()
        database.close()
        return count


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server((SERVER, 0)) as taken:
        yield taken.getsockname()[1]


@pytest.fixture
def hall(tmp_path: Path, taken_port: int, request: pytest.FixtureRequest) -> Iterator[OpenHall]:
    """Open a hall, with SIGINT as the shell's foreground has it or as the test's parameter says."""
    said = tmp_path / "said"
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":none", "PYTHONPATH": str(ROOT)}
    command = [
        "env",
        getattr(request, "param", "--default-signal=INT"),
        sys.executable,
        "-m",
        "deploy.demo",
        "--data",
        str(tmp_path / "data"),
        "--port",
        str(taken_port),
    ]
    with said.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
    hall = OpenHall(process, DemoFolder(tmp_path / "data"), said)
    try:
        wait_for(lambda: "Ctrl+C" in hall.text() or process.poll() is not None, "the hall is open")
        yield hall
    finally:
        process.terminate()
        process.wait(30)


# A script that starts the hall with `&` hands it an ignored SIGINT.
@pytest.mark.parametrize("hall", ["--default-signal=INT", "--ignore-signal=INT"], indirect=True)
def test_a_hall_opens_serves_a_scan_and_ends_with_ctrl_c(hall: OpenHall, taken_port: int) -> None:
    said = hall.text()
    first, *lines = said.splitlines()
    assert first.startswith(f"Port {taken_port} is taken")
    assert len(lines) == 9, said
    shown = re.search(r"type (\d{3} \d{3} \d{3}) ", said)
    assert shown is not None
    assert shown[1].replace(" ", "") in {each["code"] for each in hall.folder.admitted()}
    wait_for(lambda: hall.facts("clerk.signed_in") == 1, "the clerk is signed in without typing")
    scan = re.search(r"cp (\S+) (\S+)", said)
    assert scan is not None
    # The kiosk remembers what lies in the folder when it starts: only what comes later is held before it.
    wait_for(lambda: hall.facts("device.reported") > 0, "the kiosk has started")
    slips = len(list(hall.folder.slips.glob("*.png")))
    copies = iter(range(50))

    def held_up() -> bool:
        shutil.copy(scan[1], f"{scan[2]}{next(copies)}.png")
        time.sleep(1)
        return len(list(hall.folder.slips.glob("*.png"))) > slips

    wait_for(held_up, "the slip came out")
    children = hall.children()
    assert len(children) == 6
    hall.process.send_signal(signal.SIGINT)
    assert hall.process.wait(30) == 0
    assert hall.text().splitlines()[-1] == "The hall closes."
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_program_that_dies_is_named_and_ends_the_hall(hall: OpenHall) -> None:
    children = hall.children()
    board = next(pid for pid in children if b"board" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(board, signal.SIGKILL)
    assert hall.process.wait(30) == 1
    assert "The board ended with code -9. Its last lines:" in hall.text()
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []
