"""The Debian package: the same bytes each time, what it holds and asks for, and its life in a folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from deploy.install.doing import PARTS
from deploy.package import __main__ as program
from deploy.package.debian import SCRIPTS
from deploy.package.debian import release as debian_release
from deploy.package.libraries import NOT_SHIPPED, NotWhole, files, installed, locked, whole
from deploy.package.tree import Source
from tests.deploy.package.conftest import line_of
from tests.house.test_requirements import LISTS, normal
from tests.house.test_requirements import locked as locked_entries
from tests.house.tracked import ROOT, tracked_files
from wire.settings import load_settings
from wire.version import VERSION

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="this is not Debian")
URL = "https://numerek.example.org"


@pytest.fixture(scope="module")
def package(release: Path) -> Path:
    (file,) = release.glob("*.deb")
    return file


def run(*words: str | Path, **environ: str) -> str:
    done = subprocess.run(
        [str(word) for word in words], env=os.environ | environ, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_made_twice_in_two_folders_at_two_times_it_is_the_same_byte_for_byte(
    few: Source, package: Path, tmp_path: Path
) -> None:
    (again, *_) = program.make(few, tmp_path / "elsewhere" / "deeper")
    assert again.name == package.name
    assert again.read_bytes() == package.read_bytes()


def test_it_tells_its_version_and_what_it_needs(package: Path, few: Source) -> None:
    told = run("dpkg-deb", "--field", package)
    fields = dict(line.split(": ", 1) for line in told.splitlines() if not line.startswith(" "))
    assert "@" not in told.replace("maintainers@", "")
    assert (fields["Package"], fields["Version"]) == ("numerek", f"{VERSION}+{debian_release()}")
    wanted = {line.split("#")[0].strip() for line in (LISTS / "apt.txt").read_text().splitlines()} - {""}
    assert wanted | {f"python{few.python}", "systemd"} <= set(fields["Depends"].split(", "))
    assert "gcc" not in fields["Depends"]
    assert int(fields["Installed-Size"]) > 5000


def test_it_holds_the_programs_their_libraries_and_nothing_of_whoever_made_it(package: Path) -> None:
    listed = [line.split(maxsplit=5) for line in run("dpkg-deb", "--contents", package).splitlines()]
    assert {owner for _, owner, *_ in listed} == {"root/root"}
    assert {mode for mode, *_ in listed} == {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}
    names = {entry[5].partition(" -> ")[0] for entry in listed}
    home = "./opt/numerek/"
    kept = {f"{home}{file}" for file in tracked_files() if file.parts[0] in PARTS}
    assert kept - names == set()
    ours = {name for name in names if name.startswith(home) and not name.endswith("/")}
    assert {n for n in ours - kept if ".venv/" not in n} == {f"{home}.packaged"}
    assert {name for name in names if "__pycache__" in name or name.endswith(("/RECORD", ".pyc"))} == set()
    assert f"{home}.venv/web/site/govuk-frontend.css" in names
    assert any(name.endswith("site-packages/itsdangerous/signer.py") for name in names)
    elsewhere = {name for name in names if not name.startswith(home) and not name.endswith("/")}
    documents = {f"./usr/share/doc/numerek/{name}" for name in ("changelog.gz", "copyright")}
    assert elsewhere == documents | {"./usr/bin/numerek"}


def test_its_sums_are_those_of_its_files(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "-R", package, tmp_path)
    sums = tmp_path / "DEBIAN/md5sums"
    done = subprocess.run(
        ["md5sum", "--quiet", "--check", "DEBIAN/md5sums"], cwd=tmp_path, capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, b"")
    inside = {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file() and not f.is_symlink()}
    assert {line[34:] for line in sums.read_text().splitlines()} == {n for n in inside if n[:6] != "DEBIAN"}


def test_all_that_is_locked_but_node_is_shipped() -> None:
    text = (LISTS / "requirements.txt").read_text()
    names = {normal(each.name) for each in locked(text)}
    conditional = {name for name, rest in locked_entries(text).items() if " ; " in rest}
    assert set(locked_entries(text)) - names - conditional == NOT_SHIPPED
    assert names <= set(locked_entries(text))


def test_what_is_missing_or_of_another_version_is_told() -> None:
    with pytest.raises(NotWhole, match=r"itsdangerous==0\.1 is locked, installed is version"):
        program.source_of(ROOT, "itsdangerous==0.1 \\\n    --hash=sha256:00\n")
    with pytest.raises(NotWhole, match="installed is nothing"):
        installed(locked("no-such-library==1.0\n"), Path("/nonexistent"))


def test_a_library_that_came_without_a_list_of_its_files_is_not_shipped(tmp_path: Path) -> None:
    about = tmp_path / "old-1.0.egg-info"
    about.mkdir()
    (about / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    (about / "SOURCES.txt").write_text("LICENSE-MIT\n")
    with pytest.raises(NotWhole, match="old has no list of its files"):
        installed(locked("old==1.0\n"), tmp_path)


def test_a_file_that_was_changed_after_its_installation_is_not_shipped(few: Source, tmp_path: Path) -> None:
    (library,) = (each for each in few.libraries if each.name == "itsdangerous")
    site = Path(str(library.locate_file("")))
    for file in files(library):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / file, tmp_path / file)
    about = next(each for each in library.files or () if each.name == "RECORD").parent
    shutil.copy(site / about / "RECORD", tmp_path / about)
    copy = PathDistribution(tmp_path / about)
    assert sum(len(whole(file)) for file in files(copy)) > 10_000
    (tmp_path / "itsdangerous/signer.py").write_text("# changed\n")
    with pytest.raises(NotWhole, match=r"itsdangerous/signer\.py was changed"):
        [whole(file) for file in files(copy)]


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_of_the_package_can_be_read_by_the_shell(script: str) -> None:
    run("sh", "-n", ROOT / "deploy/debian" / script)
    assert "set -e\n" in (ROOT / "deploy/debian" / script).read_text()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a folder that stands for a bare Debian: apt knows nothing there yet."""
    root = tmp_path / "root"
    for folder in ("etc", "var/lib/dpkg/updates", "var/lib/dpkg/info", "usr/bin"):
        (root / folder).mkdir(parents=True)
    for name in ("status", "available"):
        (root / "var/lib/dpkg" / name).touch()
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    return root


