"""Checksums and their signature, compared as docs/install.md tells an operator to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.package import __main__ as program
from deploy.package.sums import SIGNATURE, sign, write_sums
from tests.house.tracked import ROOT

if shutil.which("ssh-keygen") is None:
    if os.environ.get("CI") == "true":
        raise RuntimeError("CI has ssh-keygen: openssh-client")
    pytest.skip("ssh-keygen is not on this machine", allow_module_level=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a signed release, and the public key under which an operator knows its makers."""
    key, folder = tmp_path / "key", tmp_path / "release"
    make_key(key)
    folder.mkdir()
    (folder / "numerek_1.deb").write_bytes(b"package")
    (folder / "numerek_1.cdx.json").write_bytes(b"{}")
    sign(write_sums(folder), key)
    (folder / "numerek.keys").write_text(f"numerek {key.with_suffix('.pub').read_text()}")
    return folder


def make_key(file: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)


def compared(folder: Path) -> bool:
    """Run the words of the docs."""
    told = (ROOT / "docs/install.md").read_text()
    (block,) = re.findall(r"(?m)^```\n(ssh-keygen -Y verify[^`]*)```", told)
    return subprocess.run(["sh", "-ec", block], cwd=folder, capture_output=True).returncode == 0


def test_a_release_is_accepted_as_it_was_signed(folder: Path) -> None:
    assert compared(folder)


def test_an_altered_file_is_refused(folder: Path) -> None:
    (folder / "numerek_1.deb").write_bytes(b"Package")
    assert not compared(folder)


def test_altered_checksums_are_refused(folder: Path) -> None:
    (folder / "numerek_1.deb").write_bytes(b"Package")
    signature = (folder / SIGNATURE).read_bytes()
    write_sums(folder)
    assert not (folder / SIGNATURE).exists()  # new checksums are not signed by those before
    (folder / SIGNATURE).write_bytes(signature)
    assert not compared(folder)


def test_another_key_is_refused(folder: Path, tmp_path: Path) -> None:
    make_key(tmp_path / "other")
    sign(write_sums(folder), tmp_path / "other")
    assert not compared(folder)


def test_a_signature_for_something_else_is_refused(folder: Path, tmp_path: Path) -> None:
    sums = write_sums(folder)
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(tmp_path / "key"), "-n", "file", str(sums)]
    subprocess.run(words, check=True)
    assert (folder / SIGNATURE).exists()
    assert not compared(folder)


def test_what_several_debians_made_is_summed_and_signed_at_once(folder: Path, tmp_path: Path) -> None:
    (folder / "numerek_2.deb").write_bytes(b"two")
    assert compared(folder)  # what is not in the sums is not compared
    assert program.main(["--out", str(folder), "--sums", "--key", str(tmp_path / "key")]) == 0
    assert compared(folder)
    (folder / "numerek_2.deb").write_bytes(b"other")
    assert not compared(folder)


def test_files_of_another_debian_are_summed_too_and_the_sums_not_themselves(folder: Path) -> None:
    (folder / "numerek_2.deb").write_bytes(b"two")
    names = [line[66:] for line in write_sums(folder).read_text().splitlines()]
    # What an operator has beside the release counts as well, so it is put elsewhere.
    assert names == ["numerek.keys", "numerek_1.cdx.json", "numerek_1.deb", "numerek_2.deb"]
