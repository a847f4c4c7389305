"""The doctor finds what is missing, says how to mend it, and speaks even where nothing is set up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from deploy.doctor import devices, machine
from deploy.doctor.__main__ import findings
from deploy.doctor.finding import Level, ok
from server.store.key_file import add_key, create_key_file
from wire.settings import (
    PortalSettings,
    PrinterSettings,
    ScannerSettings,
    ServerSettings,
    SpeechSettings,
    SpeechVoices,
)

ROOT = Path(__file__).resolve().parents[2]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def deaf() -> Iterator[int]:
    """Give a port on which nobody listens, for as long as the test holds it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


# What the server says when it is asked whether it is ready.
READY = [b""]


@pytest.fixture
def server() -> Iterator[tuple[str, list[int]]]:
    answers = [200]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers[0] if self.path == "/readyz" else 404)
            self.end_headers()
            self.wfile.write(READY[0])

        def log_message(self, *words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", answers
        http.shutdown()
        thread.join()


def test_a_printer_on_the_network_is_reached_or_not(listening: int, deaf: int) -> None:
    there = devices.look_at_printer("kiosk", PrinterSettings(device=f"tcp://127.0.0.1:{listening}"))
    gone = devices.look_at_printer("kiosk", PrinterSettings(device=f"tcp://127.0.0.1:{deaf}"))
    assert there.level is Level.OK
    assert gone.level is Level.BROKEN
    assert "is it on" in gone.mend


@pytest.mark.parametrize(
    ("device", "level", "said"),
    [
        ("", Level.OK, "no kiosk printer is set"),
        ("virtual:", Level.OK, "virtual"),
        ("serial:///dev/no-such-printer?baud=19200", Level.BROKEN, "there is no /dev/no-such-printer"),
        ("file:///dev/null", Level.OK, "file:///dev/null"),
        ("usb://ffff:fffe", Level.BROKEN, "not connected"),
        ("cups://no-such-queue", Level.BROKEN, "CUPS"),
    ],
)
def test_other_printers(device: str, level: Level, said: str) -> None:
    finding = devices.look_at_printer("kiosk", PrinterSettings(device=device))
    assert finding.level is level
    assert said in finding.what


def test_a_device_that_may_not_be_opened_names_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    finding = next(devices.look_at_scanners(ScannerSettings(serial="/dev/tty")))
    assert finding.level is Level.BROKEN
    assert "usermod -aG dialout" in finding.mend


@pytest.mark.parametrize(
    ("scanner", "level", "said"),
    [
        (ScannerSettings(prefix="%"), Level.OK, "prefix '%' is taken off"),
        (ScannerSettings(suffix="#"), Level.OK, "suffix '#' is taken off"),
        (ScannerSettings(prefix="48"), Level.NOTE, "codes of ours may have"),
        (ScannerSettings(prefix="nq1:"), Level.NOTE, "codes of ours may have"),
        (ScannerSettings(suffix="END"), Level.NOTE, "codes of ours may have"),
    ],
)
def test_what_a_scanner_adds_should_not_be_a_part_of_a_code(
    scanner: ScannerSettings, level: Level, said: str
) -> None:
    (finding,) = devices.look_at_scanners(scanner)
    assert (finding.level, said in finding.what) == (level, True)
    assert not list(devices.look_at_scanners(ScannerSettings()))


def test_voices_are_there_with_what_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "bin"
    there.mkdir()
    for name in ("espeak-ng", "pipewire-pulse", "piper"):
        (there / name).touch(0o755)
    monkeypatch.setenv("PATH", str(there))
    assert list(devices.look_at_voices(SpeechSettings())) == []
    voice = tmp_path / "pl.onnx"
    given = SpeechSettings(voices=SpeechVoices(pl=voice))
    voice.touch()
    lacking, _ = devices.look_at_voices(given)
    assert (lacking.level, lacking.what) == (Level.BROKEN, f"the voice for pl: there is no {voice}.json")
    (tmp_path / "pl.onnx.json").touch()
    (whole,) = devices.look_at_voices(given)
    assert (whole.level, whole.what) == (Level.OK, "neural voices for pl")
    monkeypatch.setenv("PATH", str(tmp_path))
    silent, mute, without = devices.look_at_voices(given)
    assert (mute.level, mute.what) == (Level.NOTE, "no PulseAudio or PipeWire here: nothing is heard")
    assert "apt-get install espeak-ng" in silent.mend
    assert without.what == "voices are given and there is no program piper"


def test_a_server_is_ready_ill_or_silent(server: tuple[str, list[int]], deaf: int) -> None:
    url, answers = server
    (ready,) = devices.look_at_server(url, enrolled=True)
    assert ready.level is Level.OK
    answers[0] = 503
    (ill,) = devices.look_at_server(url, enrolled=False)
    assert (ill.level, ill.what) == (Level.BROKEN, f"the server at {url} answers 503")
    silent = f"http://127.0.0.1:{deaf}"
    assert [each.level for each in devices.look_at_server(silent, enrolled=False)] == [Level.NOTE]
    assert [each.level for each in devices.look_at_server(silent, enrolled=True)] == [Level.BROKEN]


def test_a_server_that_cannot_serve_is_broken_part_by_part(
    server: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, answers = server
    answers[0] = 503
    said = b'{"facts":{"parts":{"disk":"full","database":"read_only","outbox":"stuck"}}}'
    monkeypatch.setitem(globals(), "READY", [said])
    found = list(devices.look_at_server(url, enrolled=True))
    assert [each.level for each in found] == [Level.BROKEN, Level.BROKEN]
    assert "its disk is full" in found[0].what
    assert "point database_url at the primary" in found[1].mend


def test_what_warns_of_a_server_is_noted_and_breaks_nothing(
    server: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = server
    monkeypatch.setitem(
        globals(), "READY", [b'{"status":"ready","parts":{"disk":"low","outbox":"stuck","office":"ok"}}']
    )
    ready, *noted = devices.look_at_server(url, enrolled=True)
    assert ready.level is Level.OK
    assert [each.level for each in noted] == [Level.NOTE, Level.NOTE]
    assert "nearly full" in noted[0].what
    assert "show-counts" in noted[1].mend


def test_what_the_office_owes_its_pages_is_noted_and_breaks_nothing(
    server: tuple[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = server
    monkeypatch.setitem(globals(), "READY", [b'{"status":"ready","not_stated":["publisher.name"]}'])
    ready, unstated = devices.look_at_server(url, enrolled=True)
    assert (ready.level, unstated.level) == (Level.OK, Level.NOTE)
    assert "publisher.name" in unstated.what
    assert "docs/office.md" in unstated.mend
    monkeypatch.setitem(globals(), "READY", [b'{"status":"ready","review_due":["statement by 2027-03-31"]}'])
    ready, due = devices.look_at_server(url, enrolled=True)
    assert (ready.level, due.level) == (Level.OK, Level.NOTE)
    assert "a yearly review is due: statement by 2027-03-31" in due.what
    monkeypatch.setitem(globals(), "READY", [b'{"status":"ready","shut_off":["wroclaw/P: x"]}'])
    assert [each.level for each in devices.look_at_server(url, enrolled=True)] == [Level.BROKEN]


def test_keys_that_others_can_read_are_broken(tmp_path: Path) -> None:
    file, fine = tmp_path / "numerek.key", "the secret keys are their owner's only"
    settings = ServerSettings.model_validate({"secrets_file": str(file)})
    assert devices.look_at_secrets(settings).level is Level.NOTE
    create_key_file(file)
    assert devices.look_at_secrets(settings) == ok(f"{fine}; the newest is 0 days old")
    add_key(file, datetime.now(UTC) - timedelta(days=400))
    assert devices.look_at_secrets(settings) == ok(f"{fine}; the newest is 400 days old")
    file.chmod(0o644)
    assert devices.look_at_secrets(settings).mend == f"chmod 600 {file}"


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.BROKEN), (10**9, Level.NOTE), (10**11, Level.OK)])
def test_room_on_the_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, free))
    assert machine.look_at_disk(tmp_path / "not" / "there" / "yet").level is level


