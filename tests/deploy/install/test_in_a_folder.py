"""An installation into a folder that stands for a machine: done, done again, broken off, and taken back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.install import __main__ as program
from deploy.install import doing
from deploy.install.machine import Machine
from deploy.install.plan import CONFIG, SCREENS
from tests.house.tracked import ROOT
from wire.settings import load_settings

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="owners of files are given by root only"),
    pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not on this machine"),
]
URL = "https://numerek.example.org"
# What Debian's packages and the set-up bring, which a folder does not get.
BROUGHT = ("usr/bin/cage", "opt/numerek/.venv/bin/python")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with the accounts of a bare Debian; the project is a few of its files."""
    source = tmp_path / "project"
    for part in ("deploy/systemd", "deploy/install", "deploy/requirements", "deploy/kiosk"):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("config.toml", "numerek"):
        shutil.copy(ROOT / part, source)
    monkeypatch.setattr(program, "SOURCE", source)
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/passwd").write_text(
        "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"
    )
    (tmp_path / "root/etc/group").write_text("root:x:0:\nanna:x:1000:\n")
    return tmp_path / "root"


def run(root: Path, *words: str) -> int:
    return program.main([*words, "--root", str(root)])


def install(root: Path, role: str) -> int:
    return run(root, "install", role, "--server", URL, *(["--user", "anna"] if role == "counter" else []))


