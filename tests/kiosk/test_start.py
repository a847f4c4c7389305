"""The kiosk as a program of its own: quick to its first screen, ended by a signal, plain about wrong settings."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.__main__ import Running, _printer, add_options
from kiosk.scanners.trial import keep_gap_ms
from terminal.launch import start
from tests.kiosk.test_presenter import Office
from tests.terminal.fake_server import FakeServer
from wire.vocabulary import DeviceRole

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
    # As from a script with `&`, which hands on an ignored SIGINT.
    command = ["env", "--ignore-signal=INT", sys.executable, "-m", "kiosk", *options]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def test_what_takes_long_to_load_waits_for_the_first_screen() -> None:
    look = f"import sys, kiosk.__main__; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_full_screen(
    config: Path, server: FakeServer, qtbot, number: signal.Signals
) -> None:
    with run("--config", str(config)) as kiosk:
        qtbot.waitUntil(lambda: bool(server.office.statuses), timeout=20_000)
        kiosk.send_signal(number)
        assert kiosk.wait(10) == 0
        assert "Traceback" not in kiosk.stderr.read()


def test_a_printer_that_cannot_be_is_told_in_one_sentence(config: Path) -> None:
    config.write_text(config.read_text() + '[kiosk.printer]\ndevice = "tcp:printer"\n')
    with run("--config", str(config)) as kiosk:
        assert kiosk.wait(20) == 1
        told = kiosk.stderr.read().strip().splitlines()
    assert told[-1].startswith("[kiosk.printer]")
    assert "Traceback" not in told[0]


def test_the_scanner_test_is_opened_by_an_option_and_what_it_kept_counts(config: Path, window, texts) -> None:
    keep_gap_ms(config.with_name("kiosk.scanner"), 130)
    station = start(DeviceRole.KIOSK, ["--config", str(config), "--scanner-test", "--window"], add_options)
    running = Running(station, _printer(station), texts, window)
    try:
        assert running.scanner_test.page is not None
        assert running.scanners.gap_ms == 130
    finally:
        running.stop()
