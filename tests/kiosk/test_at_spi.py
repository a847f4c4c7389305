"""On a real session: an X server, a session bus, AT-SPI, and the kiosk as a program of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.samples import CODE
from tests.kiosk.test_presenter import Office
from tests.terminal.fake_server import FakeServer

ROOT = Path(__file__).resolve().parents[2]
READER = Path(__file__).with_name("at_spi_reader.py")
DEBIANS_PYTHON = "/usr/bin/python3"
SESSION = (
    '"$1" -m kiosk --window --config "$2" & kiosk=$!; "$3" -I "$4" "$5"; code=$?; kill $kiosk; exit $code'
)


def missing() -> str:
    """Name what this machine lacks for a session with AT-SPI."""
    programs = [name for name in ("xvfb-run", "dbus-run-session") if shutil.which(name) is None]
    look = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    if subprocess.run([DEBIANS_PYTHON, "-I", "-c", look], capture_output=True).returncode:
        programs.append("gir1.2-atspi-2.0")
    return ", ".join(programs)


LACKS = missing()


@pytest.mark.skipif(bool(LACKS), reason=f"not on this machine: {LACKS}")
def test_a_screen_reader_finds_every_name_and_role_and_gets_a_ticket(
    tmp_path: Path, server: FakeServer
) -> None:
    office = Office()
    server.answer = office.answer
    (tmp_path / "kiosk.token").write_text("a-token\n")
    config = tmp_path / "config.toml"
    config.write_text(
        f'[kiosk]\nserver_url = "{server.url}"\ntoken_file = "kiosk.token"\ntouch_pause_ms = 0\n'
    )
    env = os.environ | {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    session = [
        "xvfb-run",
        "-a",
        "-s",
        "-screen 0 1080x1920x24",
        "dbus-run-session",
        "--",
        "sh",
        "-c",
        SESSION,
    ]
    names = ["sh", sys.executable, str(config), DEBIANS_PYTHON, str(READER), CODE]
    done = subprocess.run([*session, *names], cwd=ROOT, env=env, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    met = json.loads(done.stdout.splitlines()[-1])
    for screen, things in met.items():
        nameless = [role for role, name in things if role in ("push button", "toggle button") and not name]
        assert (screen, nameless) == (screen, [])
    names_of = {screen: {tuple(each) for each in things} for screen, things in met.items()}
    assert ("push button", "Pomoc") in names_of["start"]
    assert {role for role, name in names_of["start"] if name in ("Polski", "English")} >= {"radio button"}
    assert {("push button", digit) for digit in "0123456789"} <= names_of["code"]
    assert ("label", "P042") in names_of["ticket"]
    assert [path for path, _, _ in office.asked] == ["/api/v1/check-ins"]