def contents(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Give mode, owner and text of all files and links."""
    found = {}
    for file in sorted(root.rglob("*")):
        text = (
            os.readlink(file).encode() if file.is_symlink() else file.read_bytes() if file.is_file() else b""
        )
        found[str(file.relative_to(root))] = (file.lstat().st_mode, file.lstat().st_uid, text)
    return found


@pytest.mark.parametrize("role", ["server", "kiosk", "board", "counter"])
def test_a_second_time_changes_nothing(root: Path, role: str) -> None:
    assert install(root, role) == 0
    once = contents(root)
    assert install(root, role) == 0
    assert contents(root) == once


@pytest.mark.parametrize("role", ["server", *SCREENS])
def test_the_units_can_be_started_by_systemd(root: Path, role: str) -> None:
    install(root, role)
    link = root / f"etc/systemd/system/multi-user.target.wants/numerek-{role}.service"
    assert link.is_symlink()
    for name in BROUGHT:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch(0o755)
    assert verified(root, role) == []


def test_a_unit_that_cannot_be_started_is_found(root: Path) -> None:
    install(root, "server")
    assert "python is not executable" in " ".join(verified(root, "server"))


def verified(root: Path, role: str) -> list[str]:
    """List what systemd has to say against the unit of a role."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={root}", f"numerek-{role}.service"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    # The units of the system itself are not in the folder.
    about = [line for line in done.stderr.splitlines() if f"numerek-{role}" in line]
    return [line for line in about if not re.search(r"Unit [\w@.-]+ not found", line)]


def test_a_kiosk_has_its_account_its_settings_and_its_screen_to_itself(root: Path) -> None:
    install(root, "kiosk")
    settings = load_settings(root / CONFIG.relative_to("/"), {}).kiosk
    assert (settings.server_url, str(settings.token_file)) == (URL, "/var/lib/numerek-kiosk/token")
    (line,) = (
        line for line in (root / "etc/passwd").read_text().splitlines() if line.startswith("numerek-kiosk:")
    )
    data = (root / "var/lib/numerek-kiosk").stat()
    assert (data.st_uid, data.st_mode & 0o777) == (int(line.split(":")[2]), 0o700)
    for unit in ("getty@tty1.service", "ctrl-alt-del.target"):
        assert os.readlink(root / "etc/systemd/system" / unit) == "/dev/null"
    assert os.access(root / "opt/numerek/numerek", os.X_OK)


def test_programs_are_read_by_every_account_whatever_their_rights_were(root: Path) -> None:
    (program.SOURCE / "config.toml").chmod(0o600)
    (program.SOURCE / "numerek").chmod(0o700)
    (program.SOURCE / "deploy").chmod(0o700)
    install(root, "board")
    modes = {
        name: (root / "opt/numerek" / name).stat().st_mode & 0o777
        for name in ("config.toml", "numerek", "deploy")
    }
    assert modes == {"config.toml": 0o644, "numerek": 0o755, "deploy": 0o755}


def test_an_environment_that_is_made_comes_along_once(root: Path) -> None:
    made = program.SOURCE / ".venv"
    made.mkdir()
    (made / "run.stamp").write_text("first")
    install(root, "board")
    (made / "run.stamp").write_text("second")
    install(root, "board")
    assert (root / "opt/numerek/.venv/run.stamp").read_text() == "first"


def test_the_list_of_scanners_that_an_operator_changed_is_kept(root: Path) -> None:
    install(root, "kiosk")
    rules = root / "etc/udev/rules.d/71-numerek-kiosk.rules"
    rules.write_text("# ours\n")
    sysctl = root / "etc/sysctl.d/60-numerek-kiosk.conf"
    sysctl.write_text("kernel.sysrq = 1\n")
    install(root, "kiosk")
    assert rules.read_text() == "# ours\n"
    assert "kernel.sysrq = 0" in sysctl.read_text()


def test_the_list_of_scanners_that_an_operator_changed_goes_only_with_the_settings(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(root, "kiosk")
    rules = root / "etc/udev/rules.d/71-numerek-kiosk.rules"
    rules.write_text("# ours\n")
    assert run(root, "uninstall", "kiosk") == 0
    assert rules.read_text() == "# ours\n"
    assert "71-numerek-kiosk.rules: `--purge` takes them away" in capsys.readouterr().err
    install(root, "kiosk")
    assert run(root, "uninstall", "kiosk", "--purge") == 0
    assert not rules.exists()


def test_a_file_that_is_written_anew_keeps_its_owner_and_rights(tmp_path: Path) -> None:
    file = tmp_path / "etc/numerek/config.toml"
    machine = Machine(tmp_path, tmp_path)
    machine.put(b"old", Path("/etc/numerek/config.toml"))
    os.chown(file, 1000, 1001)
    file.chmod(0o640)
    machine.put(b"new", Path("/etc/numerek/config.toml"))
    found = file.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 1001, 0o640)
    assert file.read_bytes() == b"new"


def test_settings_of_an_operator_are_kept(root: Path) -> None:
    file = root / CONFIG.relative_to("/")
    file.parent.mkdir()
    file.write_text(
        '# ours\n[kiosk]\nidle_seconds = 90\nserver_url = "http://old.example.org"\n[log]\nlevel = "debug"\n'
    )
    file.chmod(0o640)
    install(root, "kiosk")
    settings = load_settings(file, {})
    assert (settings.kiosk.idle_seconds, settings.kiosk.server_url, settings.log.level) == (90, URL, "debug")
    assert file.read_text().startswith("# ours\n")
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("role", ["server", "kiosk", "board", "counter"])
def test_uninstall_takes_all_back_but_data_and_settings(root: Path, role: str) -> None:
    install(root, role)
    folder = "numerek" if role == "server" else f"numerek-{role}"
    (root / "var/lib" / folder / "token").write_text("kept")
    assert run(root, "uninstall", role) == 0
    left = {name for name, (mode, _, _) in contents(root).items() if not mode & 0o040000}
    kept = {"etc/numerek/config.toml", f"var/lib/{folder}/token"}
    assert {name for name in left if not re.match(r"etc/(passwd|group|shadow|gshadow|\.pwd)", name)} == kept
    assert run(root, "uninstall", role) == 1


@pytest.mark.parametrize("role", ["server", "kiosk", "board", "counter"])
def test_purged_nothing_is_left(root: Path, role: str) -> None:
    install(root, role)
    assert run(root, "uninstall", role, "--purge") == 0
    files = {name for name, (mode, _, _) in contents(root).items() if not mode & 0o040000}
    assert {name for name in files if not name.startswith("etc/")} == set()
    assert not (root / "etc/numerek").exists()
    assert "numerek" not in (root / "etc/passwd").read_text()
    assert "anna" in (root / "etc/passwd").read_text()


def test_what_two_roles_share_stays_until_the_last(root: Path) -> None:
    install(root, "server")
    install(root, "board")
    assert run(root, "uninstall", "board", "--purge") == 0
    assert (root / "opt/numerek/numerek").exists()
    assert load_settings(root / CONFIG.relative_to("/"), {}).server.public_url == URL
    assert run(root, "uninstall", "server", "--purge") == 0
    assert not (root / "opt/numerek").exists()


def test_renewed_a_role_has_the_files_of_the_programs_and_its_settings_stay(
    root: Path, tmp_path: Path
) -> None:
    office = tmp_path / "office.toml"
    office.write_text("# of the first day\n")
    assert run(root, "install", "server", "--server", URL, "--office", str(office)) == 0
    # What the operator has changed since, as for a cluster: it is not what was installed any more.
    settings = root / CONFIG.relative_to("/")
    text = settings.read_text().replace('["127.0.0.1"]', '["10.0.0.5", "10.0.0.6"]')
    settings.write_text(
        re.sub(r"(?m)^secrets_file = .*$", 'secrets_file = "credential:numerek.key"', text, count=1)
    )
    (root / "etc/systemd/system/timers.target.wants/numerek-backup.timer").unlink()
    before = contents(root)
    assert b"10.0.0.6" in before["etc/numerek/config.toml"][2]
    office.unlink()
    (root / "etc/systemd/system/numerek-server.service").write_text("# old\n")
    assert run(root, "renew", "server") == 0
    assert contents(root) == before
    assert run(root, "renew", "board") == 1


def test_what_was_masked_before_stays_masked(root: Path) -> None:
    (root / "etc/systemd/system").mkdir(parents=True)
    (root / "etc/systemd/system/getty@tty1.service").symlink_to("/dev/null")
    install(root, "kiosk")
    run(root, "uninstall", "kiosk", "--purge")
    assert (root / "etc/systemd/system/getty@tty1.service").is_symlink()


def test_a_step_that_fails_says_where_and_what_is_done_and_can_be_taken_back(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "var/lib").mkdir(parents=True)
    (root / "var/lib/numerek-kiosk").write_text("a file in the way")
    assert install(root, "kiosk") == 1
    said = capsys.readouterr().err
    assert f"data in /var/lib/numerek-kiosk: {root}/var/lib/numerek-kiosk: File exists" in said
    assert "Done before: " in said
    assert "account numerek-kiosk.\n" in said
    assert not (root / "etc/systemd").exists()
    assert run(root, "uninstall", "kiosk", "--purge") == 0
    assert not (root / "opt/numerek").exists()
    (root / "var/lib/numerek-kiosk").unlink(missing_ok=True)
    assert install(root, "kiosk") == 0


def test_a_broken_copy_of_the_programs_leaves_the_old_ones(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(root, "kiosk")
    before = (root / "opt/numerek/numerek").read_text()
    (program.SOURCE / "numerek").write_text("# newer\n")

    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(doing, "_copy", full)
    assert install(root, "kiosk") == 1
    assert (root / "opt/numerek/numerek").read_text() == before
    monkeypatch.undo()
    monkeypatch.setattr(program, "SOURCE", root.parent / "project")
    assert install(root, "kiosk") == 0
    assert (root / "opt/numerek/numerek").read_text() == "# newer\n"


def test_a_dry_run_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(root)
    assert run(root, "install", "kiosk", "--server", URL, "--enrol", "ABCD", "--dry-run") == 0
    assert contents(root) == before
    told = capsys.readouterr().out
    assert "enrolment" in told
    assert "ABCD" not in told
