"""The wheel: everything that the programs read is in it, and the clerk's program runs from it alone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.borders import ROOMS
from tests.house.test_requirements import normal
from tests.house.tracked import ROOT, tracked_files
from tests.terminal.fake_server import Exchange, FakeServer
from tests.terminal.test_launch import enrolled
from wire.version import VERSION
from wire.vocabulary import DeviceRole

NAME_OF = re.compile(r"[^\[=<>~ ]+")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what is tracked."""
    folder = tmp_path_factory.mktemp("source")
    for file in tracked_files():
        if file.parts[0] in (*ROOMS, "deploy") or len(file.parts) == 1:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file, folder / file)
    out = folder / "out"
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(out), str(folder))
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, which borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    pip("--python", str(folder / "bin/python"), "install", "--no-deps", "--no-index", str(wheel))
    (packages,) = folder.glob("lib/*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return folder


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Give a server that enrols a counter."""
    fake = FakeServer(lambda exchange: exchange.reply(404))
    yield fake
    fake.stop()


def pip(*words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def command(place: Path, home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """Give a command that sees nothing of the source tree, and its environment."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environ |= {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_CONFIG_HOME": str(home / "settings")}
    return [str(place / "bin/numerek-counter"), *words], environ


def test_all_that_the_programs_read_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(file) for file in tracked_files() if file.parts[0] in ROOMS and file.suffix != ".po"}
    assert wanted - inside == set()
    assert {name for name in inside if name.startswith(("tests/", "bench/", "deploy/demo"))} == set()


@pytest.mark.parametrize(
    ("option", "said"), [("--help", "numerek counter"), ("--version", f"numerek {VERSION}\n")]
)
def test_the_clerks_program_tells_its_options_and_its_version(
    place: Path, tmp_path: Path, option: str, said: str
) -> None:
    words, environ = command(place, tmp_path, option)
    done = subprocess.run(words, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert said in done.stdout


def test_the_package_has_the_version_that_the_programs_tell(wheel: Path) -> None:
    assert wheel.name.startswith(f"numerek-{VERSION}-")


def test_the_clerks_program_enrols_and_runs_from_the_wheel_alone(
    place: Path, tmp_path: Path, server: FakeServer
) -> None:
    own = tmp_path / "settings/numerek"
    own.mkdir(parents=True)
    (own / "config.toml").write_text(f'[counter]\nserver_url = "{server.url}"\n')
    runs = threading.Event()

    def answer(exchange: Exchange) -> None:
        if exchange.path.endswith("/enrol"):
            return exchange.reply(201, enrolled(DeviceRole.COUNTER))
        assert exchange.headers["Authorization"] == "Bearer secret-token"
        runs.set()
        return exchange.reply(404)

    server.answer = answer
    words, environ = command(place, tmp_path, "--enrol", "ABCD-EFGH")
    program = subprocess.Popen(words, env=environ, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        assert runs.wait(60)
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
    finally:
        program.kill()
        _, said = program.communicate()
    assert "Traceback" not in said
    token = own / "data/counter.token"
    assert (token.read_text().strip(), token.stat().st_mode & 0o777) == ("secret-token", 0o600)


def test_the_wheel_asks_for_the_libraries_of_the_lists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {each for extra in project["optional-dependencies"].values() for each in extra}
    asked |= set(project["dependencies"])
    lines = (ROOT / "deploy/requirements/requirements.in").read_text().splitlines()
    listed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    assert asked - listed == set()
    # The name PySide6 alone stands for both of its parts.
    assert {normal(NAME_OF.match(each)[0]) for each in listed - asked} == {"pyside6"}
