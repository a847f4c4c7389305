"""`numerek test --on`: what is no name of a release is refused before anything is made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "test_on.sh"


@pytest.mark.parametrize("release", ["", "--inside-out", "../trixie", "trixie/", "Trixie"])
def test_only_the_name_of_a_release_is_taken(release: str, tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", str(SCRIPT), release], env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "the name of a Debian release" in done.stderr
