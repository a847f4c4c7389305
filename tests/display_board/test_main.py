"""The whole program as it is started on a board's machine: it connects, and ends when it is told."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.display_board.samples import call

ROOT = Path(__file__).parents[2]

# A script that starts it with `&` hands on an ignored SIGINT.
AS_FROM_A_SCRIPT = ("env", "--ignore-signal=INT")


@pytest.fixture(params=[[], ["--window", "--hall", "A", "--high-contrast"]], ids=["full_screen", "window"])
def program(request, office, tmp_path):
    """Give the running program, connected to the fake office."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[board]\nserver_url = "{office.server.url}"\ntoken_file = "board.token"\n[speech]\nfolder = "heard"\n'
    )
    (tmp_path / "board.token").write_text("a-token\n")
    started = subprocess.Popen(
        [*AS_FROM_A_SCRIPT, sys.executable, "-m", "display_board", "--config", str(config), *request.param],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_announces_and_ends_on_a_signal(qtbot, office, program, tmp_path, number):
    office.call(call(1))
    remembered = tmp_path / "board.announced.json"
    qtbot.waitUntil(remembered.exists, timeout=20_000)
    qtbot.waitUntil(lambda: bool(list((tmp_path / "heard").glob("0002-pl.wav"))), timeout=20_000)
    program.send_signal(number)
    output, _ = program.communicate(timeout=10)
    assert program.returncode == 0
    assert "Traceback" not in output
    said = [json.loads(line)["text"] for line in (tmp_path / "heard/spoken.jsonl").read_text().splitlines()]
    assert said[:2] == ["", "pe jeden, stanowisko siedem"]


def test_a_display_over_a_counter_is_never_heard(qtbot, office, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(
        f'[board]\nserver_url = "{office.server.url}"\ntoken_file = "board.token"\n[speech]\nfolder = "heard"\n'
    )
    (tmp_path / "board.token").write_text("a-token\n")
    command = [sys.executable, "-m", "display_board", "--config", str(config), "--window", "--counter", "7"]
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        office.call(call(1))
        qtbot.waitUntil((tmp_path / "board.counter-7.json").exists)
        program.terminate()
        output, _ = program.communicate(timeout=10)
    finally:
        program.kill()
    assert (program.returncode, "Traceback" in output) == (0, False)
    assert not (tmp_path / "heard").exists()


def test_a_turned_board_of_two_halls_and_one_with_media_run_and_end(qtbot, office, tmp_path):
    (tmp_path / "board.token").write_text("a-token\n")
    tables = {
        "halls": 'layout = "portrait"\nhalls = ["A", "A"]\n',
        "media": 'media = [{ file = "none.mp4" }, { text = "Pokój 12" }]\n',
    }
    for name, rows in tables.items():
        config = tmp_path / f"{name}.toml"
        config.write_text(
            f'[board]\nserver_url = "{office.server.url}"\ntoken_file = "board.token"\n{rows}'
            '[speech]\nfolder = "heard"\n'
        )
        looks = office.looks
        started = subprocess.Popen(
            [sys.executable, "-m", "display_board", "--config", str(config)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            qtbot.waitUntil(lambda looks=looks: office.looks > looks, timeout=20_000)
            qtbot.wait(1500)
            started.send_signal(signal.SIGTERM)
            output, _ = started.communicate(timeout=10)
        finally:
            started.kill()
        assert (started.returncode, "Traceback" in output) == (0, False), output
        assert ("none.mp4 does not play" in output) == (name == "media")
