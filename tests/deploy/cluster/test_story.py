"""`numerek demo --cluster` ends as it is told to, and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.cluster import story
from deploy.demo.children import ROOT
from tests.server.chaos.clusters import need_engines

PATIENCE_SECONDS = 60


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder for temporary files that the engines' account reaches too."""
    made = Path(tempfile.mkdtemp(prefix="numerek-story-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_it_ends_at_once_and_nothing_is_left(folder: Path) -> None:
    need_engines()
    demo = subprocess.Popen(
        [sys.executable, "-m", "deploy.demo", "--cluster"],
        env=os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while "patroni" not in _running_in(folder):
            assert demo.poll() is None, demo.communicate()[0]
            assert time.monotonic() < until, _running_in(folder)
            time.sleep(0.1)
        demo.send_signal(signal.SIGINT)
        said = demo.communicate(timeout=PATIENCE_SECONDS)[0]
    finally:
        demo.kill()
    assert demo.returncode == 0, said
    assert said.endswith("The cluster ends.\n")
    assert _running_in(folder) == ""
    assert list(folder.iterdir()) == []


def test_without_its_engines_it_says_which_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "missing", lambda: ["patroni", "haproxy"])
    assert story.tell() == 1
    assert (
        "patroni, haproxy not installed: see deploy/requirements/apt-cluster.txt" in capsys.readouterr().out
    )


def _running_in(folder: Path) -> str:
    """List the commands of all processes that name the folder."""
    found = subprocess.run(["pgrep", "-af", str(folder)], capture_output=True, text=True, check=False)
    return found.stdout