def test_missing_packages_are_named_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    machine_has = "installed espeak-ng \nunknown fonts-inter \ninstalled libcups2t64 libcups2 (= 2.4.10-3)\n"

    def told(*command: str) -> str:
        # Asked for one by name, dpkg keeps silent of what another only provides.
        return machine_has if command[:2] == ("dpkg-query", "-W") and len(command) == 3 else ""

    monkeypatch.setattr(machine, "told", told)
    finding = machine.look_at_packages()
    assert finding.level is Level.BROKEN
    assert "fonts-inter" in finding.mend
    assert " espeak-ng" not in finding.mend
    assert "libcups2" not in finding.mend  # Debian 13 has it under another name


def test_missing_typefaces_name_their_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine, "told", lambda *command: "Inter,Inter Medium\nNoto Sans\n")
    (finding,) = machine.look_at_typefaces()
    assert finding.mend == "as root: apt-get install fonts-noto-core"


@pytest.mark.parametrize(
    ("found", "level"),
    [((3, 10, 9), Level.BROKEN), ((3, 11, 0), Level.OK), ((3, 13, 9), Level.OK), ((3, 14, 0), Level.BROKEN)],
)
def test_the_python_that_does_not_fit_is_named(
    found: tuple[int, ...], level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", found)
    finding = machine.look_at_python()
    assert finding.level is level
    assert finding.what.startswith("Python " + ".".join(map(str, found)))


def test_libraries_of_another_version_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "version", lambda name: "0.0.1")
    finding = machine.look_at_libraries()
    assert "flask" in finding.what
    assert finding.mend == "./numerek setup"


def test_wrong_settings_are_told_and_end_the_look(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[server]\nprot = 1\n")
    last = list(findings(file))[-1]
    assert last.level is Level.BROKEN
    assert "did you mean 'server.port'?" in last.what


def test_it_speaks_without_any_set_up() -> None:
    bare = [sys.executable, "-S", "-E", "-m", "deploy.doctor"]
    done = subprocess.run(bare, cwd=ROOT, env={}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "./numerek setup" in done.stdout
    assert done.stderr == ""


def test_the_age_of_the_table_of_countries_is_told(tmp_path: Path) -> None:
    fresh = devices.look_at_countries(PortalSettings(), date(2026, 11, 1))
    assert fresh.level is Level.OK
    assert "the table of countries is of 20" in str(fresh)
    assert devices.look_at_countries(PortalSettings(), date(2040, 1, 1)).level is Level.NOTE
    broken = tmp_path / "c.mmdb"
    broken.write_bytes(b"nothing")
    found = devices.look_at_countries(PortalSettings(country_file=broken), date(2026, 11, 1))
    assert found.level is Level.BROKEN
    assert "c.mmdb" in str(found)
