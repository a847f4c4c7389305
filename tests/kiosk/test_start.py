"""The kiosk as a program of its own: quick to its first screen, ended by a signal, plain about wrong settings."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.test_presenter import Office
from tests.terminal.fake_server import FakeServer

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("escpos", "numpy", "PySide6.QtMultimedia", "zbar")


@pytest.fixture
def config(tmp_path: Path, server: FakeServer) -> Path:
    office = Office()
    server.answer = office.answer
    server.office = office
    (tmp_path / "kiosk.token").write_text("a-token\n")
    file = tmp_path / "config.toml"
    file.write_text(f'[kiosk]\nserver_url = "{server.url}"\ntoken_file = "kiosk.token"\n')
    return file


def run(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kiosk", *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_what_takes_long_to_load_waits_for_the_first_screen() -> None:
    look = f"import sys, kiosk.__main__; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sigterm_ends_the_full_screen(config: Path, server: FakeServer, qtbot) -> None:
    with run("--config", str(config)) as kiosk:
        qtbot.waitUntil(lambda: bool(server.office.statuses), timeout=20_000)
        kiosk.send_signal(signal.SIGTERM)
        assert kiosk.wait(10) == 0
        assert "Traceback" not in kiosk.stderr.read()


def test_a_printer_that_cannot_be_is_told_in_one_sentence(config: Path) -> None:
    config.write_text(config.read_text() + '[kiosk.printer]\ndevice = "tcp:printer"\n')
    with run("--config", str(config)) as kiosk:
        assert kiosk.wait(20) == 1
        told = kiosk.stderr.read().strip().splitlines()
    assert told[-1].startswith("[kiosk.printer]")
    assert "Traceback" not in told[0]