def dpkg(root: Path, *words: str | Path) -> str:
    return run(
        "dpkg",
        f"--root={root}",
        "--force-script-chrootless",
        "--force-depends",
        "--force-unsafe-io",
        "--log=/dev/null",
        *words,
    )


def numerek(root: Path, *words: str) -> str:
    return run(root / "opt/numerek/numerek", *words, "--root", root)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")
@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not on this machine")
def test_another_version_renews_the_roles_removed_the_data_stay_and_purged_nothing(
    root: Path, package: Path, tmp_path: Path
) -> None:
    dpkg(root, "-i", package)
    assert not (root / "etc/systemd").exists()  # nothing starts that nobody asked for
    numerek(root, "install", "server", "--server", URL)
    numerek(root, "install", "kiosk", "--server", URL)
    settings = root / "etc/numerek/config.toml"
    settings.write_text(settings.read_text().replace("[server]\n", "[server]\n# ours\n"))
    (root / "var/lib/numerek/numerek.db").write_text("data")
    unit = root / "etc/systemd/system/numerek-server.service"
    text = unit.read_text()
    unit.write_text("# of the version before\n")
    run("dpkg-deb", "-R", package, tmp_path / "next")
    control = tmp_path / "next/DEBIAN/control"
    control.write_text(control.read_text().replace(f"Version: {VERSION}", f"Version: {VERSION}.1"))
    run("dpkg-deb", "-Znone", "--build", tmp_path / "next", tmp_path / "next.deb")
    dpkg(root, "-i", tmp_path / "next.deb")
    assert unit.read_text() == text
    assert "# ours\n" in settings.read_text()
    assert load_settings(settings, {}).server.public_url == URL
    dpkg(root, "--remove", "numerek")
    assert not (root / "opt/numerek").exists()
    assert not unit.exists()
    assert (root / "var/lib/numerek/numerek.db").read_text() == "data"
    assert settings.exists()
    dpkg(root, "--purge", "numerek")
    left = {str(file.relative_to(root)) for file in root.rglob("*") if "numerek" in file.name}
    assert left == set()
    assert "numerek" not in (root / "etc/passwd").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")
@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd is not on this machine")
def test_a_role_that_cannot_be_renewed_and_a_version_that_cannot_be_unpacked_leave_the_others_running(
    root: Path, package: Path, tmp_path: Path
) -> None:
    dpkg(root, "-i", package)
    numerek(root, "install", "server", "--server", URL)
    unit, broken = (
        root / "etc/systemd/system/numerek-server.service",
        root / "var/lib/numerek-install/board.json",
    )
    unit.unlink()
    broken.write_text("{")  # the board comes before the server
    with pytest.raises(AssertionError, match=r"not brought up to date: board\."):
        dpkg(root, "-i", package)
    assert unit.exists()
    broken.unlink()
    dpkg(root, "--configure", "numerek")
    run("dpkg-deb", "-R", package, tmp_path / "next")
    (tmp_path / "next/DEBIAN/preinst").write_text("#!/bin/sh\nexit 1\n")
    run("dpkg-deb", "-Znone", "--build", tmp_path / "next", tmp_path / "next.deb")
    unit.unlink()  # what stands for its being stopped before the new version came
    with pytest.raises(AssertionError, match="pre-installation"):
        dpkg(root, "-i", tmp_path / "next.deb")
    assert unit.exists()
    assert "ok installed" in (root / "var/lib/dpkg/status").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root installs packages")
def test_programs_that_were_copied_by_hand_are_not_overwritten(root: Path, package: Path) -> None:
    (root / "opt/numerek").mkdir(parents=True)
    (root / "opt/numerek/numerek").write_text("by hand")
    with pytest.raises(AssertionError, match="was not put there by apt"):
        dpkg(root, "-i", package)
    assert (root / "opt/numerek/numerek").read_text() == "by hand"


def test_a_packaged_folder_is_never_set_up_again(few: Source, tmp_path: Path) -> None:
    shutil.copy(ROOT / "numerek", tmp_path)
    (tmp_path / ".packaged").touch()
    done = subprocess.run([tmp_path / "numerek", "bench"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "here Numerek is a Debian package" in done.stderr
    run(tmp_path / "numerek", "setup")
    assert not (tmp_path / ".venv").exists()


def test_what_is_not_one_line_of_the_lock_is_not_taken_for_one() -> None:
    (one,) = locked(line_of("itsdangerous") + "\n    --hash=sha256:00\n    # via flask\n")
    assert one.name == "itsdangerous"
