"""What an installation refuses before it changes anything, in a sentence."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from deploy.install import __main__ as program
from deploy.install import doing
from deploy.install import record as records
from deploy.install.machine import HERE, Machine, StepFailed
from deploy.install.plan import SYSTEM_UNITS
from deploy.install.record import Record
from deploy.install.steps import Answers, Command, Enable, Packages, Stop
from deploy.install.undoing import undo


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(HERE, tmp_path)


@pytest.mark.parametrize("words", [["install", "kiosk", "--server", "http://x"], ["uninstall", "kiosk"]])
def test_only_root_changes_a_machine(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert program.main(words) == 1
    assert "sudo ./numerek" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["numerek.example.org", "ftp://numerek.example.org", "https://", ""])
def test_an_address_is_a_web_address(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["install", "kiosk", "--server", url])
    assert ended.value.code == 2
    assert "no address such as" in capsys.readouterr().err


def test_a_counter_needs_a_clerk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert program.main(["install", "counter", "--server", "http://x", "--dry-run"]) == 1
    assert "--user NAME" in capsys.readouterr().err


def test_what_was_not_installed_is_not_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["uninstall", "board", "--root", str(tmp_path)]) == 1
    assert "there is no board here" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_told(machine: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(StepFailed, match=f"127.0.0.1:{port} does not answer: .*refused"):
        doing.do(Answers(f"http://127.0.0.1:{port}"), machine, Record("kiosk", ""))


def test_a_code_is_not_spent_again_where_a_token_is(machine: Machine, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.touch()
    step = Command("enrolment", "nobody-of-this-name", ("-m", "terminal"), made=token)
    assert "not again" in doing.do(step, machine, Record("kiosk", ""))


def test_what_this_process_imports_from_is_not_handed_on(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "PYTHONSAFEPATH"):
        monkeypatch.setenv(name, "1")
    assert not any(line.startswith("PYTHON") for line in machine.run("env").splitlines())


class Played(Machine):
    """A machine with systemd that only notes the commands, and has one package of three."""

    def runs_systemd(self) -> bool:
        return True

    def place(self, path: Path) -> Path:
        return self.source / path.relative_to("/")

    def run(self, *words: str, cwd: Path | None = None, shown: bool = False) -> str:
        if words[0] == "dpkg-query":
            return "installed cage \nconfig-files seatd \ninstalled libcups2t64 libcups2 (= 2.4.10-3)\n"
        noted.append(words)
        if words[-1] == "update":
            raise StepFailed("no network")
        return ""


noted: list[tuple[str, ...]] = []


def test_only_missing_packages_are_installed_and_noted_also_without_a_network(tmp_path: Path) -> None:
    (tmp_path / doing.LISTS).mkdir(parents=True)
    (tmp_path / doing.LISTS / "apt.txt").write_text("cage # one\nseatd\npulseaudio # three\nlibcups2\n")
    kept = Record("kiosk", "", packages=["espeak-ng"])
    noted.clear()
    doing.do(Packages(("apt.txt",)), Played(HERE, tmp_path), kept)
    assert noted[-1][-2:] == ("pulseaudio", "seatd")
    assert kept.packages == ["espeak-ng", "pulseaudio", "seatd"]


def test_packages_are_let_go_with_the_last_role_also_those_of_the_first(tmp_path: Path) -> None:
    step, machine = Packages(("apt.txt",)), Played(HERE, tmp_path)
    first = Record("board", "", packages=["cage"], copied=True)
    for each in (first, Record("kiosk", "", packages=["seatd"])):
        records.write(tmp_path, each)
    noted.clear()
    assert undo(step, machine, first, purge=True, is_last=False) == ""
    assert noted == []
    records.forget(tmp_path, "board")
    last = records.read(tmp_path, "kiosk")
    assert (last.packages, last.copied) == (["cage", "seatd"], True)
    assert "2 Debian packages" in undo(step, machine, last, purge=False, is_last=True)
    assert noted == [("apt-mark", "auto", "cage", "seatd")]
    records.forget(tmp_path, "kiosk")
    assert not records.file_of(tmp_path, "kiosk").parent.exists()


def test_a_record_that_cannot_be_written_whole_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Record("kiosk", "http://x")
    records.write(tmp_path, before)

    def full(file: Path, text: str, *_: object) -> None:
        file.write_bytes(text[:9].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        records.write(tmp_path, Record("kiosk", "http://y"))
    assert records.read(tmp_path, "kiosk") == before


def test_units_start_now_and_stand_still_while_their_programs_are_exchanged(tmp_path: Path) -> None:
    machine, kept, units = Played(HERE, tmp_path), Record("kiosk", ""), ("numerek-kiosk.service",)
    noted.clear()
    doing.do(Stop(units), machine, kept)
    assert noted == []  # the first time nothing runs
    doing.do(Enable(units), machine, kept)
    file = machine.place(SYSTEM_UNITS / units[0])
    file.parent.mkdir(parents=True)
    file.touch()
    doing.do(Stop(units), machine, kept)
    undo(Enable(units), machine, kept, purge=False, is_last=True)
    words = [" ".join(each[2:]) for each in noted]
    assert words == [
        *(f"enable {units[0]}", "daemon-reload", f"restart {units[0]}", f"stop {units[0]}"),
        f"disable --now {units[0]}",
    ]
