"""The one command: sets up once, says what it cannot do, and starts what was asked for; on a machine of stubs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from wire.version import VERSION

ROOT = Path(__file__).resolve().parents[2]

PYTHON = r"""#!/bin/bash
# Stands for python3: an interpreter of a given version that notes what it is asked to do.
case "$1" in
    -V) echo "Python ${STUB_VERSION:-3.11.2}" ;;
    -c) [ "${STUB_VERSION:-3.11.2}" = 3.11.2 ] ;;
    -m)
        echo "python $2 ${*:3}" >>"$STUB_NOTES"
        if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
        [ "$2" != pip ] || [ -z "${STUB_PIP_FAILS:-}" ] || { echo "no such release"; exit 1; }
        [ "$2" != deploy.web ] || [ -z "${STUB_WEB_FAILS:-}" ] || { echo "no such package"; exit 1; }
        ;;
esac
"""
DPKG = r"""#!/bin/bash
for word; do case "$word" in -*) ;; ${STUB_MISSING:-nothing}) ;; *) echo "installed $word" ;; esac; done
"""
NOTED = '#!/bin/bash\necho "${0##*/} $*" >>"$STUB_NOTES"\n'


class Machine:
    """A machine of stubs with a copy of the command."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a place"
        self.stubs = folder / "stubs"
        self.notes = folder / "notes"
        self.notes.touch()
        for folder in ("deploy/requirements", "deploy/web"):
            shutil.copytree(ROOT / folder, self.root / folder)
        shutil.copy(ROOT / "numerek", self.root)
        self.stubs.mkdir()
        for name, text in (("python3", PYTHON), ("dpkg-query", DPKG), ("apt-get", NOTED)):
            self.put(name, text)
        self.put("sudo", "#!/bin/bash\nexit 1\n")

    def put(self, name: str, text: str) -> None:
        (self.stubs / name).write_text(text)
        (self.stubs / name).chmod(0o755)

    def command(self, *words: str, **environ: str) -> tuple[list[str], dict[str, str]]:
        base = {"PATH": f"{self.stubs}:/usr/bin:/bin", "STUB_NOTES": str(self.notes)}
        return [str(self.root / "numerek"), *words], base | environ

    def run(self, *words: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
        command, env = self.command(*words, **environ)
        return subprocess.run(
            command, env=env, cwd=cwd, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
        )

    def noted(self) -> list[str]:
        lines = self.notes.read_text().splitlines()
        self.notes.write_text("")
        return lines


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def user(machine: Machine) -> None:
    machine.put("id", "#!/bin/bash\necho 1000\n")


def test_the_first_start_sets_up_and_the_second_does_not(machine: Machine) -> None:
    first = machine.run("kiosk", "--window")
    assert first.returncode == 0, first.stderr
    made, installed, fetched, started = machine.noted()
    assert made.startswith("python venv ")
    assert "--require-hashes" in installed
    assert installed.endswith("requirements.txt")
    assert fetched.strip() == "python deploy.web"
    assert started == "python kiosk --window"
    second = machine.run("kiosk", "--window")
    assert machine.noted() == ["python kiosk --window"]
    assert second.stderr == ""


def test_a_changed_list_or_python_is_set_up_again(machine: Machine) -> None:
    machine.run("setup")
    machine.noted()
    for name in (
        "requirements/requirements.txt",
        "web/package-lock.json",
        "web/assemble.py",
        "web/altcha-start.js",
    ):
        with (machine.root / "deploy" / name).open("a") as stream:
            stream.write("# changed\n")
        machine.run("setup")
        assert [line.split()[1] for line in machine.noted()] == ["pip", "deploy.web"]
    (machine.root / ".venv/bin/python").unlink()
    machine.run("setup")
    assert [line.split()[1] for line in machine.noted()] == ["venv", "pip", "deploy.web"]


def test_tests_bring_their_own_libraries(machine: Machine) -> None:
    machine.run("setup")
    machine.noted()
    machine.run("bench", "--json", "x")
    assert [line.split("/")[-1] for line in machine.noted()] == [
        "requirements.txt",
        "requirements-test.txt",
        "python deploy.web ",
        "python bench --json x",
    ]
    machine.run("server")
    assert machine.noted() == ["python server "]


def test_two_first_starts_at_once_set_up_once(machine: Machine) -> None:
    starts = []
    for _ in range(4):
        command, env = machine.command("setup")
        starts.append(subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL))
    ends = [start.communicate(timeout=30)[1] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, ends
    assert len([line for line in machine.noted() if "pip" in line]) == 1


def test_missing_packages_are_installed_by_root(machine: Machine) -> None:
    machine.put("id", "#!/bin/bash\necho 0\n")
    done = machine.run("setup", STUB_MISSING="espeak-ng")
    updated, installed, *_ = machine.noted()
    assert updated == "apt-get -qq update"
    assert installed.endswith("--no-install-recommends espeak-ng")
    assert "installing 1 Debian packages" in done.stderr


def test_missing_packages_are_installed_by_sudo_without_a_password(machine: Machine) -> None:
    user(machine)
    machine.put("sudo", '#!/bin/bash\n[ "$1" = -n ] && shift\n"$@"\n')
    machine.run("setup", STUB_MISSING="espeak-ng")
    assert machine.noted()[0] == "apt-get -qq update"


def test_without_rights_the_missing_packages_are_named_and_it_goes_on(machine: Machine) -> None:
    user(machine)
    done = machine.run("setup", STUB_MISSING="fonts-*")
    assert "missing Debian packages: fonts-dejavu-core fonts-inter fonts-noto-core" in done.stderr
    assert "apt-get install fonts-dejavu-core fonts-inter fonts-noto-core" in done.stderr
    assert done.returncode == 0
    assert not any(line.startswith("apt-get") for line in machine.noted())


def test_nothing_missing_asks_apt_nothing(machine: Machine) -> None:
    machine.run("setup", "--test")
    assert not any(line.startswith("apt-get") for line in machine.noted())


@pytest.mark.parametrize("words", [("demo", "--cluster"), ("setup", "--test")])
def test_a_cluster_and_the_tests_bring_its_engines(machine: Machine, words: tuple[str, ...]) -> None:
    machine.put("id", "#!/bin/bash\necho 0\n")
    machine.run(*words, STUB_MISSING="patroni")
    assert any(line.endswith("--no-install-recommends patroni") for line in machine.noted())


def test_the_demo_alone_brings_no_engines(machine: Machine) -> None:
    machine.put("id", "#!/bin/bash\necho 0\n")
    machine.run("demo", "--headless", STUB_MISSING="patroni")
    assert not any(line.startswith("apt-get") for line in machine.noted())


def test_a_python_that_does_not_fit_is_told(machine: Machine) -> None:
    for name in ("python3.11", "python3.12", "python3.13"):
        machine.put(name, "#!/bin/bash\nexit 1\n")
    done = machine.run("server", STUB_VERSION="3.9.1")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed; here python3 is Python 3.9.1" in done.stderr


def test_a_failed_set_up_shows_why_and_is_tried_again(machine: Machine) -> None:
    for tool, why in (("PIP", "no such release"), ("WEB", "no such package")):
        done = machine.run("server", **{f"STUB_{tool}_FAILS": "1"})
        assert done.returncode == 1
        assert why in done.stderr
    assert "python server " not in machine.noted()
    assert machine.run("server").returncode == 0
    assert machine.noted()[-1] == "python server "


def test_it_works_through_a_link_and_from_elsewhere(machine: Machine, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(machine.root / "numerek")
    _, env = machine.command()
    done = subprocess.run([link, "board"], env=env, cwd="/", capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert machine.noted()[-1] == "python display_board "
    assert (machine.root / ".venv").is_dir()


@pytest.mark.parametrize(
    ("word", "module"),
    [
        ("server", "server"),
        ("kiosk", "kiosk"),
        ("board", "display_board"),
        ("counter", "counter_client"),
        ("printer", "printers"),
        ("admin", "server.admin"),
        ("demo", "deploy.demo"),
        ("dev", "deploy.dev"),
        ("doctor", "deploy.doctor"),
        ("bench", "bench"),
    ],
)
def test_each_word_starts_its_program(machine: Machine, word: str, module: str) -> None:
    machine.run(word, "one", "two words")
    assert machine.noted()[-1] == f"python {module} one two words"


@pytest.mark.parametrize("word", ["install", "uninstall"])
def test_an_installation_sets_nothing_up_in_the_folder_that_it_copies(machine: Machine, word: str) -> None:
    machine.run(word, "kiosk")
    assert machine.noted() == [f"python deploy.install {word} kiosk"]
    assert not (machine.root / ".venv").exists()


def test_help_and_wrong_words_set_nothing_up(machine: Machine) -> None:
    assert machine.run().returncode == 0
    assert "numerek demo" in machine.run("--help").stdout
    assert machine.run("kisok").returncode == 2
    assert machine.run("setup", "--tset").returncode == 1
    assert machine.noted() == []
    assert not (machine.root / ".venv").exists()


def test_the_version_is_told_without_a_set_up(machine: Machine) -> None:
    (machine.root / "wire").mkdir()
    shutil.copy(ROOT / "wire/version.py", machine.root / "wire")
    assert machine.run("--version").stdout == f"numerek {VERSION}\n"
    assert not (machine.root / ".venv").exists()


def test_an_empty_environment_is_enough(machine: Machine) -> None:
    done = subprocess.run([str(machine.root / "numerek"), "help"], env={}, capture_output=True)
    assert done.returncode == 0


@pytest.mark.parametrize("command", ["test", "setup"])
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_who_asks_for_help_starts_nothing(machine: Machine, command: str, word: str) -> None:
    asked = machine.run(command, word)
    assert (asked.returncode, machine.noted()) == (0, [])
    assert f"numerek {command}" in asked.stdout


def test_a_command_that_there_is_not_is_named(machine: Machine) -> None:
    asked = machine.run("kosik")
    assert (asked.returncode, machine.noted()) == (2, [])
    assert asked.stderr.endswith("numerek: there is no command kosik\n")
