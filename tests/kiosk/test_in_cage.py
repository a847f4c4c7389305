"""The kiosk as deploy/systemd starts it: the only program of cage, here without a screen or a seat."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kiosk.test_presenter import Office
from tests.systemd import Listening, listening
from tests.terminal.fake_server import FakeServer
from tests.x_screen import ROOT, lacking, until

# cage does not run as root, so root takes another number there.
AS_SOMEBODY = ("unshare", "--user", "--map-user=1000", "--map-group=1000") if os.getuid() == 0 else ()
MAY_BE_SOMEBODY = (
    not AS_SOMEBODY or subprocess.run([*AS_SOMEBODY, "true"], capture_output=True).returncode == 0
)
LACKS = lacking("cage") or ("" if MAY_BE_SOMEBODY else "a user namespace")
pytestmark = pytest.mark.skipif(bool(LACKS), reason=f"not on this machine: {LACKS}")


def test_the_kiosk_covers_the_whole_screen_and_beats_through_cage(tmp_path: Path, server: FakeServer) -> None:
    office = Office()
    server.answer = office.answer
    (tmp_path / "kiosk.token").write_text("a-token\n")
    config = tmp_path / "config.toml"
    config.write_text(f'[kiosk]\nserver_url = "{server.url}"\ntoken_file = "kiosk.token"\n')
    # cage's own screen, where there is none, is as large as that: 1280 to 720.
    place = tmp_path / "run"
    place.mkdir(mode=0o700)
    env = os.environ | {
        **{"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"},
        **{
            "WAYLAND_DEBUG": "1",
            "XDG_RUNTIME_DIR": str(place),
            "HOME": str(place),
            "QT_QPA_PLATFORM": "wayland",
        },
    }
    said = tmp_path / "wayland.log"
    with listening(place / "notify", watchdog_seconds=1) as systemd:
        _run_in_cage(config, env | systemd.environment, said, office, systemd)


def _run_in_cage(config: Path, env: dict[str, str], said: Path, office: Office, systemd: Listening) -> None:
    started = [*AS_SOMEBODY, "cage", "--", sys.executable, "-m", "kiosk", "--config", str(config)]
    with said.open("wb") as log, subprocess.Popen(started, cwd=ROOT, env=env, stderr=log) as cage:
        try:
            until(lambda: bool(office.statuses))
            until(lambda: drawn(said) == (1280, 720))
            until(lambda: {"READY=1", "WATCHDOG=1"} <= set(systemd.heard()))
        finally:
            cage.terminate()


def drawn(said: Path) -> tuple[int, int] | None:
    """Return the size of the last picture that the kiosk gave cage while cage held it full screen."""
    lines = said.read_text(errors="replace")
    _, is_full, since = lines.rpartition("set_fullscreen(")
    size = re.findall(r"create_buffer\(new id wl_buffer@\d+, 0, (\d+), (\d+),", lines)
    is_told = re.search(r"xdg_toplevel@\d+\.configure\(1280, 720,", since)
    return (int(size[-1][0]), int(size[-1][1])) if is_full and is_told and size else None
