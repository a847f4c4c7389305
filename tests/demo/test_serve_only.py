"""`numerek demo --serve-only` as a script starts it: its mistakes told in words, its folder kept to itself."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

HOST = "127.0.0.1"


def serve_only(data: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Start the server, which is to give up at once."""
    command = [sys.executable, "-m", "deploy.demo", "--serve-only", "--data", str(data), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("port", ["65536", "99999", "-1", "http", "٨٠٨٠"])
def test_what_is_no_port_is_named(tmp_path: Path, port: str) -> None:
    done = serve_only(tmp_path / "data", f"--port={port}")
    assert done.returncode == 2
    assert f"{port!r} is no port" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_named_and_the_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        done = serve_only(data, "--port", str(port))
    assert (done.returncode, done.stderr) == (1, f"numerek demo: port {port} is taken\n")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (data, *data.iterdir())}
    assert {name for name, mode in modes.items() if mode & 0o077} == set()
    assert "numerek.db" in modes
